/** Makes the error for bytes that break the format; `problem` continues a sentence such as "the key". */
export type Malformed = (problem: string) => Error;

/** Reads SSH's encoding (RFC 4251, 5) strictly: nothing beyond the end, nothing left over. Views, no copies. */
export class SshReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #malformed: Malformed;
  #at = 0;

  constructor(bytes: Uint8Array, malformed: Malformed) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#malformed = malformed;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  bytes(length: number): Uint8Array {
    if (length > this.left) throw this.#malformed(`is cut short at byte ${this.#at}`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  byte(): number {
    return this.bytes(1)[0] as number;
  }

  uint32(): number {
    this.bytes(4);
    return this.#view.getUint32(this.#at - 4);
  }

  uint64(): bigint {
    this.bytes(8);
    return this.#view.getBigUint64(this.#at - 8);
  }

  string(): Uint8Array {
    return this.bytes(this.uint32());
  }

  /** A string of printable ASCII: names of algorithms and curves. */
  name(): string {
    const text = Buffer.from(this.string()).toString('latin1');
    if (!/^[\x21-\x7e]{0,120}$/.test(text)) throw this.#malformed('has a name that is none');
    return text;
  }

  /** A string of UTF-8. */
  text(): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.string());
    } catch {
      throw this.#malformed('has a text that is not UTF-8');
    }
  }

  /** A positive mpint as its bytes, without the leading zero. Refuses negative ones, zero, and needless leading zeros. */
  mpint(): Uint8Array {
    const bytes = this.string();
    const [first = 0, second = 0] = bytes;
    if (bytes.length === 0 || first > 0x7f || (first === 0 && (bytes.length === 1 || second < 0x80))) throw this.#malformed('has a number that is not encoded properly');
    return first === 0 ? bytes.subarray(1) : bytes;
  }

  end(): void {
    if (this.left > 0) throw this.#malformed(`has ${this.left} bytes too many`);
  }
}

/** `value` as big-endian 32 bits. */
export function sshUint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** A length and the bytes, or a text's. */
export function sshString(value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([sshUint32(bytes.length), bytes]);
}

/** An unsigned big-endian number as an mpint. */
export function sshMpint(value: Uint8Array): Uint8Array {
  const start = value.findIndex((byte) => byte !== 0);
  const bytes = start === -1 ? new Uint8Array() : value.subarray(start);
  return sshString((bytes[0] ?? 0) > 0x7f ? Buffer.concat([new Uint8Array(1), bytes]) : bytes);
}
