const BINARY = 'age-encryption.org/';
const ARMOR = '-----BEGIN AGE ENCRYPTED FILE-----';

/** Bytes that {@link isAge} wants to see. */
export const AGE_HEAD = 64;

/** True for the start of an age file, binary or armored, of any version. */
export function isAge(head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, AGE_HEAD)).toString('latin1');
  return text.startsWith(BINARY) || text.trimStart().startsWith(ARMOR);
}

/** True for the start of an age file without armor. */
export function isBinaryAge(head: Uint8Array): boolean {
  return Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, AGE_HEAD)).toString('latin1').startsWith(BINARY);
}
