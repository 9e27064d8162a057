import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { standardInput } from '../../formats/locations/standard-input.js';
import { refuseForeignCompression } from '../../formats/foreign-compression.js';
import type { ByteSource } from '../content/byte-source.js';
import { openFileSource } from '../content/file-source.js';
import { decompressInput, sniffInput, type InputCompression } from '../content/input-compression.js';
import { spool } from '../content/spool.js';
import { fromSystemError, ImgkitError } from '../errors.js';
import { parseUrlLocation, shownLocation } from '../image/location-url.js';
import type { Session } from './session.js';

/** A tar or a folder that a user named. */
export type LayerInput =
  | { readonly kind: 'folder'; readonly path: string }
  /** As stored; `compression` is what is around it. The caller closes `source`. */
  | { readonly kind: 'tar'; readonly source: ByteSource; readonly compression: InputCompression };

/**
 * Opens the tar or folder at `path`: a URL, `-` for standard input, both of which are kept in a temporary file, or a path. Throws `file-not-found`, `compression-unsupported`,
 * `location-unsupported`, and what the host of a URL makes of it.
 */
export async function openLayerInput(session: Session, path: string): Promise<LayerInput> {
  const url = parseUrlLocation(path);
  if (url?.kind === 'url') return tar(await fetchTar(url, session));
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(path)?.[1];
  if (scheme !== undefined) throw new ImgkitError('location-unsupported', `${path}: no file can be had through ${scheme}:// URLs; use http(s), sftp, ftp(s) or file, or send it to standard input and name it -.`, { file: path });
  if (path === '-') {
    const source = await spool('stdin', standardInput(session.options.stdin, session.options.signal), session.options);
    return tar(source);
  }
  const stats = await stat(path).catch((error: unknown) => {
    throw fromSystemError(error, path, 'opening it');
  });
  if (stats.isDirectory()) return { kind: 'folder', path };
  if (stats.isFIFO() || stats.isCharacterDevice()) return tar(await spool(path, createReadStream(path, { highWaterMark: 1 << 20 }), session.options));
  return tar(await openFileSource(path));
}

/** As it may be written into an image and printed: the last name of the path, without the query of a URL, which may be a secret. */
export function inputName(path: string): string {
  return path === '-' ? '-' : basename(parseUrlLocation(path) === undefined ? path : shownLocation(path).replace('?…', ''));
}

async function fetchTar({ url, ref }: { readonly url: string; readonly ref?: string | undefined }, { options }: Session): Promise<ByteSource> {
  if (ref !== undefined) throw new ImgkitError('location-invalid', `${shownLocation(url)}: a tar has no #${ref} to pick; write # in the name of a file as %23.`, { file: shownLocation(url) });
  const { spoolUrl } = await import('../../formats/locations/url-source.js');
  return spoolUrl(url, options);
}

/** The uncompressed tar in `input`; a compressed one is unpacked into a temporary file, once. Closes what it replaces. */
export async function plainTar(session: Session, { source, compression }: Extract<LayerInput, { kind: 'tar' }>): Promise<ByteSource> {
  if (compression === 'none') return source;
  const { limits, options } = session;
  try {
    return await spool(source.name, decompressInput(source.stream(undefined, options.signal), compression, { name: source.name, limits, signal: options.signal }), options);
  } finally {
    await source.close();
  }
}

async function tar(source: ByteSource): Promise<LayerInput> {
  try {
    const head = await source.read(0, Math.min(4, source.size));
    const compression = sniffInput(head);
    if (compression === 'none') refuseForeignCompression(head, source.name);
    return { kind: 'tar', source, compression };
  } catch (error) {
    await source.close();
    throw error;
  }
}
