import { randomInt } from 'node:crypto';
import type { LayerNames } from '../content/layer-names.js';

/** How far from its own place a name may lie. In a table half full none comes there, but where names were made for it: those are forgotten. */
const FARTHEST = 256;
const SEED = randomInt(2 ** 32 - 1);
/** Where the number of a name stands, in the second half of its hash. */
const NUMBER = 7;

/** A table in a form that goes from thread to thread. */
export type PackedNames = Pick<LayerNames, 'seed' | 'pairs'>;

/**
 * A number from 1 to 7 for each of many names. What is kept of a name are 61 bits of a hash: a million take some 20 MB, a tenth of what
 * a map of them takes, and two are taken for one as good as never.
 */
export class NameTable {
  /** Two of each name, side by side: both halves of its hash, and its number in the second. */
  #slots = new Uint32Array(2 * 4096);
  #size = 0;
  /** Names that have no place in the table yet, as there, and where they end. */
  #fresh = new Uint32Array(4096);
  #end = 0;
  /** The hash of the name that is asked for: returned as a pair, each would be an object. */
  #a = 0;
  #b = 0;
  readonly #seed: number;

  /** Empty, or as the one that {@link pack} was asked of, also in another thread. */
  constructor({ seed, pairs }: PackedNames = { seed: SEED, pairs: new Uint32Array() }) {
    this.#seed = seed;
    this.#putAll(pairs, pairs.length);
  }

  /** A copy of all names, 8 bytes each. */
  pack(): PackedNames {
    // Nobody asked yet, and no table is needed.
    if (this.#size === 0) return { seed: this.#seed, pairs: this.#fresh.slice(0, this.#end) };
    this.#settle();
    const pairs = new Uint32Array(2 * this.#size);
    let end = 0;
    for (let at = 0; at < this.#slots.length; at += 2) {
      if (this.#slots[at + 1] === 0) continue;
      pairs[end++] = this.#slots[at] as number;
      pairs[end++] = this.#slots[at + 1] as number;
    }
    return { seed: this.#seed, pairs };
  }

  /** The number of the name that `text` is up to `end`; 0 when it has none. */
  get(text: string, end = text.length): number {
    this.#settle();
    this.#hash(text, end);
    const at = this.#find();
    return at === -1 ? 0 : (this.#slots[at + 1] as number) & NUMBER;
  }

  /** Gives the name `text` a number; returns the one that it had. */
  set(text: string, number: number): number {
    this.#settle();
    if (this.#size * 4 >= this.#slots.length) this.#grow();
    this.#hash(text, text.length);
    return this.#put(number);
  }

  /** Gives the name `text`, which certainly has none yet, a number: it is only noted, until another is asked for. */
  add(text: string, number: number): void {
    if (this.#end === this.#fresh.length) {
      const fresh = this.#fresh;
      this.#fresh = new Uint32Array(2 * fresh.length);
      this.#fresh.set(fresh);
    }
    this.#hash(text, text.length);
    this.#fresh[this.#end++] = this.#a;
    this.#fresh[this.#end++] = this.#b | number;
  }

  /** Puts what was only noted into the table. */
  #settle(): void {
    if (this.#end === 0) return;
    this.#putAll(this.#fresh, this.#end);
    this.#end = 0;
  }

  #put(number: number): number {
    const at = this.#find();
    if (at === -1) return 0;
    const before = (this.#slots[at + 1] as number) & NUMBER;
    if (before === 0) this.#size += 1;
    this.#slots[at] = this.#a;
    this.#slots[at + 1] = this.#b | number;
    return before;
  }

  /** Where the name is, or has its place; -1 where that is too far away. */
  #find(): number {
    const slots = this.#slots;
    const [a, b] = [this.#a, this.#b];
    const mask = slots.length / 2 - 1;
    for (let i = 0; i < FARTHEST; i++) {
      const at = 2 * ((a + i) & mask);
      const second = slots[at + 1] as number;
      if (second === 0 || (slots[at] === a && ((second ^ b) & ~NUMBER) === 0)) return at;
    }
    return -1;
  }

  #grow(): void {
    const slots = this.#slots;
    this.#slots = new Uint32Array(slots.length * 2);
    this.#size = 0;
    this.#putAll(slots, slots.length);
  }

  /** What lies as in the table, up to `end`. */
  #putAll(slots: Uint32Array, end: number): void {
    while ((this.#size + end / 2) * 4 > this.#slots.length) this.#grow();
    for (let at = 0; at < end; at += 2) {
      const second = slots[at + 1] as number;
      if (second === 0) continue;
      this.#a = slots[at] as number;
      this.#b = second & ~NUMBER;
      this.#put(second & NUMBER);
    }
  }

  #hash(text: string, end: number): void {
    let [a, b] = [this.#seed, ~this.#seed];
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
    this.#b = (b ^ (b >>> 16)) & ~NUMBER;
  }
}
