import { CHUNK, TAG } from './payload.js';

/** Bytes of the nonce between header and payload. */
export const NONCE = 16;

/** Bytes of an age file over `plainSize` bytes of content with a header of `headerBytes`. */
export function ageSize(plainSize: number, headerBytes: number): number {
  return headerBytes + NONCE + plainSize + Math.max(1, Math.ceil(plainSize / CHUNK)) * TAG;
}
