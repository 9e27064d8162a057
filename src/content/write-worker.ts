import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { packError } from './blob-pass-message.js';
import { finishDigest } from './digest.js';
import { viewRing, type ThreadWrite, type ThreadWriteReply, type ThreadWriteRequest } from './thread-ring.js';
import { writeFullySync } from './write-fully.js';

// The entry script of a writing thread (write-thread.ts): writes and hashes what stands in the slots of the ring.
const { memory, fd, offset, name, algorithm } = workerData as ThreadWrite;
const ring = viewRing(memory);
const hash = createHash(algorithm);
let at = offset;
let failed = false;

parentPort?.on('message', (request: ThreadWriteRequest) => {
  // Nothing is written behind a hole.
  if (!failed) parentPort?.postMessage(take(request));
});

function take(request: ThreadWriteRequest): ThreadWriteReply {
  if (request === 'end') return { digest: finishDigest(hash, algorithm) };
  const bytes = ring.slot(request.slot).subarray(0, request.length);
  try {
    writeFullySync(fd, bytes, at, name);
  } catch (error) {
    failed = true;
    return { error: packError(error) };
  }
  hash.update(bytes);
  at += bytes.length;
  return { freed: request.slot };
}
