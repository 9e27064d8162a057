import { malformed } from './json-error.js';

const REPLACEMENT = '\uFFFD';

/**
 * The text of a JSON document. Verifies that it is UTF-8 throughout and starts without a byte order mark (RFC 8259, 8.1).
 * Throws `document-malformed` with the offset of the first byte that is not UTF-8.
 */
export function decodeJsonText(bytes: Uint8Array, where: string): string {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) throw malformed(where, 'starts with a byte order mark, which JSON forbids,', { offset: 0 });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed(where, 'is not UTF-8', { offset: firstBadByte(bytes) });
  }
}

/** Byte offset of character `position` of a decoded text. Only for errors: it measures the whole prefix. */
export function byteOffset(text: string, position: number): number {
  return Buffer.byteLength(text.slice(0, position), 'utf8');
}

function firstBadByte(bytes: Uint8Array): number {
  // A lossy decoder puts U+FFFD where it gives up; the first one that is not spelled out in the input is the culprit.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  let offset = 0;
  let done = 0;
  for (let at = text.indexOf(REPLACEMENT); at !== -1; at = text.indexOf(REPLACEMENT, at + 1)) {
    offset += Buffer.byteLength(text.slice(done, at), 'utf8');
    done = at;
    if (bytes[offset] !== 0xef || bytes[offset + 1] !== 0xbf || bytes[offset + 2] !== 0xbd) return offset;
  }
  return offset;
}
