import type { ByteSource } from '../src/content/byte-source.js';
import { AGE_HEAD, isAge } from '../src/crypto/encrypt/age/detect.js';
import type { DecryptionOptions } from '../src/crypto/encrypt/age/read-identities.js';
import { sniffCompression } from '../src/content/compression.js';
import { openFileSource } from '../src/content/file-source.js';
import { keptHead } from '../src/content/kept-head.js';
import { ImgkitError } from '../src/errors.js';
import type { ImageSource } from '../src/image/image-source.js';
import type { Limits } from '../src/limits.js';
import type { WorkOptions } from '../src/progress.js';
import { BLOCK } from '../src/tar/block.js';
import { readTarIndex } from '../src/tar/tar-index.js';
import { ArchiveBlobs } from './archive-blobs.js';
import type { Archive } from './archive.js';
import { detectFormat } from './detect.js';
import { refuseForeignCompression } from './foreign-compression.js';
import { openDockerArchive } from './docker-archive-source.js';
import { openHybrid } from './hybrid-source.js';
import { openOciArchive } from './oci-archive-source.js';

/** What {@link OpenArchiveOptions.prove} may come to. */
export interface Proof {
  readonly whole: Promise<void>;
  readonly unchanged: () => Promise<void>;
}

export interface OpenArchiveOptions extends WorkOptions {
  readonly limits: Limits;
  /** As the user typed the location; default: the path. */
  readonly location?: string;
  /** Read a hybrid archive as this and ignore its other half. */
  readonly as?: 'docker-archive' | 'oci-archive' | undefined;
  /**
   * Gets the open file before anything in it is read; throws when it is not to be read. The promise that it may come to is that of the
   * last byte: what is not read in place (compressed, encrypted) waits for it here, and asks when it was read whether somebody wrote to it;
   * else whoever writes the images does.
   */
  readonly prove?: ((file: ByteSource) => Promise<Proof | undefined>) | undefined;
  /** For streams: passes the bytes on and fails at their end when they are not to be read; before that nobody looks at them. */
  readonly proveChunks?: ((chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>) | undefined;
  /** What opens an encrypted archive. */
  readonly decryption?: DecryptionOptions | undefined;
}

/**
 * Opens the archive at `path`, whatever its dialect, with gzip or zstd around it or not.
 * An uncompressed one is read in place; a compressed one is spooled once to a private temporary file, and an encrypted one
 * (age) too: it is read only after all of it was proven.
 * The caller closes the source. Throws `format-unknown`, `tar-malformed`, `document-malformed`,
 * `decryption-refused`, `ciphertext-malformed`...
 */
export async function openArchiveFile(path: string, options: OpenArchiveOptions): Promise<ImageSource> {
  return openStored(await openFileSource(path, options.location ?? path), options);
}

/** As {@link openArchiveFile} for an open file, here or at a host. Closing the result closes it; so does a failure. */
export async function openStored(stored: ByteSource, options: OpenArchiveOptions): Promise<ImageSource> {
  try {
    const proof = await options.prove?.(stored);
    const file = keptHead(stored);
    const head = await file.read(0, Math.min(AGE_HEAD, file.size));
    const encrypted = isAge(head);
    if (!encrypted) refuseForeignCompression(head, file.name);
    if (!encrypted && sniffCompression(head) === 'none') return await openArchive(file, options);
    return await (await import('./open-packed.js')).openPacked(file, head, proof, options);
  } catch (error) {
    await stored.close();
    throw error;
  }
}

/** Opens the uncompressed archive in `source`; closing the result closes it. */
export async function openArchive(source: ByteSource, options: OpenArchiveOptions): Promise<ImageSource> {
  if (source.size === 0) throw new ImgkitError('format-unknown', `${source.name}: is empty; ${source.name === 'stdin' ? 'what should have written to it wrote nothing' : 'it may have been cut in transfer, so copy it again'}.`, { file: source.name, offset: 0 });
  if (!looksLikeTar(await source.read(0, Math.min(BLOCK, source.size)))) {
    throw new ImgkitError('format-unknown', `${source.name}: neither a tar archive nor one inside gzip or zstd; it is no image archive, or its first bytes are damaged.`, { file: source.name, offset: 0 });
  }
  const archive: Archive = {
    source,
    location: options.location ?? source.name,
    index: await readTarIndex(source, options.limits),
    blobs: new ArchiveBlobs(source),
    limits: options.limits,
  };
  const format = detectFormat(archive);
  if (format === 'docker-archive' || (format === 'hybrid' && options.as === 'docker-archive')) return openDockerArchive(archive);
  if (format === 'oci-archive' || options.as === 'oci-archive') return openOciArchive(archive);
  return openHybrid(archive);
}

/** Any sign of a first header: the ustar magic, or the bytes of a checksum as every tar writes it. The strict reader judges. */
function looksLikeTar(block: Uint8Array): boolean {
  const text = Buffer.from(block).toString('latin1');
  return text.startsWith('ustar', 257) || /^[ 0-7]{6,8}[\0 ]{0,2}$/.test(text.slice(148, 156)) || /^\0*$/.test(text);
}
