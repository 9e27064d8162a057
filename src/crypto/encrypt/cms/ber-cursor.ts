import type { ByteSource } from '../../../content/byte-source.js';
import type { ImgkitError } from '../../../errors.js';
import { derFault, readDerHeader, type DerContext } from '../../x509/der-check.js';
import { readDer, type DerNode } from '../../x509/der-node.js';

/** The longest header of an element that is read: a tag, and a length of four bytes. */
const HEADER = 6;
const WINDOW = 64 * 1024;

/**
 * Reads a large message element by element, from its start to its end: what is small as DER, what is large as chunks. Besides DER
 * it knows the indefinite lengths of BER, which `openssl cms -stream` writes. Throws the error of `context`.
 */
export class BerCursor {
  readonly #source: ByteSource;
  readonly #context: DerContext;
  readonly #ends: (number | undefined)[];
  #at = 0;
  #window: Uint8Array = new Uint8Array();
  #windowAt = 0;

  constructor(source: ByteSource, context: DerContext) {
    this.#source = source;
    this.#context = context;
    this.#ends = [source.size];
  }

  fault(problem: string): ImgkitError {
    return derFault(this.#context, problem, this.#at);
  }

  /** The tag of the next element; undefined at the end of what holds it. */
  async tag(): Promise<number | undefined> {
    const [tag, length] = await this.#peek(2);
    return this.#ends.at(-1) === this.#at || tag === undefined || (tag === 0 && length === 0) ? undefined : tag;
  }

  /** Goes into the next element, which must have that tag. */
  async enter(tag: number): Promise<void> {
    const header = await this.#header();
    if (header.tag !== tag) throw this.fault(`has an element of type 0x${header.tag.toString(16)} where 0x${tag.toString(16)} belongs`);
    this.#ends.push(header.end);
  }

  /** Leaves the element that was entered last, which must be at its end; the last one is the source itself. */
  async leave(): Promise<void> {
    const end = this.#ends.pop();
    if (end === undefined) {
      const [tag, length] = await this.#peek(2);
      if (tag !== 0 || length !== 0) throw this.fault('has no end marker where one belongs');
      this.#at += 2;
    } else if (end !== this.#at) {
      throw this.fault('holds something that is not read here');
    }
  }

  /** The whole next element, as DER of at most `most` bytes. Throws also `limit-exceeded`. */
  async element(most: number): Promise<DerNode> {
    const start = this.#at;
    const { end } = await this.#header();
    if (end === undefined) throw this.fault('has an element without a length where DER belongs');
    const length = end - start;
    this.#at = end;
    // One that is too long is not read: the reader only has to see how long it is.
    return readDer(length > most ? new Uint8Array(most + 1) : await this.#source.read(start, length), this.#context, most);
  }

  /** What is left of the element that was entered last, in chunks; it must have a length. */
  async *chunks(signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, undefined> {
    const end = this.#ends.at(-1);
    if (end === undefined) throw this.fault('has content without a length');
    const range = { offset: this.#at, length: end - this.#at };
    this.#at = end;
    if (range.length <= WINDOW) yield this.#inWindow(range.offset, range.length) ?? (await this.#source.read(range.offset, range.length));
    else yield* this.#source.stream(range, signal);
  }

  /** Goes over the next header: the tag, and where the content ends; undefined for one that an end marker ends. */
  async #header(): Promise<{ readonly tag: number; readonly end: number | undefined }> {
    const limit = this.#ends.findLast((end) => end !== undefined) as number;
    const bytes = await this.#peek(HEADER);
    const [tag = 0, length = 0] = bytes;
    if (length === 0x80 && (tag & 0x20) !== 0) {
      this.#at += 2;
      return { tag, end: undefined };
    }
    // What lies beyond is zeros to it: only the header is looked at.
    const header = readDerHeader(bytes, 0, Number.MAX_SAFE_INTEGER, this.#context);
    const end = this.#at + header.end;
    if (end > limit) throw this.fault(`is cut short: an element of ${header.end - header.body} bytes ends outside of what holds it`);
    this.#at += header.body;
    return { tag: header.tag, end };
  }

  async #peek(length: number): Promise<Uint8Array> {
    const there = Math.min(length, this.#source.size - this.#at);
    const known = this.#inWindow(this.#at, there);
    if (known !== undefined) return known;
    this.#window = await this.#source.read(this.#at, Math.min(WINDOW, this.#source.size - this.#at));
    this.#windowAt = this.#at;
    return this.#window.subarray(0, there);
  }

  #inWindow(offset: number, length: number): Uint8Array | undefined {
    const start = offset - this.#windowAt;
    return start >= 0 && start + length <= this.#window.length ? this.#window.subarray(start, start + length) : undefined;
  }
}
