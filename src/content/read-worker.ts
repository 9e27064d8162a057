import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { packError } from './blob-pass-message.js';
import { createDecoder, prepareDecoder } from './decoder.js';
import { finishDigest } from './digest.js';
import { endsEarly } from './handle-source.js';
import { readAtSync } from './read-at-sync.js';
import { SLOT_BYTES, SLOTS, viewRing, type ThreadRead, type ThreadReply } from './thread-ring.js';

// The entry script of a reading thread (read-in-thread.ts): reads one blob, hashes and decompresses it into the ring.
const READ = 512 * 1024;

const reply = (message: ThreadReply): void => parentPort?.postMessage(message);
const job = workerData as ThreadRead;
void prepareDecoder(job.compression).then(() => reply(read(job))).catch((error: unknown) => reply({ error: packError(error) }));

function read({ name, input, compression, algorithm, hashPlain, limits, memory }: ThreadRead): ThreadReply {
  const stored = createHash(algorithm);
  const plain = hashPlain ? createHash('sha256') : undefined;
  const decoder = compression === 'none' ? undefined : createDecoder(compression, { name, limits });
  let done = 0;
  const ring = new RingWriter(memory, () => done);
  const take = (chunk: Uint8Array): void => {
    plain?.update(chunk);
    ring.write(chunk);
  };
  try {
    const block = Buffer.allocUnsafeSlow(Math.min(READ, Math.max(input.length, 1)));
    while (done < input.length) {
      const count = readAtSync(input.fd, block, Math.min(block.length, input.length - done), input.offset + done, name);
      if (count === 0) throw endsEarly(name, done, input.length);
      const chunk = block.subarray(0, count);
      stored.update(chunk);
      done += count;
      if (decoder === undefined) take(chunk);
      else decoder.push(chunk, take);
    }
    decoder?.end(take);
  } finally {
    decoder?.close();
  }
  ring.flush();
  return { digest: finishDigest(stored, algorithm), plainDigest: plain && finishDigest(plain, 'sha256') };
}

/** Fills slot after slot, and waits while the receiver holds all of them. */
class RingWriter {
  readonly #ring;
  readonly #done: () => number;
  #number = 0;
  #slot: Uint8Array | undefined;
  #filled = 0;

  constructor(memory: SharedArrayBuffer, done: () => number) {
    this.#ring = viewRing(memory);
    this.#done = done;
  }

  write(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      this.#slot ??= this.#acquire();
      const part = chunk.subarray(at, at + SLOT_BYTES - this.#filled);
      this.#slot.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === SLOT_BYTES) this.flush();
    }
  }

  flush(): void {
    if (this.#slot === undefined) return;
    reply({ slot: this.#number, length: this.#filled, done: this.#done() });
    this.#number = (this.#number + 1) % SLOTS;
    this.#slot = undefined;
    this.#filled = 0;
  }

  #acquire(): Uint8Array {
    const { free } = this.#ring;
    while (Atomics.load(free, 0) === 0) Atomics.wait(free, 0, 0);
    Atomics.sub(free, 0, 1);
    return this.#ring.slot(this.#number);
  }
}
