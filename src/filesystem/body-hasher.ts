import { createHash, type Hash } from 'node:crypto';
import type { Inode } from './inode.js';
import type { BodyReceiver } from './read-layer.js';

/** Gives every file that goes by its {@link Inode.sha256}; the bodies are not kept. */
export class BodyHasher implements BodyReceiver {
  #inode: Inode | undefined;
  #hash: Hash | undefined;

  begin(inode: Inode): void {
    this.#inode = inode;
    this.#hash = createHash('sha256');
  }

  chunk(chunk: Uint8Array): void {
    this.#hash?.update(chunk);
  }

  end(): void {
    if (this.#inode !== undefined) this.#inode.sha256 = this.#hash?.digest('hex');
    this.#hash = undefined;
  }
}
