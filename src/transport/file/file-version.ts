import type { BigIntStats } from 'node:fs';

/** Another content has another one: size, time in nanoseconds, and which file it is. */
export function fileVersion({ size, mtimeNs, ino }: BigIntStats): string {
  return `${size}-${mtimeNs}-${ino}`;
}
