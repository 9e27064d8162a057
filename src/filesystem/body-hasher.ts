import { createHash, hash, type Hash } from 'node:crypto';
import type { Inode } from './inode.js';
import type { BodyReceiver } from './read-layer.js';

/** Gives every file that goes by its {@link Inode.sha256}; the bodies are not kept. */
export class BodyHasher implements BodyReceiver {
  #inode: Inode | undefined;
  #hash: Hash | undefined;
  #whole = false;

  begin(inode: Inode): void {
    this.#inode = inode;
    this.#hash = undefined;
    this.#whole = false;
  }

  chunk(chunk: Uint8Array): void {
    const inode = this.#inode as Inode;
    // Most files come in one piece: no object is made for them.
    if (this.#hash === undefined && chunk.length === inode.size) {
      inode.sha256 = hash('sha256', chunk, 'binary');
      this.#whole = true;
    } else (this.#hash ??= createHash('sha256')).update(chunk);
  }

  end(): void {
    if (!this.#whole) (this.#inode as Inode).sha256 = (this.#hash ?? createHash('sha256')).digest('binary');
    this.#hash = undefined;
  }
}
