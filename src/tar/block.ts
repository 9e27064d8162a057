/** Tar is made of blocks of this many bytes. */
export const BLOCK = 512;

/** Bytes from the end of a body of `size` bytes to the next block boundary. */
export function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** `bytes` as a Buffer over the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const ZEROS = Buffer.alloc(64 * 1024);

/** Index of the first byte in `bytes[from..to)` that is not zero, or -1. */
export function firstNonZero(bytes: Buffer, from = 0, to = bytes.length): number {
  for (let at = from; at < to; at += ZEROS.length) {
    const end = Math.min(at + ZEROS.length, to);
    if (ZEROS.compare(bytes, at, end, 0, end - at) === 0) continue;
    while (bytes[at] === 0) at++;
    return at;
  }
  return -1;
}

const SCRATCH = Buffer.from(new ArrayBuffer(BLOCK));
const WORDS = new Uint32Array(SCRATCH.buffer);

/** Sum of the 512 bytes at `at`. */
export function blockSum(bytes: Buffer, at: number): number {
  // Four bytes at a time, in an aligned copy: 256 times 255 still fits the 16 bits of each half.
  bytes.copy(SCRATCH, 0, at, at + BLOCK);
  let sum = 0;
  for (let i = 0; i < BLOCK / 4; i++) {
    const word = WORDS[i] as number;
    sum = (sum + (word & 0xff00ff) + ((word >>> 8) & 0xff00ff)) | 0;
  }
  return (sum & 0xffff) + (sum >>> 16);
}

/** The same with bytes taken as signed, as some historic tars did. */
export function signedBlockSum(bytes: Buffer, at: number): number {
  let sum = 0;
  for (let i = at; i < at + BLOCK; i++) sum += ((bytes[i] as number) << 24) >> 24;
  return sum;
}
