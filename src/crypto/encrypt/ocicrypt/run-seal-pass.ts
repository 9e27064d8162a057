import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import type { BlobPassWatch } from '../../../content/blob-pass-run.js';
import { finishDigest } from '../../../content/digest.js';
import { endsEarly } from '../../../content/handle-source.js';
import { interrupted } from '../../../content/interrupted.js';
import { readAtSync } from '../../../content/read-at-sync.js';
import type { SealPass, SealPassResult } from '../../../content/seal-pass.js';
import { writeFullySync } from '../../../content/write-fully.js';
import { LAYER_AES } from './layer-cipher.js';

/** 32 KiB to 1 MiB measured alike; in and out of this size fit into the second cache together. */
const BLOCK = 128 * 1024;

/**
 * Encrypts or decrypts one layer, synchronously: meant for worker threads. Reads and writes every byte once, and hashes it as
 * often as the format asks for. What is written is proven only when the caller has compared the HMAC and the digests.
 * Throws `tar-truncated` when the file ends early, `disk-full`, `io-failed`, or `interrupted` when `isCancelled` says so.
 */
export function runSealPass({ name = 'a layer', input, seal, key, nonce, algorithm, output }: SealPass, { onBytes, isCancelled }: BlobPassWatch = {}): SealPassResult {
  const encrypts = seal === 'encrypt';
  const cipher = (encrypts ? createCipheriv : createDecipheriv)(LAYER_AES, key, nonce);
  const hmac = createHmac('sha256', key);
  const taken = algorithm && createHash(algorithm);
  const made = createHash('sha256');
  const block = Buffer.allocUnsafeSlow(Math.min(BLOCK, Math.max(input.length, 1)));
  for (let done = 0; done < input.length;) {
    if (isCancelled?.() === true) throw interrupted(`${seal}ing ${name}`);
    const read = readAtSync(input.fd, block, Math.min(block.length, input.length - done), input.offset + done, name);
    if (read === 0) throw endsEarly(name, done, input.length);
    const before = block.subarray(0, read);
    const after = cipher.update(before);
    taken?.update(before);
    hmac.update(encrypts ? after : before);
    made.update(after);
    writeFullySync(output.fd, after, output.offset + done, name);
    done += read;
    onBytes?.(done);
  }
  return { size: input.length, inputDigest: taken && algorithm && finishDigest(taken, algorithm), digest: finishDigest(made, 'sha256'), hmac: hmac.digest() };
}
