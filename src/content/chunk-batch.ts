import { lentBytes, type LentChunk } from './lent-chunk.js';
import { releaseMemory } from './release-memory.js';

const CHUNK = 1024 * 1024;
const NONE: readonly LentChunk[] = [];

/** Gathers small pieces into large chunks; what is full is handed out, and used again at the next but one. Large pieces are passed on. */
export class ChunkBatch {
  #chunk = Buffer.allocUnsafeSlow(CHUNK);
  #other = Buffer.allocUnsafeSlow(CHUNK);
  #filled = 0;

  /** Takes `piece`; returns what is ready, in order. */
  add(piece: LentChunk): readonly LentChunk[] {
    const large = piece.length >= CHUNK / 2;
    const ready = large || piece.length > CHUNK - this.#filled ? this.flush() : NONE;
    if (large) return [...ready, piece];
    this.#chunk.set(lentBytes(piece), this.#filled);
    this.#filled += piece.length;
    return ready;
  }

  /** What is left. */
  flush(): readonly LentChunk[] {
    if (this.#filled === 0) return NONE;
    const full = this.#chunk.subarray(0, this.#filled);
    [this.#chunk, this.#other] = [this.#other, this.#chunk];
    this.#filled = 0;
    return [full];
  }

  /** Gives its memory back; nothing that it handed out is used any more. */
  release(): void {
    releaseMemory(this.#chunk);
    releaseMemory(this.#other);
  }
}
