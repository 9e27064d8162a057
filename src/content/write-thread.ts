import type { FileHandle } from 'node:fs/promises';
import { ImgkitError } from '../errors.js';
import { unpackError } from './blob-pass-message.js';
import { copyBytes } from './copy-bytes.js';
import type { Digest, DigestAlgorithm } from './digest.js';
import { joinHashThread, type HashSeat } from './hash-thread.js';
import { throwIfInterrupted } from './interrupted.js';
import { SLOT_BYTES, SLOTS, type HashReply } from './thread-ring.js';
import { writeAllFully } from './write-fully.js';

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

/**
 * Writes to an open file and hashes what it writes, a thread for each: the caller's only copies. Always `close` it, before the file.
 */
export class WriteThread {
  readonly #handle: FileHandle;
  readonly #name: string;
  readonly #seat: HashSeat;
  /** Of each slot: what is still to be done with it. */
  readonly #uses = new Uint8Array(SLOTS);
  #free = SLOTS;
  #number = 0;
  #filled = 0;
  /** To be written. */
  #filledSlots: { readonly slot: number; readonly length: number }[] = [];
  /** Where the next of them goes, and when all are written that were sent. */
  #at: number;
  #writing: Promise<void> = Promise.resolve();
  #closed = false;
  #digest: Digest | undefined;
  #hashed = 0;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor({ handle, offset = 0, name, algorithm = 'sha256' }: WriteThreadOptions) {
    this.#handle = handle;
    this.#name = name;
    this.#at = offset;
    this.#seat = joinHashThread({ fd: handle.fd, name, algorithm }, {
      onReply: (reply) => this.#hear(reply),
      onDeath: (why) => this.#fail(new ImgkitError('io-failed', `${name}: the thread that hashed it stopped (${String(why)}); run it again.`, { file: name }, { cause: why })),
    });
  }

  /** Before the first write: the digest shall begin with the first `length` bytes, which the file holds already. Throws `io-failed`, `interrupted`. */
  async hashStart(length: number, signal?: AbortSignal): Promise<void> {
    for (let end = 0; end < length;) {
      throwIfInterrupted(signal, 'reading what is there');
      const piece = Math.min(HASHED_AT_ONCE, length - end);
      end += piece;
      this.#seat.send({ hash: piece });
      await this.#until(() => this.#hashed === end);
    }
  }

  /** Takes `chunk`, which is the caller's again when this resolves. Throws what an earlier write came to: `disk-full`, `io-failed`. */
  async write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      if (this.#free === 0) await this.#until(() => this.#free > 0);
      const part = chunk.subarray(at, at + SLOT_BYTES - this.#filled);
      copyBytes(this.#seat.ring.slot(this.#number), part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === SLOT_BYTES) this.#send();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Everything is written: its digest. Throws as {@link write}. */
  async finish(): Promise<Digest> {
    if (this.#filled > 0) this.#send();
    this.#seat.send('end');
    await this.#until(() => this.#digest !== undefined && this.#free === SLOTS);
    return this.#digest as Digest;
  }

  /** Afterwards no thread touches the file. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    await this.#seat.leave();
  }

  #hear(reply: HashReply): void {
    if ('error' in reply) return this.#fail(unpackError(reply.error));
    if ('freed' in reply) return this.#release(reply.freed);
    if ('digest' in reply) this.#digest = reply.digest;
    else this.#hashed = reply.hashed;
    this.#wake();
  }

  #send(): void {
    const slot = this.#number;
    const length = this.#filled;
    this.#seat.send({ slot, length });
    this.#filledSlots.push({ slot, length });
    this.#writing = this.#writing.then(() => this.#writeFilled());
    this.#uses[slot] = 2;
    this.#number = (slot + 1) % SLOTS;
    this.#filled = 0;
    this.#free -= 1;
  }

  /** Writes what waits, several slots at once where the disk is slower than who fills them. */
  async #writeFilled(): Promise<void> {
    // Nothing is written behind a hole.
    while (this.#filledSlots.length > 0 && this.#failure === undefined && !this.#closed) {
      const filled = this.#filledSlots;
      this.#filledSlots = [];
      try {
        this.#at += await writeAllFully(this.#handle, filled.map(({ slot, length }) => this.#seat.ring.slot(slot).subarray(0, length)), this.#at, this.#name);
        for (const { slot } of filled) this.#release(slot);
      } catch (error) {
        this.#fail(error as Error);
      }
    }
  }

  /** It is hashed, or written; free when it is both. */
  #release(slot: number): void {
    this.#uses[slot] = (this.#uses[slot] as number) - 1;
    if (this.#uses[slot] !== 0) return;
    this.#free += 1;
    this.#wake();
  }

  #fail(failure: Error): void {
    this.#failure ??= failure;
    this.#wake();
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
