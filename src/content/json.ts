import { ImgkitError } from '../errors.js';
import type { Limits } from '../limits.js';
import { malformed } from './json-error.js';
import { byteOffset, decodeJsonText } from './json-text.js';

/** A parsed JSON value. Objects are Maps in document order, so a key such as `__proto__` is an ordinary key. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export type JsonObject = ReadonlyMap<string, JsonValue>;

/** The parser recurses; whatever the limits say, it stops before the JavaScript stack would. */
const DEEPEST = 1_000;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
/** Shared by all empty objects: a million of them in a hostile document would otherwise cost a million Maps. */
const EMPTY: JsonObject = new Map();
const HEX4 = /^[0-9a-fA-F]{4}$/;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'], ['\\', '\\'], ['/', '/'], ['b', '\b'], ['f', '\f'], ['n', '\n'], ['r', '\r'], ['t', '\t'],
]);

/**
 * Reads one JSON document (RFC 8259), strictly: where readers in the wild disagree it throws instead of choosing.
 * Refused are a byte order mark, invalid UTF-8, data after the value, a key given twice in any object, nesting deeper than
 * `limits.jsonDepth`, half surrogate pairs, and numbers beyond what a double holds. Integers above 2^53 lose precision
 * here and are refused where a schema wants an integer (`json-record.ts`).
 * Throws `document-malformed` or `limit-exceeded`, naming `where` and the byte offset.
 */
export function parseJson(bytes: Uint8Array, where: string, limits: Limits): JsonValue {
  return new Parser(decodeJsonText(bytes, where), where, Math.min(limits.jsonDepth, DEEPEST)).document();
}

class Parser {
  readonly #text: string;
  readonly #where: string;
  readonly #deepest: number;
  #at = 0;

  constructor(text: string, where: string, deepest: number) {
    this.#text = text;
    this.#where = where;
    this.#deepest = deepest;
  }

  document(): JsonValue {
    const value = this.#value(1);
    if (this.#peek() === this.#peek()) throw this.#error('has data after the end of the JSON value');
    return value;
  }

  /** The next character code that is not white space, or NaN at the end. */
  #peek(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
      this.#at += 1;
    }
  }

  #value(depth: number): JsonValue {
    switch (this.#peek()) {
      case 0x7b: return this.#object(depth);
      case 0x5b: return this.#array(depth);
      case 0x22: return this.#string();
      case 0x74: return this.#word('true', true);
      case 0x66: return this.#word('false', false);
      case 0x6e: return this.#word('null', null);
      default: return this.#number();
    }
  }

  #object(depth: number): JsonObject {
    this.#enter(depth);
    if (this.#skip(0x7d)) return EMPTY;
    const members = new Map<string, JsonValue>();
    do {
      if (this.#peek() !== 0x22) throw this.#error('expected a key in double quotes');
      const start = this.#at;
      const key = this.#string();
      if (members.has(key)) throw this.#error(`has the key ${JSON.stringify(key.slice(0, 80))} twice in one object`, start);
      if (!this.#skip(0x3a)) throw this.#error('expected a colon after a key');
      members.set(key, this.#value(depth + 1));
    } while (this.#skip(0x2c));
    if (!this.#skip(0x7d)) throw this.#error('expected a comma or a closing brace');
    return members;
  }

  #array(depth: number): JsonValue[] {
    this.#enter(depth);
    const items: JsonValue[] = [];
    if (this.#skip(0x5d)) return items;
    do items.push(this.#value(depth + 1)); while (this.#skip(0x2c));
    if (!this.#skip(0x5d)) throw this.#error('expected a comma or a closing bracket');
    return items;
  }

  #enter(depth: number): void {
    if (depth > this.#deepest) {
      const offset = byteOffset(this.#text, this.#at);
      throw new ImgkitError(
        'limit-exceeded',
        `${this.#where}: is nested deeper than ${this.#deepest} levels at byte ${offset}; no container tool writes that, get a fresh copy from its source.`,
        { entry: this.#where, offset },
      );
    }
    this.#at += 1;
  }

  #skip(code: number): boolean {
    if (this.#peek() !== code) return false;
    this.#at += 1;
    return true;
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#error('expected a JSON value');
    this.#at += word.length;
    return value;
  }

  #number(): number {
    return this.#shortInteger() ?? this.#anyNumber();
  }

  /** The fast way for what nearly all numbers are: up to 15 digits and nothing else. */
  #shortInteger(): number | undefined {
    let at = this.#at;
    let value = 0;
    let code = this.#text.charCodeAt(at);
    if (code === 0x30) return undefined;
    for (; code >= 0x30 && code <= 0x39; code = this.#text.charCodeAt(++at)) value = value * 10 + (code - 0x30);
    const digits = at - this.#at;
    if (digits === 0 || digits > 15 || code === 0x2e || code === 0x65 || code === 0x45) return undefined;
    this.#at = at;
    return value;
  }

  #anyNumber(): number {
    NUMBER.lastIndex = this.#at;
    const [literal] = NUMBER.exec(this.#text) ?? [];
    if (literal === undefined) throw this.#error(this.#at >= this.#text.length ? 'ends too early' : 'expected a JSON value');
    const value = Number(literal);
    if (!Number.isFinite(value)) throw this.#error('has a number that is out of range');
    this.#at += literal.length;
    return value;
  }

  #string(): string {
    const text = this.#text;
    let done = '';
    let start = this.#at + 1;
    let at = start;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 0x22) {
        this.#at = at + 1;
        return done + text.slice(start, at);
      }
      if (code === 0x5c) {
        done += text.slice(start, at);
        this.#at = at;
        done += this.#escape();
        start = at = this.#at;
      } else if (code >= 0x20) {
        at += 1;
      } else { // a control character, or NaN: the end
        throw this.#error(code < 0x20 ? 'has a control character in a string' : 'ends inside a string', at);
      }
    }
  }

  #escape(): string {
    const letter = this.#text.charAt(this.#at + 1);
    if (letter !== 'u') {
      const plain = ESCAPES.get(letter);
      if (plain === undefined) throw this.#error('has an unknown escape in a string');
      this.#at += 2;
      return plain;
    }
    const start = this.#at;
    const high = this.#unit();
    if (high < 0xd800 || high > 0xdfff) return String.fromCharCode(high);
    // Go reads half a pair as U+FFFD, JavaScript keeps it: two names for one thing, so neither.
    const low = high < 0xdc00 && this.#text.startsWith('\\u', this.#at) ? this.#unit() : 0;
    if (low < 0xdc00 || low > 0xdfff) throw this.#error('has half a surrogate pair in a string', start);
    return String.fromCharCode(high, low);
  }

  #unit(): number {
    const hex = this.#text.slice(this.#at + 2, this.#at + 6);
    if (!HEX4.test(hex)) throw this.#error('has a broken \\u escape in a string');
    this.#at += 6;
    return Number.parseInt(hex, 16);
  }

  #error(problem: string, at = this.#at): ImgkitError {
    return malformed(this.#where, problem, { offset: byteOffset(this.#text, at) });
  }
}
