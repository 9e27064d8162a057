import { ImgkitError } from '../../errors.js';
import { decodeBase64 } from './base64-strict.js';

const UNTRUSTED = 'untrusted comment: ';
/** As minisign bounds them. */
const MOST_COMMENT_BYTES = 8192;

/** True when a file starts as all of minisign's do. */
export function isMinisignFile(text: string): boolean {
  return text.startsWith(UNTRUSTED.trimEnd());
}

/** Two lines as minisign writes them: a comment that nothing protects, and base64. */
export function untrustedLines(comment: string, bytes: Uint8Array): string {
  return `${UNTRUSTED}${checkedComment(comment)}\n${Buffer.from(bytes).toString('base64')}\n`;
}

/** The lines of a file of minisign, without the empty ones at its end: minisign looks at no more than it needs, and a copied key has some. */
export function minisignLines(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
}

/** The bytes of a key file of minisign; undefined when it is none, or none of `length` bytes. */
export function keyFileBytes(file: Uint8Array, length: number): Uint8Array | undefined {
  const lines = minisignLines(Buffer.from(file).toString('utf8'));
  if (lines.length !== 2 || !isMinisignFile(lines[0] as string)) return undefined;
  const bytes = decodeBase64(lines[1] as string);
  return bytes?.length === length ? bytes : undefined;
}

/** Bytes in a secret key file of minisign. */
export const MINISIGN_SECRET_LENGTH = 158;

/** True for a file with a secret key, protected by a passphrase or not. */
export function isMinisignSecretKey(file: Uint8Array): boolean {
  return keyFileBytes(file, MINISIGN_SECRET_LENGTH) !== undefined;
}

/** `comment`, when minisign can hold it in one line. Throws `usage`. */
export function checkedComment(comment: string): string {
  if (/[\p{Cc}\p{Cs}]/u.test(comment.replaceAll('\t', '')) || Buffer.byteLength(comment) > MOST_COMMENT_BYTES - 100) throw new ImgkitError('usage', 'A comment must be one line of printable text.');
  return comment;
}

/** A key ID as minisign prints it: the eight bytes backwards. */
export function minisignKeyId(id: Uint8Array): string {
  return Buffer.from(id.toReversed()).toString('hex').toUpperCase();
}
