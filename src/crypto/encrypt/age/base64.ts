/** Standard base64 without padding, as age headers use it. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64').replace(/=+$/, '');
}

/** The bytes of unpadded, canonical standard base64; undefined for any other text. */
export function decodeBase64(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/]*$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  // Stray bits in the last character, and a length that cannot be, come back different.
  return encodeBase64(bytes) === text ? bytes : undefined;
}
