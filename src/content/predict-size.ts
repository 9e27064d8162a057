import { read } from 'node:fs';
import { promisify } from 'node:util';
import type { FileRange } from './byte-source.js';
import type { Compression } from './compression.js';

const DICTIONARY_BYTES = [0, 1, 2, 4] as const;
const readAt = promisify(read);

/** How large a blob will be once decompressed; `guess` must be proven before it is relied on. */
export interface PredictedSize {
  readonly size: number;
  readonly certainty: 'exact' | 'guess';
}

/**
 * Reads the size that a compressed blob claims for itself, without decompressing: the gzip trailer (RFC 1952, modulo 4 GiB, and
 * of its last member only), or the zstd frame header (RFC 8878, of its first frame only). Undefined when it does not say.
 */
export async function predictDecompressedSize({ fd, offset, length }: FileRange, compression: Compression): Promise<PredictedSize | undefined> {
  if (compression === 'none') return { size: length, certainty: 'exact' };
  if (compression === 'zstd') return zstdContentSize(await bytesAt(fd, offset, Math.min(18, length)));
  if (length < 18) return undefined;
  const trailer = await bytesAt(fd, offset + length - 4, 4);
  return { size: trailer.readUInt32LE(0), certainty: 'guess' };
}

async function bytesAt(fd: number, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  await readAt(fd, bytes, 0, length, offset);
  return bytes;
}

function zstdContentSize(head: Buffer): PredictedSize | undefined {
  if (head.length < 18 || head.readUInt32LE(0) !== 0xfd2fb528) return undefined;
  const descriptor = head.readUInt8(4);
  const singleSegment = (descriptor & 0x20) !== 0;
  const at = 5 + (singleSegment ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] ?? 0);
  const sizeClass = descriptor >> 6;
  if (sizeClass === 0) return singleSegment ? { size: head.readUInt8(at), certainty: 'guess' } : undefined;
  if (sizeClass === 1) return { size: head.readUInt16LE(at) + 256, certainty: 'guess' };
  const size = sizeClass === 2 ? head.readUInt32LE(at) : Number(head.readBigUInt64LE(at));
  return { size, certainty: 'guess' };
}
