import { createHash } from 'node:crypto';
import { readSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { finishDigest } from '../../src/content/digest.js';
import type { BlobPass, BlobPassResult } from '../../src/content/blob-pass.js';
import type { BlobPool } from '../../src/content/worker-pool.js';

/** A pool without workers: it shows what the store asks for, and can wait in the middle of a blob, milliseconds or for something. */
export function threadPool(options: { readonly pause?: number | (() => Promise<unknown>); readonly passes?: BlobPass[] } = {}): BlobPool {
  const run = async (pass: BlobPass): Promise<BlobPassResult> => {
    options.passes?.push(pass);
    const { input, output } = pass;
    const stored = Buffer.alloc(input.length);
    readSync(input.fd, stored, 0, input.length, input.offset);
    const plain = pass.compression === 'gzip' ? gunzipSync(stored) : stored;
    const bytes = output?.what === 'decompressed' ? plain : stored;
    if (output !== undefined) {
      const half = Math.floor(bytes.length / 2);
      writeSync(output.fd, bytes, 0, half, output.offset);
      if (typeof options.pause === 'number') await sleep(options.pause);
      else await options.pause?.();
      writeSync(output.fd, bytes, half, bytes.length - half, output.offset + half);
    }
    return {
      digest: finishDigest(createHash(pass.algorithm).update(stored), pass.algorithm),
      size: stored.length,
      diffId: finishDigest(createHash('sha256').update(plain), 'sha256'),
      decompressedSize: plain.length,
    };
  };
  return { run, expect: () => undefined } as Partial<BlobPool> as BlobPool;
}
