import type { ByteSource } from '../src/content/byte-source.js';
import { ImgkitError } from '../src/errors.js';
import type { Limits } from '../src/limits.js';
import type { TarEntry } from '../src/tar/tar-entry.js';
import type { TarIndex } from '../src/tar/tar-index.js';
import type { ArchiveBlobs } from './archive-blobs.js';

/** An image archive whose tar structure has been checked and whose meaning has not been read yet. */
export interface Archive {
  readonly source: ByteSource;
  readonly location: string;
  readonly index: TarIndex;
  readonly blobs: ArchiveBlobs;
  readonly limits: Limits;
}

/** The body of a control file, links resolved. Throws `document-malformed` when it is absent, `limit-exceeded` when too large. */
export async function readControlFile(archive: Archive, path: string, maxBytes: number): Promise<Uint8Array> {
  const entry = archive.index.resolve(path);
  const { location: file } = archive;
  if (entry === undefined) throw new ImgkitError('document-malformed', `${file}: ${path} is named but not in the archive; it is incomplete, get it again.`, { file, entry: path });
  return readBody(archive, entry, maxBytes);
}

/** The body of `entry`. Throws `limit-exceeded` when it is larger than `maxBytes`. */
export async function readBody(archive: Archive, entry: TarEntry, maxBytes: number): Promise<Uint8Array> {
  if (entry.size > maxBytes) {
    const { location: file } = archive;
    throw new ImgkitError('limit-exceeded', `${file}: ${entry.path} has ${entry.size} bytes; at most ${maxBytes} are read. Raise the limit documentBytes if you trust its source.`, { file, entry: entry.path, offset: entry.bodyOffset });
  }
  return archive.source.read(entry.bodyOffset, entry.size);
}
