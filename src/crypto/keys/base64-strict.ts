/**
 * The bytes of standard base64 text (RFC 4648, 4) in its one canonical form: padded, without white space, and with no bits
 * left over that mean nothing. Undefined for anything else, so that no two texts stand for the same signature or key.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : undefined;
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

/** Base64 in lines of at most `width` characters, each ended. */
export function base64Lines(bytes: Uint8Array, width: number): string {
  return encodeBase64(bytes).replaceAll(new RegExp(`.{1,${width}}`, 'g'), '$&\n');
}
