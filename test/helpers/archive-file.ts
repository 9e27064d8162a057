import { readFile } from 'node:fs/promises';
import { openFileSource } from '../../src/content/file-source.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { readTarIndex } from '../../src/tar/tar-index.js';

/** Every file of an uncompressed archive by path, read by the strict reader. */
export async function readArchive(path: string): Promise<ReadonlyMap<string, Buffer>> {
  const source = await openFileSource(path);
  try {
    const { entries } = await readTarIndex(source, DEFAULT_LIMITS);
    const bytes = await readFile(path);
    return new Map(entries.map((entry) => [entry.path, bytes.subarray(entry.bodyOffset, entry.bodyOffset + entry.size)]));
  } finally {
    await source.close();
  }
}
