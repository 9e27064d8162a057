import { checkDer, derFault, readDerHeader, type DerContext, type DerHeader } from './der-check.js';
import { DerFields } from './der-fields.js';
import type { ImgkitError } from '../../errors.js';

/** Tags that are read and written here. */
export const TAG = {
  boolean: 0x01, integer: 0x02, bitString: 0x03, octetString: 0x04, null: 0x05, oid: 0x06, enumerated: 0x0a, utf8: 0x0c,
  printable: 0x13, ia5: 0x16, utcTime: 0x17, generalizedTime: 0x18, sequence: 0x30, set: 0x31,
} as const;

/** One element of checked DER. Its bytes are views; children are read when asked for, so a large CRL costs no objects. */
export class DerNode {
  readonly tag: number;
  readonly context: DerContext;
  readonly #bytes: Uint8Array;
  readonly #header: DerHeader;

  constructor(bytes: Uint8Array, header: DerHeader, context: DerContext) {
    this.tag = header.tag;
    this.context = context;
    this.#bytes = bytes;
    this.#header = header;
  }

  /** The content without the header. */
  get content(): Uint8Array {
    return this.#bytes.subarray(this.#header.body, this.#header.end);
  }

  /** Header and content, as they were signed. */
  get raw(): Uint8Array {
    return this.#bytes.subarray(this.#header.start, this.#header.end);
  }

  fault(problem: string): ImgkitError {
    return derFault(this.context, problem, this.#header.start);
  }

  /** This element, if it has that tag; throws otherwise. */
  as(tag: number): this {
    if (this.tag !== tag) throw this.fault(`has a DER element of type ${hex(this.tag)} where ${hex(tag)} belongs`);
    return this;
  }

  *children(): Generator<DerNode> {
    if ((this.tag & 0x20) === 0) throw this.fault(`has a DER element of type ${hex(this.tag)} where one with parts belongs`);
    for (let at = this.#header.body; at < this.#header.end;) {
      const header = readDerHeader(this.#bytes, at, this.#header.end, this.context);
      yield new DerNode(this.#bytes, header, this.context);
      at = header.end;
    }
  }

  /** The parts of a SEQUENCE (or of what has `tag`), to be taken one after the other. */
  fields(tag: number = TAG.sequence): DerFields {
    return new DerFields(this.as(tag));
  }

  /** The one element inside an explicit tag. */
  only(): DerNode {
    const [first, ...others] = this.children();
    if (first === undefined || others.length > 0) throw this.fault('has a DER element with more or fewer parts than one');
    return first;
  }

  /** `1.2.840.113549.1.7.2` */
  oid(): string {
    const arcs: string[] = [];
    let value = 0n;
    const { content } = this.as(TAG.oid);
    // The arithmetic below grows with the square of the length; no identifier in use is half as long.
    if (content.length > 64) throw this.fault('has an object identifier of more than 64 bytes');
    for (const byte of content) {
      if (value === 0n && byte === 0x80) throw this.fault('has a malformed object identifier');
      value = (value << 7n) | BigInt(byte & 0x7f);
      if (byte >= 0x80) continue;
      if (arcs.length === 0) {
        const root = value < 80n ? value / 40n : 2n;
        arcs.push(String(root), String(value - root * 40n));
      } else {
        arcs.push(String(value));
      }
      value = 0n;
    }
    return arcs.join('.');
  }

  /** A small whole number, not negative. */
  number(): number {
    const { content } = this.as(TAG.integer);
    if (content.length > 5 || (content[0] ?? 0) >= 0x80) throw this.fault('has a number outside of what is expected');
    return content.reduce((sum, byte) => sum * 256 + byte, 0);
  }

  boolean(): boolean {
    return this.as(TAG.boolean).content[0] === 0xff;
  }

  octets(): Uint8Array {
    return this.as(TAG.octetString).content;
  }

  /** A bit string of whole bytes. */
  bits(): Uint8Array {
    const { content } = this.as(TAG.bitString);
    if (content[0] !== 0) throw this.fault('has a bit string that does not end with a byte');
    return content.subarray(1);
  }
}

/** `bytes` as DER, checked to the last element first. `most` bounds their number. Throws the error of `context`, or `limit-exceeded`. */
export function readDer(bytes: Uint8Array, context: DerContext, most: number): DerNode {
  checkDer(bytes, context, most);
  return new DerNode(bytes, readDerHeader(bytes, 0, bytes.length, context), context);
}

function hex(tag: number): string {
  return `0x${tag.toString(16).padStart(2, '0')}`;
}
