/** What {@link parseNumeric} returns for a field that readers would read differently, or not at all. */
const BAD_NUMBER = Number.NaN;

/**
 * A numeric header field of `length` bytes at `at`: octal digits between optional spaces before and
 * spaces or NULs after (POSIX ustar), or GNU base-256 (first byte 0x80, or 0xff when negative).
 * An empty field is 0. Anything else, and magnitudes above 2^53 - 1, give {@link BAD_NUMBER}.
 */
export function parseNumeric(bytes: Buffer, at: number, length: number): number {
  const end = at + length;
  if ((bytes[at] as number) >= 0x80) return parseBase256(bytes, at, end);
  let i = at;
  while (i < end && bytes[i] === 0x20) i++;
  let value = 0;
  for (; i < end; i++) {
    const digit = (bytes[i] as number) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  for (; i < end; i++) {
    if (bytes[i] !== 0 && bytes[i] !== 0x20) return BAD_NUMBER;
  }
  return value;
}

function parseBase256(bytes: Buffer, at: number, end: number): number {
  const first = bytes[at] as number;
  // Readers disagree on the six bits between marker and sign: only the two plain markers are taken.
  if (first !== 0x80 && first !== 0xff) return BAD_NUMBER;
  const flip = first === 0xff ? 0xff : 0;
  let value = 0;
  for (let i = at + 1; i < end; i++) {
    value = value * 256 + ((bytes[i] as number) ^ flip);
    if (value > Number.MAX_SAFE_INTEGER) return BAD_NUMBER;
  }
  if (flip === 0) return value;
  return value === Number.MAX_SAFE_INTEGER ? BAD_NUMBER : -value - 1;
}

/** True when all `length` bytes are spaces: GNU tar refuses that, others read 0. */
export function isBlank(bytes: Buffer, at: number, length: number): boolean {
  for (let i = at; i < at + length; i++) if (bytes[i] !== 0x20) return false;
  return true;
}

/** Largest value that {@link formatOctal} fits into a field of `length` bytes. */
export function octalMax(length: number): number {
  return 8 ** (length - 1) - 1;
}

/** Writes `value` as `length - 1` octal digits and a NUL. `value` must fit {@link octalMax}. */
export function formatOctal(bytes: Buffer, at: number, length: number, value: number): void {
  bytes.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
}

/** Writes `value` as {@link formatOctal} does, or as GNU base-256 when it does not fit. */
export function formatSize(bytes: Buffer, at: number, length: number, value: number): void {
  if (value <= octalMax(length)) return formatOctal(bytes, at, length, value);
  bytes[at] = 0x80;
  bytes.writeBigUInt64BE(BigInt(value), at + length - 8);
}
