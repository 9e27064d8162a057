/**
 * Copies `bytes` to `target`, from its byte `at` on. Where one of them is shared memory, `set` and `copy` go byte by byte unless both
 * happen to lie alike; `fill` with bytes is one native copy.
 */
export function copyBytes(target: Buffer, bytes: Uint8Array, at: number): void {
  if (bytes.length > 0) target.fill(bytes, at, at + bytes.length);
}
