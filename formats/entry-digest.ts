import { createHash } from 'node:crypto';
import { finishDigest, type Digest } from '../src/content/digest.js';
import type { TarEntry } from '../src/tar/tar-entry.js';
import type { Archive } from './archive.js';

/** sha256 of an entry's body, for a blob whose digest the archive does not tell. */
export async function digestOfEntry(archive: Archive, entry: TarEntry): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of archive.source.stream({ offset: entry.bodyOffset, length: entry.size })) hash.update(chunk);
  return finishDigest(hash, 'sha256');
}
