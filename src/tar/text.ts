import { isUtf8 } from 'node:buffer';
import { ImgkitError } from '../errors.js';

/**
 * Decodes `bytes[from..to)` as UTF-8 without loss: a byte that is not part of valid UTF-8 becomes
 * U+DC80..U+DCFF, as in Python's surrogateescape. {@link encodeText} gives the same bytes back.
 */
export function decodeText(bytes: Buffer, from = 0, to = bytes.length): string {
  let ascii = true;
  for (let i = from; i < to; i++) {
    if ((bytes[i] as number) > 0x7f) {
      ascii = false;
      break;
    }
  }
  if (ascii) return bytes.toString('latin1', from, to);
  // A copy, because `isUtf8` refuses shared memory.
  const copy = Buffer.from(bytes.subarray(from, to));
  return isUtf8(copy) ? copy.toString('utf8') : decodeBroken(copy);
}

function decodeBroken(bytes: Buffer): string {
  let text = '';
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    text += length === 0 ? String.fromCharCode(0xdc00 + (bytes[at] as number)) : bytes.toString('utf8', at, at + length);
    at += length || 1;
  }
  return text;
}

/** Length of the valid UTF-8 sequence at `at`, 0 when there is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] as number;
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  return length !== 0 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}

/**
 * The inverse of {@link decodeText}. Throws `usage` on a lone surrogate other than U+DC80..U+DCFF,
 * which stands for no bytes.
 */
export function encodeText(text: string): Buffer {
  if (isWellFormed(text)) return Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  for (const symbol of text) {
    const code = symbol.codePointAt(0) as number;
    if (code >= 0xdc80 && code <= 0xdcff) parts.push(Buffer.from([code - 0xdc00]));
    else if (code >= 0xd800 && code <= 0xdfff) {
      throw new ImgkitError('usage', `The name "${printable(text)}" holds half of a character (a lone surrogate), which no bytes stand for; rename it.`);
    } else parts.push(Buffer.from(symbol, 'utf8'));
  }
  return Buffer.concat(parts);
}

/** True for text that UTF-8 holds as it is. Where this is false, {@link encodeText} is needed. */
export function isWellFormed(text: string): boolean {
  // A pair of surrogates is one symbol; es2023's types do not know the method yet.
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}

/** `text` with control characters, lone surrogates, direction overrides, quotes and backslashes escaped: safe on a terminal. */
export function printable(text: string): string {
  // In ranges: \p{Cc} and the like cost every start a millisecond, for V8 looks them up when it reads this file.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"\\]/gu, (symbol) => {
    if (symbol === '"' || symbol === '\\') return `\\${symbol}`;
    const code = symbol.codePointAt(0) as number;
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
