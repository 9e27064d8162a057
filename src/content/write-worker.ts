import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { packError } from './blob-pass-message.js';
import { finishDigest } from './digest.js';
import { endsEarly } from './handle-source.js';
import { readAtSync } from './read-at-sync.js';
import { SLOT_BYTES, viewRing, type ThreadWrite, type ThreadWriteReply, type ThreadWriteRequest } from './thread-ring.js';
import { writeFullySync } from './write-fully.js';

// The entry script of a writing thread (write-thread.ts): writes and hashes what stands in the slots of the ring.
const { memory, fd, offset, name, algorithm } = workerData as ThreadWrite;
const ring = viewRing(memory);
const hash = createHash(algorithm);
let at = offset;
/** How much of what the file held before is in the hash. */
let known = 0;
let failed = false;

parentPort?.on('message', (request: ThreadWriteRequest) => {
  // Nothing is written behind a hole.
  if (!failed) parentPort?.postMessage(take(request));
});

function take(request: ThreadWriteRequest): ThreadWriteReply {
  if (request === 'end') return { digest: finishDigest(hash, algorithm) };
  try {
    if ('hash' in request) return hashKnown(request.hash);
    const bytes = ring.slot(request.slot).subarray(0, request.length);
    writeFullySync(fd, bytes, at, name);
    hash.update(bytes);
    at += bytes.length;
    return { freed: request.slot };
  } catch (error) {
    failed = true;
    return { error: packError(error) };
  }
}

function hashKnown(length: number): ThreadWriteReply {
  const block = Buffer.allocUnsafeSlow(SLOT_BYTES);
  for (const end = known + length; known < end;) {
    const count = readAtSync(fd, block, Math.min(block.length, end - known), known, name);
    if (count === 0) throw endsEarly(name, known, end);
    hash.update(block.subarray(0, count));
    known += count;
  }
  return { hashed: known };
}
