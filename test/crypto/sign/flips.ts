import { ImgkitError } from '../../../src/errors.js';

/** Every copy of `bytes` with one bit changed, or those of every `step`-th bit. */
export function* flips(bytes: Uint8Array, step = 1): Generator<{ readonly bit: number; readonly flipped: Uint8Array }> {
  for (let bit = 0; bit < bytes.length * 8; bit += step) {
    const flipped = Uint8Array.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    yield { bit, flipped };
  }
}

/** The code of the ImgkitError that `work` rejects with; `resolved` when it does not reject, and any other error is thrown on. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'resolved';
  } catch (error) {
    if (error instanceof ImgkitError) return error.code;
    throw error;
  }
}
