import { createHash, type Hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { packError } from './blob-pass-message.js';
import { finishDigest } from './digest.js';
import { endsEarly } from './handle-source.js';
import { readAtSync } from './read-at-sync.js';
import { SLOT_BYTES, viewRing, type HashedFile, type HashMessage, type HashReply, type HashReplyMessage, type HashRequest, type ThreadRing } from './thread-ring.js';

// The entry script of a hashing thread (hash-thread.ts): for each of its files, hashes what stands in the slots of a ring.
interface Running extends HashedFile {
  readonly ring: ThreadRing;
  readonly hash: Hash;
  /** How much of what the file held before is in the hash. */
  known: number;
}

const running = new Map<number, Running>();

parentPort?.on('message', ({ file, request }: HashMessage) => {
  const reply = take(file, request);
  if (reply !== undefined) parentPort?.postMessage({ file, reply } satisfies HashReplyMessage);
});

function take(file: number, request: HashRequest | HashedFile | 'leave'): HashReplyMessage['reply'] | undefined {
  if (request === 'leave') return { left: running.delete(file) };
  if (typeof request === 'object' && 'memory' in request) {
    running.set(file, { ...request, ring: viewRing(request.memory), hash: createHash(request.algorithm), known: 0 });
    return undefined;
  }
  return hashNext(running.get(file) as Running, request);
}

function hashNext(of: Running, request: HashRequest): HashReply {
  if (request === 'end') return { digest: finishDigest(of.hash, of.algorithm) };
  if ('hash' in request) return hashKnown(of, request.hash);
  of.hash.update(of.ring.slot(request.slot).subarray(0, request.length));
  return { freed: request.slot };
}

function hashKnown(of: Running, length: number): HashReply {
  try {
    const block = Buffer.allocUnsafeSlow(SLOT_BYTES);
    for (const end = of.known + length; of.known < end;) {
      const count = readAtSync(of.fd, block, Math.min(block.length, end - of.known), of.known, of.name);
      if (count === 0) throw endsEarly(of.name, of.known, end);
      of.hash.update(block.subarray(0, count));
      of.known += count;
    }
    return { hashed: of.known };
  } catch (error) {
    return { error: packError(error) };
  }
}
