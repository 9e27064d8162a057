import { createHash } from 'node:crypto';
import { own, type LentChunk } from '../../src/content/lent-chunk.js';
import { ImgkitError, type ErrorCode } from '../../src/errors.js';
import type { ExecutionContext } from 'ava';

/** `bytes` in pieces of `size`. */
export async function* inPieces(bytes: Uint8Array, size: number = Math.max(1, bytes.length)): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** As {@link inPieces}, but lent: all lie in the same memory. */
export async function* lentPieces(bytes: Uint8Array, size: number): AsyncGenerator<LentChunk> {
  const memory = Buffer.alloc(size);
  try {
    for (let at = 0; at < bytes.length; at += size) {
      const part = bytes.subarray(at, at + size);
      memory.set(part);
      yield memory.subarray(0, part.length);
    }
  } finally {
    memory.fill(0xee);
  }
}

/** All of them together; a copy of each is taken before the next is asked for. */
export async function collect(chunks: AsyncIterable<LentChunk>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(own(chunk));
  return Buffer.concat(all);
}

/** Bytes that compress about as a layer does, the same each time. */
export function sampleBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[i] = (state >>> 24) & ((i >> 6) % 3 === 0 ? 0xff : 0x07);
  }
  return bytes;
}

export function sha256(bytes: Uint8Array): `sha256:${string}` {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Asserts that `work` rejects with an ImgkitError of `code`, and returns it. */
export async function rejectsWith(t: ExecutionContext, code: ErrorCode, work: Promise<unknown>, message?: string): Promise<ImgkitError> {
  const error = await t.throwsAsync(work, { instanceOf: ImgkitError }, message);
  t.is(error?.code, code, `${message ?? ''} ${error?.message ?? ''}`);
  return error as ImgkitError;
}

/** As `deepEqual`, which takes seconds for a megabyte. */
export function sameBytes(t: ExecutionContext, found: Uint8Array, expected: Uint8Array, message?: string): void {
  t.is(found.length, expected.length, message);
  t.true(Buffer.compare(found, expected) === 0, message ?? 'the bytes differ');
}
