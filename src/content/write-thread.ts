import type { FileHandle } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { ImgkitError } from '../errors.js';
import { unpackError } from './blob-pass-message.js';
import type { Digest, DigestAlgorithm } from './digest.js';
import { throwIfInterrupted } from './interrupted.js';
import { createRingMemory, SLOT_BYTES, SLOTS, viewRing, type ThreadWrite, type ThreadWriteReply } from './thread-ring.js';

/** Of what a file holds already: between two pieces an abort is heard. */
const HASHED_AT_ONCE = 32 * 1024 * 1024;

export interface WriteThreadOptions {
  readonly handle: FileHandle;
  /** Where the first byte goes. Default: 0. */
  readonly offset?: number | undefined;
  /** For errors: what is written. */
  readonly name: string;
  /** Default: `sha256`. */
  readonly algorithm?: DigestAlgorithm | undefined;
}

/** Writes to an open file and hashes what it writes, in a thread of its own: the caller's only copies. Always `close` it, before the file. */
export class WriteThread {
  readonly #worker: Worker;
  readonly #ring;
  #free = SLOTS;
  #number = 0;
  #filled = 0;
  #digest: Digest | undefined;
  #hashed = 0;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor({ handle, offset = 0, name, algorithm = 'sha256' }: WriteThreadOptions) {
    const memory = createRingMemory();
    this.#ring = viewRing(memory);
    this.#worker = new Worker(new URL('./write-worker.js', import.meta.url), { workerData: { memory, fd: handle.fd, offset, name, algorithm } satisfies ThreadWrite, execArgv: [] });
    const fail = (failure: Error): void => {
      this.#failure ??= failure;
      this.#wake();
    };
    const died = (why: unknown): void => fail(new ImgkitError('io-failed', `${name}: the thread that wrote it stopped (${String(why)}); run it again.`, { file: name }, { cause: why }));
    this.#worker.on('error', died);
    this.#worker.on('exit', (code) => died(`it ended with code ${code}`));
    this.#worker.on('message', (reply: ThreadWriteReply) => {
      if ('error' in reply) return fail(unpackError(reply.error));
      if ('digest' in reply) this.#digest = reply.digest;
      else if ('hashed' in reply) this.#hashed = reply.hashed;
      else this.#free += 1;
      this.#wake();
    });
  }

  /** Before the first write: the digest shall begin with the first `length` bytes, which the file holds already. Throws `io-failed`, `interrupted`. */
  async hashStart(length: number, signal?: AbortSignal): Promise<void> {
    for (let end = 0; end < length;) {
      throwIfInterrupted(signal, 'reading what is there');
      const piece = Math.min(HASHED_AT_ONCE, length - end);
      end += piece;
      this.#worker.postMessage({ hash: piece });
      await this.#until(() => this.#hashed === end);
    }
  }

  /** Takes `chunk`, which is the caller's again when this resolves. Throws what an earlier write came to: `disk-full`, `io-failed`. */
  async write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      if (this.#free === 0) await this.#until(() => this.#free > 0);
      const part = chunk.subarray(at, at + SLOT_BYTES - this.#filled);
      this.#ring.slot(this.#number).set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === SLOT_BYTES) this.#send();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Everything is written: its digest. Throws as {@link write}. */
  async finish(): Promise<Digest> {
    if (this.#filled > 0) this.#send();
    this.#worker.postMessage('end');
    await this.#until(() => this.#digest !== undefined);
    return this.#digest as Digest;
  }

  /** Ends the thread; afterwards it does not touch the file. Safe to call twice. */
  async close(): Promise<void> {
    this.#worker.removeAllListeners();
    await this.#worker.terminate();
  }

  #send(): void {
    this.#worker.postMessage({ slot: this.#number, length: this.#filled });
    this.#number = (this.#number + 1) % SLOTS;
    this.#filled = 0;
    this.#free -= 1;
  }

  async #until(holds: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (holds()) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
