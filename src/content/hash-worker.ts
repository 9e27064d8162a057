import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { finishDigest } from './digest.js';
import { viewRing, type ThreadHashReply, type ThreadHashRequest } from './thread-ring.js';

// The entry script of a hashing thread (hash-thread.ts): hashes what stands in the slots of the ring.
const ring = viewRing(workerData as SharedArrayBuffer);
const hash = createHash('sha256');
const reply = (message: ThreadHashReply): void => parentPort?.postMessage(message);

parentPort?.on('message', (request: ThreadHashRequest) => {
  if (request === 'end') return reply({ digest: finishDigest(hash, 'sha256') });
  hash.update(ring.slot(request.slot).subarray(0, request.length));
  reply({ freed: request.slot });
});
