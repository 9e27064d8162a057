import { read } from 'node:fs';
import { promisify } from 'node:util';
import type { FileRange } from './byte-source.js';
import type { Compression } from './compression.js';
import { zstdContentSize } from './zstd-content-size.js';

const readAt = promisify(read);
/** Deflate cannot do worse than about this, so a claim below it is short of some 4 GiB. */
const LEAST_EXPANSION = 0.99;

/** How large a blob will be once decompressed; `guess` must be proven before it is relied on. */
export interface PredictedSize {
  readonly size: number;
  readonly certainty: 'exact' | 'guess';
}

/**
 * The size in bytes that a compressed blob claims for itself, without decompressing it: the gzip trailer (RFC 1952; of the
 * last member, modulo 4 GiB), or the sum over all zstd frame headers (RFC 8878). Undefined when it does not say.
 */
export async function predictDecompressedSize({ fd, offset, length }: FileRange, compression: Compression): Promise<PredictedSize | undefined> {
  if (compression === 'none') return { size: length, certainty: 'exact' };
  const bytesAt = async (at: number, want: number): Promise<Buffer> => {
    const bytes = Buffer.alloc(Math.max(0, Math.min(want, length - at)));
    const { bytesRead } = await readAt(fd, bytes, 0, bytes.length, offset + at);
    return bytes.subarray(0, bytesRead);
  };
  const size = compression === 'zstd' ? await zstdContentSize(bytesAt, length) : await gzipContentSize(bytesAt, length);
  return size === undefined ? undefined : { size, certainty: 'guess' };
}

async function gzipContentSize(bytesAt: (at: number, want: number) => Promise<Buffer>, length: number): Promise<number | undefined> {
  const trailer = await bytesAt(Math.max(0, length - 4), 4);
  if (length < 18 || trailer.length < 4) return undefined;
  const claim = trailer.readUInt32LE(0);
  const wraps = Math.ceil((length * LEAST_EXPANSION - 64 - claim) / 2 ** 32);
  return claim + Math.max(0, wraps) * 2 ** 32;
}
