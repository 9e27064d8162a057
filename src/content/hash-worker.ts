import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { packError } from './blob-pass-message.js';
import { finishDigest } from './digest.js';
import { endsEarly } from './handle-source.js';
import { readAtSync } from './read-at-sync.js';
import { SLOT_BYTES, viewRing, type ThreadHash, type ThreadHashReply, type ThreadHashRequest } from './thread-ring.js';

// The entry script of the hashing thread beside a writer (write-thread.ts): hashes what stands in the slots of the ring.
const { memory, fd, name, algorithm } = workerData as ThreadHash;
const ring = viewRing(memory);
const hash = createHash(algorithm);
/** How much of what the file held before is in the hash. */
let known = 0;

parentPort?.on('message', (request: ThreadHashRequest) => parentPort?.postMessage(take(request)));

function take(request: ThreadHashRequest): ThreadHashReply {
  if (request === 'end') return { digest: finishDigest(hash, algorithm) };
  if ('hash' in request) return hashKnown(request.hash);
  hash.update(ring.slot(request.slot).subarray(0, request.length));
  return { freed: request.slot };
}

function hashKnown(length: number): ThreadHashReply {
  try {
    const block = Buffer.allocUnsafeSlow(SLOT_BYTES);
    for (const end = known + length; known < end;) {
      const count = readAtSync(fd, block, Math.min(block.length, end - known), known, name);
      if (count === 0) throw endsEarly(name, known, end);
      hash.update(block.subarray(0, count));
      known += count;
    }
    return { hashed: known };
  } catch (error) {
    return { error: packError(error) };
  }
}
