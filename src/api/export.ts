import { compressionByName } from '../../formats/locations/open-sink.js';
import { standardOutput } from '../../formats/locations/standard-output.js';
import { createAtomicFile } from '../content/atomic-file.js';
import type { ByteSource } from '../content/byte-source.js';
import { gzipParallel } from '../content/gzip-parallel.js';
import { lentBytes } from '../content/lent-chunk.js';
import { writeFully } from '../content/write-fully.js';
import { zstdCompress } from '../content/zstd-compress.js';
import type { Digest } from '../content/digest.js';
import type { ReadLayerOptions } from '../filesystem/image-layer.js';
import type { WrittenTar } from '../filesystem/write-tree-tar.js';
import { shownLocation } from '../image/location-url.js';
import { exportFilesystem, exportToScratch, type ExportFilesystemOptions } from '../operations/export-filesystem.js';
import type { LayeredImage } from '../operations/image-layers.js';
import { openLayeredImage } from './open-layers.js';
import { PATH, TEXT } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import { requireFileName } from './output-location.js';
import { refuseOwnImage } from './refuse-own-image.js';
import { Session } from './session.js';

export interface ExportOptions extends CommonOptions {
  readonly location: string;
  /** The tar to write; `-` is standard output; a name that ends in .gz, .tgz or .zst compresses it. An existing file is replaced, but not the image itself. */
  readonly output: string;
  readonly platform?: string | undefined;
  /**
   * `layers` (default): files with content first, those of the top layer before those of the one below, then the other names, then folders, each
   * after what is in it; each layer is read once. `path`: everything by path, so that the bytes depend on the files alone, however the image is layered; each layer is read twice.
   */
  readonly order?: 'layers' | 'path' | undefined;
  /** Stream for `-` as output. Default: `process.stdout`. */
  readonly stdout?: NodeJS.WritableStream | undefined;
}

export interface ExportResult {
  readonly location: string;
  /** Of the image's manifest. */
  readonly digest: Digest;
  readonly output: string;
  readonly entries: number;
  /** Bytes of the tar, before any compression. */
  readonly bytes: number;
}

/**
 * Writes the files of an image as one tar, as `docker create` and `docker export` would, without a container. The bytes depend on
 * the uncompressed layers alone, with `order: 'path'` on what a container sees alone. Every layer is proven before the output gets its name.
 * Throws `usage` when the output is the image itself, or no file.
 */
export function exportImage(options: ExportOptions): Promise<ExportResult> {
  return Session.call(options, { location: TEXT, output: PATH }, async (session) => {
    const { location, output, order = 'layers', signal, onProgress } = options;
    requireFileName(output);
    await refuseOwnImage(location, output);
    const image = await openLayeredImage(session, location, options.platform);
    const work = { order, signal, onProgress, limits: session.limits };
    const { entries, bytes } = await write(image, options, work);
    return { location: shownLocation(location), digest: image.image.descriptor.digest, output, entries, bytes };
  });
}

async function write(image: LayeredImage, { output, stdout }: ExportOptions, work: ExportFilesystemOptions): Promise<WrittenTar> {
  if (output !== '-' && compressionByName(output) === 'none') {
    const file = await createAtomicFile(output, { overwrite: true });
    try {
      const exported = await exportFilesystem(image, file.handle, output, work);
      await file.commit();
      return exported;
    } finally {
      await file.discard();
    }
  }
  const { tar, ...exported } = await exportToScratch(image, work);
  try {
    if (output === '-') await standardOutput(tar.stream(undefined, work.signal), stdout ?? process.stdout, work.signal);
    else await intoCompressed(tar, output, work);
    return exported;
  } finally {
    await tar.close();
  }
}

async function intoCompressed(tar: ByteSource, output: string, { signal }: ReadLayerOptions): Promise<void> {
  const chunks = tar.stream(undefined, signal);
  const packed = compressionByName(output) === 'gzip' ? gzipParallel(chunks, { lent: true, signal }) : zstdCompress(chunks, { signal });
  const file = await createAtomicFile(output, { overwrite: true });
  try {
    let offset = 0;
    for await (const chunk of packed) {
      await writeFully(file.handle, lentBytes(chunk), offset, output);
      offset += chunk.length;
    }
    await file.commit();
  } finally {
    await file.discard();
  }
}
