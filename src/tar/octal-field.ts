// The number fields of a header as nearly every tar has them: octal digits, then one NUL or space. They are read four bytes at a time
// (big endian), for a layer has a hundred thousand headers of six numbers. -1 says nothing: `parseNumeric` decides.

/** A field of 8 bytes, seven of them digits. */
export function octalField8(words: DataView, at: number): number {
  const high = fourDigits(words.getInt32(at));
  const low = threeDigits(words.getInt32(at + 4));
  return high === -1 || low === -1 ? -1 : high * 0o1000 + low;
}

/** A field of 12 bytes, eleven of them digits. */
export function octalField12(words: DataView, at: number): number {
  const high = fourDigits(words.getInt32(at));
  const middle = fourDigits(words.getInt32(at + 4));
  const low = threeDigits(words.getInt32(at + 8));
  return high === -1 || middle === -1 || low === -1 ? -1 : high * 0o10000000 + middle * 0o1000 + low;
}

/** A checksum: six digits, NUL and space. */
export function checksumField(words: DataView, at: number): number {
  const high = fourDigits(words.getInt32(at));
  const low = words.getInt32(at + 4);
  return high === -1 || (low & 0xf8f8ffff) !== 0x30300020 ? -1 : high * 0o100 + (((low >> 21) & 0o70) | ((low >> 16) & 7));
}

/** `0` to `7` are 0x30 to 0x37. */
function fourDigits(word: number): number {
  return (word & 0xf8f8f8f8) === 0x30303030 ? ((word >> 15) & 0o7000) | ((word >> 10) & 0o700) | ((word >> 5) & 0o70) | (word & 7) : -1;
}

function threeDigits(word: number): number {
  return (word & 0xf8f8f8df) === 0x30303000 ? ((word >> 18) & 0o700) | ((word >> 13) & 0o70) | ((word >> 8) & 7) : -1;
}
