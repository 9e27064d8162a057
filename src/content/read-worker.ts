import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { packError } from './blob-pass-message.js';
import { copyBytes } from './copy-bytes.js';
import { createDecoder, prepareDecoder } from './decoder.js';
import { finishDigest } from './digest.js';
import { endsEarly } from './handle-source.js';
import { readAtSync } from './read-at-sync.js';
import { SLOT, SLOT_BYTES, SLOTS, STORED_SLOT, STORED_SLOTS, viewRing, type ThreadRead, type ThreadReply } from './thread-ring.js';

// The entry script of a reading thread (read-thread.ts): reads one blob after the other, hashes and decompresses it into the ring.
/** A wake-up that got lost (glibc before 2.41 can lose one, its bug 25847) costs a moment; without an end of the wait, for ever. */
const LOOK_AGAIN_MS = 1000;

const memory = workerData as SharedArrayBuffer;
const shared = viewRing(memory);
const reply = (message: ThreadReply): void => parentPort?.postMessage(message);
parentPort?.on('message', (job: ThreadRead) => {
  prepareDecoder(job.compression).then(() => reply(read(job))).catch((error: unknown) => reply({ error: packError(error) }));
});

function read({ name, input, compression, hashStored, lendStored, hashPlain, limits }: ThreadRead): ThreadReply {
  const stored = hashStored && createHash(hashStored);
  const plain = hashPlain ? createHash('sha256') : undefined;
  let done = 0;
  const ring = new RingWriter(() => done);
  const readBlock = (block: Buffer): Buffer => {
    const count = readAtSync(input.fd, block, Math.min(block.length, input.length - done), input.offset + done, name);
    if (count === 0) throw endsEarly(name, done, input.length);
    const chunk = block.subarray(0, count);
    stored?.update(chunk);
    done += count;
    return chunk;
  };
  const take = (chunk: Uint8Array): void => {
    plain?.update(chunk);
    ring.take(chunk);
  };
  if (compression === 'none') {
    while (done < input.length) take(readBlock(ring.space()));
  } else {
    const decoder = createDecoder(compression, { name, limits, space: () => ring.space() });
    try {
      const block = lendStored === true ? undefined : Buffer.allocUnsafeSlow(Math.min(SLOT_BYTES, Math.max(input.length, 1)));
      for (let number = 0; done < input.length; number = (number + 1) % STORED_SLOTS) {
        if (block === undefined) waitFor(STORED_SLOT);
        const chunk = readBlock(block ?? shared.stored(number));
        if (block === undefined) reply({ stored: number, length: chunk.length });
        decoder.push(chunk, take);
      }
      decoder.end(take);
    } finally {
      decoder.close();
    }
  }
  ring.flush();
  return { digest: stored && finishDigest(stored, hashStored), plainDigest: plain && finishDigest(plain, 'sha256') };
}

/** Takes a slot of that kind, as soon as the receiver has given one back. */
function waitFor(kind: typeof SLOT | typeof STORED_SLOT): void {
  const { free } = shared;
  while (Atomics.load(free, kind) === 0) Atomics.wait(free, kind, 0, LOOK_AGAIN_MS);
  Atomics.sub(free, kind, 1);
}

/** Fills slot after slot, and waits while the receiver holds all of them. */
class RingWriter {
  readonly #done: () => number;
  #number = 0;
  #slot: Buffer | undefined;
  #filled = 0;

  constructor(done: () => number) {
    this.#done = done;
  }

  /** What is free of the present slot: the place for the next bytes. */
  space(): Buffer {
    this.#slot ??= this.#acquire();
    return this.#slot.subarray(this.#filled);
  }

  /** The next bytes: those written to the start of {@link space}, or others, which are copied. */
  take(chunk: Uint8Array): void {
    if (chunk.buffer === memory) this.#advance(chunk.length);
    else {
      for (let at = 0; at < chunk.length;) {
        const space = this.space();
        const part = chunk.subarray(at, at + space.length);
        copyBytes(space, part, 0);
        this.#advance(part.length);
        at += part.length;
      }
    }
  }

  flush(): void {
    if (this.#filled > 0) reply({ slot: this.#number, length: this.#filled, done: this.#done() });
    else if (this.#slot !== undefined) this.#giveBack();
    this.#number = (this.#number + 1) % SLOTS;
    this.#slot = undefined;
    this.#filled = 0;
  }

  #advance(count: number): void {
    this.#filled += count;
    if (this.#filled === SLOT_BYTES) this.flush();
  }

  #acquire(): Buffer {
    waitFor(SLOT);
    return shared.slot(this.#number);
  }

  /** A slot that nothing came into. */
  #giveBack(): void {
    Atomics.add(shared.free, SLOT, 1);
  }
}
