import { createHash } from 'node:crypto';
import { read } from 'node:fs';
import { promisify } from 'node:util';
import { fromSystemError } from '../errors.js';
import type { BlobPass, BlobPassResult } from './blob-pass.js';
import type { BlobPassWatch } from './blob-pass-run.js';
import { finishDigest } from './digest.js';
import { endsEarly } from './handle-source.js';
import { interrupted } from './interrupted.js';

const BLOCK = 512 * 1024;
const readAt = promisify(read);

/** True for a pass that hashes and does nothing else, unless it says no. */
export function mayReadAhead({ compression, algorithm, scanLayer, output, readAhead = true }: BlobPass): boolean {
  return readAhead && compression === 'none' && algorithm === 'sha256' && !scanLayer && output === undefined;
}

/**
 * As `runBlobPass` for a pass that {@link mayReadAhead}: the next block is read while one is hashed. Blocks the thread but for the
 * moments between blocks. When it settles, nothing is read any more. Throws as that does.
 */
export async function digestAhead({ name = 'blob', input: { fd, offset, length } }: BlobPass, { onBytes, isCancelled }: BlobPassWatch = {}): Promise<BlobPassResult> {
  const hash = createHash('sha256');
  const blocks = [0, 1].map(() => Buffer.allocUnsafeSlow(Math.min(BLOCK, Math.max(length, 1)))) as [Buffer, Buffer];
  const ask = async (done: number, into: Buffer): Promise<Buffer> => {
    const wanted = Math.min(into.length, length - done);
    const { bytesRead } = await readAt(fd, into, 0, wanted, offset + done).catch((error: unknown) => {
      throw fromSystemError(error, name, `reading at offset ${offset + done}`);
    });
    if (bytesRead === 0 && wanted > 0) throw endsEarly(name, done, length);
    return into.subarray(0, bytesRead);
  };
  let next = ask(0, blocks[0]);
  for (let done = 0, turn = 1; done < length; turn ^= 1) {
    const block = await next;
    const from = done + block.length;
    // Asked for before anything can fail, and waited for whatever fails: the caller may close the file.
    next = from < length ? ask(from, blocks[turn as 0 | 1]) : Promise.resolve(block);
    next.catch(() => undefined);
    if (isCancelled?.() === true) {
      await next.catch(() => undefined);
      throw interrupted(`reading ${name}`);
    }
    hash.update(block);
    done = from;
    onBytes?.(done);
  }
  await next;
  const digest = finishDigest(hash, 'sha256');
  return { digest, size: length, diffId: digest, decompressedSize: length };
}
