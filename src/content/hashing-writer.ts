import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { finishDigest, type Digest } from './digest.js';
import { HashThread } from './hash-thread.js';
import { writeFully } from './write-fully.js';

/** Held back before a thread (40 ms to start) is known to pay. */
const WORTH_A_THREAD = 8 * 1024 * 1024;

export interface Hashed {
  readonly digest: Digest;
  readonly size: number;
}

/**
 * Writes to an open file, from its start, and computes the SHA-256 of what it writes; that of many bytes in a thread of its own,
 * while they are written. Always `close` it; the file stays the caller's.
 */
export class HashingWriter {
  readonly #handle: FileHandle;
  readonly #name: string;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #written = 0;
  #thread: HashThread | undefined;

  /** `name` is for errors. */
  constructor(handle: FileHandle, name: string) {
    this.#handle = handle;
    this.#name = name;
  }

  /** Takes `chunk`, which must not change any more. Throws `disk-full`, `io-failed`. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.#thread !== undefined) return this.#put(chunk, this.#thread);
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < WORTH_A_THREAD) return;
    this.#thread = new HashThread(this.#name);
    for (const each of this.#held.splice(0)) await this.#put(each, this.#thread);
  }

  /** All is written. */
  async finish(): Promise<Hashed> {
    if (this.#thread !== undefined) return { digest: await this.#thread.digest(), size: this.#written };
    const hash = createHash('sha256');
    for (const chunk of this.#held) await this.#put(chunk, { update: (bytes) => void hash.update(bytes) });
    return { digest: finishDigest(hash, 'sha256'), size: this.#written };
  }

  async close(): Promise<void> {
    this.#held = [];
    await this.#thread?.close();
  }

  async #put(chunk: Uint8Array, hash: { update(chunk: Uint8Array): Promise<void> | void }): Promise<void> {
    const at = this.#written;
    this.#written += chunk.length;
    await Promise.all([writeFully(this.#handle, chunk, at, this.#name), hash.update(chunk)]);
  }
}
