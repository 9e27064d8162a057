import type { Change } from './fuzz-target.js';

const ODD = [0x00, 0x01, 0x20, 0x22, 0x2f, 0x30, 0x5c, 0x7f, 0x80, 0xc0, 0xff];
/** No case grows beyond this: what is slow at this size is slow. */
export const MOST_BYTES = 256 * 1024;

/** `remove` bytes at `at` replaced by `put`. */
export const splice = (bytes: Buffer, at: number, remove: number, put: Uint8Array): Buffer => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + remove)]);

const flip: Change = (bytes, random) => {
  if (bytes.length === 0) return bytes;
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
  return bytes;
};
const set: Change = (bytes, random) => {
  if (bytes.length > 0) bytes[random.below(bytes.length)] = random.pick(ODD);
  return bytes;
};
const cut: Change = (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1));
const remove: Change = (bytes, random) => splice(bytes, random.below(bytes.length + 1), 1 + random.below(12), Buffer.alloc(0));
const insert: Change = (bytes, random) => splice(bytes, random.below(bytes.length + 1), 0, Buffer.alloc(1 + random.below(4), random.pick(ODD)));
const cross: Change = (bytes, random, others) => {
  const other = random.pick(others);
  const at = random.below(other.length + 1);
  return splice(bytes, random.below(bytes.length + 1), random.below(40), other.subarray(at, at + 1 + random.below(80)));
};
/** A piece many times over: finds what takes the square of its input. */
const swell: Change = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  const piece = bytes.subarray(at, at + 1 + random.below(12));
  if (piece.length === 0) return bytes;
  const times = Math.min(10 ** (1 + random.below(5)), Math.max(0, Math.floor((MOST_BYTES - bytes.length) / piece.length)));
  return splice(bytes, at, 0, Buffer.concat(Array.from({ length: times }, () => piece)));
};

/** Changes that know nothing of the format. `swell` is rare: such cases are large. */
export const BYTES: readonly Change[] = [flip, flip, set, set, cut, remove, remove, insert, insert, cross, cross, (bytes, random, others) => (random.below(20) === 0 ? swell(bytes, random, others) : flip(bytes, random, others))];
