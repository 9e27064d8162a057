import { OUTPUT } from './memory';

// Writes bits, the lowest first (RFC 1951, 3.1.1): 64 wait at most, so at most 56 between two calls of `flushBits`.
let at: usize = OUTPUT;
let waiting: u64 = 0;
let count: u64 = 0;

export function startBits(): void {
  at = OUTPUT;
  waiting = 0;
  count = 0;
}

@inline export function putBits(value: u64, bits: u64): void {
  waiting |= value << count;
  count += bits;
}

/** Writes the whole bytes among those that wait. */
@inline export function flushBits(): void {
  store<u64>(at, waiting);
  at += <usize>(count >> 3);
  waiting >>= count & ~7;
  count &= 7;
}

/** Fills the last byte with zeros. */
export function alignBits(): void {
  flushBits();
  if (count == 0) return;
  count = 8;
  flushBits();
}

/** Copies bytes; only where the bits end with a byte. */
export function putBytes(from: usize, length: usize): void {
  memory.copy(at, from, length);
  at += length;
}

/** Bytes written so far. */
export function writtenBytes(): u32 {
  return <u32>(at - OUTPUT);
}
