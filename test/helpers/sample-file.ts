import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** Makes a file of `size` bytes: large, quick to make, and the same each time. */
export async function writeSample(path: string, size: number): Promise<void> {
  const block = Buffer.from(Array.from({ length: 65_521 }, (_, i) => (i * i) % 251));
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0; left -= block.length) yield block.subarray(0, Math.min(left, block.length));
  }
  await pipeline(bytes(), createWriteStream(path));
}

/** SHA-256 of a file, of any size. */
export async function fileSum(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
