import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { finishDigest, type Digest } from './digest.js';
import { releaseMemory } from './release-memory.js';
import { writeFully } from './write-fully.js';
import { WriteThread } from './write-thread.js';

/** Held back before a thread (40 ms to start) is known to pay. */
const WORTH_A_THREAD = 8 * 1024 * 1024;

export interface Hashed {
  readonly digest: Digest;
  readonly size: number;
}

export interface HashingWriterOptions {
  /** For errors: what is written. */
  readonly name: string;
  /** Where the first byte goes. Default: 0. */
  readonly offset?: number | undefined;
}

/**
 * Writes to an open file and computes the SHA-256 of what it writes; many bytes are written and hashed in a
 * thread of its own. Always `close` it; the file stays the caller's.
 */
export class HashingWriter {
  readonly #handle: FileHandle;
  readonly #name: string;
  readonly #offset: number;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #written = 0;
  #thread: WriteThread | undefined;

  constructor(handle: FileHandle, { name, offset = 0 }: HashingWriterOptions) {
    this.#handle = handle;
    this.#name = name;
    this.#offset = offset;
  }

  /** Takes `chunk`, which is the caller's again when this resolves. Throws `disk-full`, `io-failed`. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.#thread !== undefined) return this.#hand(chunk, this.#thread);
    this.#held.push(Uint8Array.from(chunk));
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < WORTH_A_THREAD) return;
    this.#thread = new WriteThread({ handle: this.#handle, name: this.#name, offset: this.#offset });
    for (const each of this.#held.splice(0)) {
      await this.#hand(each, this.#thread);
      releaseMemory(each);
    }
  }

  /** All is written. */
  async finish(): Promise<Hashed> {
    if (this.#thread !== undefined) return { digest: await this.#thread.finish(), size: this.#written };
    const hash = createHash('sha256');
    for (const chunk of this.#held) {
      hash.update(chunk);
      await writeFully(this.#handle, chunk, this.#offset + this.#written, this.#name);
      this.#written += chunk.length;
    }
    return { digest: finishDigest(hash, 'sha256'), size: this.#written };
  }

  async close(): Promise<void> {
    this.#held = [];
    await this.#thread?.close();
  }

  async #hand(chunk: Uint8Array, thread: WriteThread): Promise<void> {
    this.#written += chunk.length;
    await thread.write(chunk);
  }
}
