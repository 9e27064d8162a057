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

/** `count` zeros, at most 64 KiB: a view of memory that all share. */
export function zeros(count: number): Buffer {
  return ZEROS.subarray(0, count);
}

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

let viewed: Buffer | undefined;
let view: DataView = new DataView(new ArrayBuffer(0));

/** `bytes` as words. A chunk holds many headers: its view is made once. */
export function wordsOf(bytes: Buffer): DataView {
  if (viewed !== bytes) {
    viewed = bytes;
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  return view;
}

/** Sum of the 512 bytes at `at`. */
export function blockSum(bytes: Buffer, at: number): number {
  const words = wordsOf(bytes);
  let sum = 0;
  // Four bytes at a time, added in pairs: 256 times 255 still fits the 16 bits of each half. Unrolled: most tars end before this is compiled.
  for (let i = at; i < at + BLOCK; i += 16) {
    const a = words.getInt32(i);
    const b = words.getInt32(i + 4);
    const c = words.getInt32(i + 8);
    const d = words.getInt32(i + 12);
    sum = (sum + (a & 0xff00ff) + ((a >>> 8) & 0xff00ff) + (b & 0xff00ff) + ((b >>> 8) & 0xff00ff)
      + (c & 0xff00ff) + ((c >>> 8) & 0xff00ff) + (d & 0xff00ff) + ((d >>> 8) & 0xff00ff)) | 0;
  }
  return (sum & 0xffff) + (sum >>> 16);
}

/** The same with bytes taken as signed, as some historic tars did. */
export function signedBlockSum(bytes: Buffer, at: number): number {
  let sum = 0;
  for (let i = at; i < at + BLOCK; i++) sum += ((bytes[i] as number) << 24) >> 24;
  return sum;
}
