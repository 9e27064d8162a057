import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { standardInput } from '../../formats/open-archive.js';
import { refuseForeignCompression } from '../../formats/foreign-compression.js';
import type { ByteSource } from '../content/byte-source.js';
import { sniffCompression, type Compression } from '../content/compression.js';
import { decompress } from '../content/decompress.js';
import { openFileSource } from '../content/file-source.js';
import { spool } from '../content/spool.js';
import { fromSystemError, ImgkitError } from '../errors.js';
import type { Session } from './session.js';

/** A tar or a folder that a user named. */
export type LayerInput =
  | { readonly kind: 'folder'; readonly path: string }
  /** As stored; `compression` is what is around it. The caller closes `source`. */
  | { readonly kind: 'tar'; readonly source: ByteSource; readonly compression: Compression };

/** Opens the tar or folder at `path`; `-` is standard input, which is kept in a temporary file. Throws `file-not-found`, `compression-unsupported`, `location-unsupported`. */
export async function openLayerInput(session: Session, path: string): Promise<LayerInput> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    throw new ImgkitError('location-unsupported', `${path}: URLs are not supported by this version; download the file first, or send it to standard input and name it -.`, { file: path });
  }
  if (path === '-') {
    const source = await spool('stdin', session.options.stdin ?? standardInput(), session.options);
    return tar(source);
  }
  const stats = await stat(path).catch((error: unknown) => {
    throw fromSystemError(error, path, 'opening it');
  });
  if (stats.isDirectory()) return { kind: 'folder', path };
  if (stats.isFIFO() || stats.isCharacterDevice()) return tar(await spool(path, createReadStream(path, { highWaterMark: 1 << 20 }), session.options));
  return tar(await openFileSource(path));
}

/** The uncompressed tar in `input`; a compressed one is unpacked into a temporary file, once. Closes what it replaces. */
export async function plainTar(session: Session, { source, compression }: Extract<LayerInput, { kind: 'tar' }>): Promise<ByteSource> {
  if (compression === 'none') return source;
  const { limits, options } = session;
  try {
    return await spool(source.name, decompress(source.stream(undefined, options.signal), compression, { name: source.name, limits, signal: options.signal }), options);
  } finally {
    await source.close();
  }
}

async function tar(source: ByteSource): Promise<LayerInput> {
  try {
    const head = await source.read(0, Math.min(4, source.size));
    refuseForeignCompression(head, source.name);
    return { kind: 'tar', source, compression: sniffCompression(head) };
  } catch (error) {
    await source.close();
    throw error;
  }
}
