import { createHash } from 'node:crypto';

/** Bytes that no compressor makes smaller, the same in every run. */
export function noise(size: number, seed = ''): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; parts.length * 32 < size; i += 1) parts.push(createHash('sha256').update(`${seed}${i}`).digest());
  return Buffer.concat(parts).subarray(0, size);
}

/** Inputs that a compressor may stumble over, by name; each `size` long, and the same in every run. */
export const KINDS: Record<string, (size: number) => Buffer> = {
  noise: (size) => noise(size),
  'one byte': (size) => Buffer.alloc(size, 7),
  'two bytes': (size) => noise(size).map((byte) => byte & 1) as Buffer,
  hexadecimal: (size) => Buffer.from(noise(Math.ceil(size / 2)).toString('hex')).subarray(0, size),
  // Each byte half as often as the one before it: long codes.
  lopsided: (size) => noise(size * 4).reduce((made, byte, i) => {
    if (i % 4 === 0) made[i / 4] = Math.clz32(((byte << 24) | (noiseOf(i) << 8)) >>> 0 || 1);
    return made;
  }, Buffer.alloc(size)),
  'lines of a log': (size) => lines(size),
  'repeated at the edge of the window': (size) => repeated(size, 32_768),
  'repeated beyond the window': (size) => repeated(size, 32_769),
  'noise and text by turns': (size) => Buffer.concat([noise(Math.ceil(size / 3)), lines(size), noise(size, 'x')]).subarray(0, size),
};

function noiseOf(i: number): number {
  return (Math.imul(i, 0x9e3779b1) >>> 8) & 0xffff;
}

function lines(size: number): Buffer {
  let text = '';
  for (let i = 0; text.length < size; i += 1) text += `{"time":${1_700_000_000 + i * 13},"level":"${i % 7 === 0 ? 'warn' : 'info'}","id":"${noiseOf(i).toString(16)}","path":"/v1/items/${i % 97}"}\n`;
  return Buffer.from(text).subarray(0, size);
}

function repeated(size: number, distance: number): Buffer {
  const part = noise(distance);
  const made = Buffer.alloc(size);
  for (let at = 0; at < size; at += distance) part.copy(made, at);
  return made;
}
