import { TAG } from './der-node.js';

/** One DER element: `tag`, the length in its shortest form, the parts. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([derHeader(tag, length), ...parts]);
}

/** The start of an element of `length` bytes. */
export function derHeader(tag: number, length: number): Uint8Array {
  return Uint8Array.of(tag, ...encodeLength(length));
}

export function derSequence(...parts: readonly Uint8Array[]): Uint8Array {
  return der(TAG.sequence, ...parts);
}

/** A SET OF with its members in the order that DER demands (X.690 11.6); `tag` for one that is tagged implicitly. */
export function derSetOf(members: readonly Uint8Array[], tag: number = TAG.set): Uint8Array {
  return der(tag, ...members.toSorted(Buffer.compare));
}

export function derOid(oid: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = oid.split('.').map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift((left % 128) + 128);
    bytes.push(...digits);
  }
  return der(TAG.oid, Uint8Array.from(bytes));
}

/** A whole number that is not negative. */
export function derInteger(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let left = value; left > 0 || bytes.length === 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  if ((bytes[0] ?? 0) >= 0x80) bytes.unshift(0);
  return der(TAG.integer, Uint8Array.from(bytes));
}

/** UTCTime until 2049, GeneralizedTime after it, as RFC 5280 and RFC 5652 want it. */
export function derTime(time: Date): Uint8Array {
  const digits = `${time.toISOString().replaceAll(/[-:T]|\.\d+Z/g, '')}Z`;
  const year = time.getUTCFullYear();
  return year >= 1950 && year < 2050 ? der(TAG.utcTime, Buffer.from(digits.slice(2), 'latin1')) : der(TAG.generalizedTime, Buffer.from(digits, 'latin1'));
}

export const DER_NULL: Uint8Array = Uint8Array.of(TAG.null, 0);

function encodeLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const bytes: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return Uint8Array.of(0x80 + bytes.length, ...bytes);
}
