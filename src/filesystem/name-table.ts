import { randomInt } from 'node:crypto';

/** How far from its own place a name may lie. In a table half full none comes there, but where names were made for it: those are forgotten. */
const FARTHEST = 256;
const SEED = randomInt(2 ** 32 - 1);

/**
 * A number from 1 to 255 for each of many names. What is kept of a name are 64 bits of a hash: a million take 20 MB, a tenth of what
 * a map of them takes, and two are taken for one as good as never.
 */
export class NameTable {
  #first = new Uint32Array(1024);
  #second = new Uint32Array(1024);
  #numbers = new Uint8Array(1024);
  #size = 0;
  /** The hash of the name that is asked for: returned as a pair, each would be an object. */
  #a = 0;
  #b = 0;

  /** The number of the name that `text` is up to `end`; 0 when it has none. */
  get(text: string, end = text.length): number {
    this.#hash(text, end);
    return this.#numbers[this.#slot()] ?? 0;
  }

  /** Gives the name `text` a number; returns the one that it had. */
  set(text: string, number: number): number {
    if (this.#size * 2 >= this.#numbers.length) this.#grow();
    this.#hash(text, text.length);
    return this.#put(number);
  }

  #put(number: number): number {
    const slot = this.#slot();
    if (slot === -1) return 0;
    const before = this.#numbers[slot] as number;
    if (before === 0) this.#size += 1;
    this.#first[slot] = this.#a;
    this.#second[slot] = this.#b;
    this.#numbers[slot] = number;
    return before;
  }

  /** Where the name is, or has its place; -1 where that is too far away. */
  #slot(): number {
    const [a, b] = [this.#a, this.#b];
    const mask = this.#numbers.length - 1;
    for (let i = 0; i < FARTHEST; i++) {
      const slot = (a + i) & mask;
      if (this.#numbers[slot] === 0 || (this.#first[slot] === a && this.#second[slot] === b)) return slot;
    }
    return -1;
  }

  #grow(): void {
    const [first, second, numbers] = [this.#first, this.#second, this.#numbers];
    const { length } = numbers;
    this.#first = new Uint32Array(length * 2);
    this.#second = new Uint32Array(length * 2);
    this.#numbers = new Uint8Array(length * 2);
    this.#size = 0;
    for (let i = 0; i < length; i++) {
      const number = numbers[i] as number;
      if (number === 0) continue;
      this.#a = first[i] as number;
      this.#b = second[i] as number;
      this.#put(number);
    }
  }

  #hash(text: string, end: number): void {
    let [a, b] = [SEED, ~SEED];
    for (let i = 0; i < end; i += 2) {
      const codes = text.charCodeAt(i) | (i + 1 < end ? text.charCodeAt(i + 1) << 16 : 0);
      a = Math.imul(a ^ codes, 0x9e3779b1);
      a ^= a >>> 15;
      b = Math.imul(b ^ codes, 0x85ebca6b);
      b ^= b >>> 13;
    }
    a = Math.imul(a ^ end, 0x7feb352d);
    b = Math.imul(b ^ (b >>> 15), 0x846ca68b);
    this.#a = (a ^ (a >>> 16)) >>> 0;
    this.#b = (b ^ (b >>> 16)) >>> 0;
  }
}
