import type { TarEntry } from '../tar/tar-entry.js';

/** Users and groups of Linux. The last number means none: a file that is given to it stays whose it is. Of a larger one engines take the lower 32 bits. */
const MOST_IDS = 2 ** 32 - 1;

/** A clause about an entry of a user or group that no system has: whom it is shown to belong to is not who gets it. */
export function noOwner({ uid, gid }: Pick<TarEntry, 'uid' | 'gid'>): string | undefined {
  if (uid < MOST_IDS && gid < MOST_IDS) return undefined;
  return `belongs to ${uid < MOST_IDS ? `group ${gid}` : `user ${uid}`}, which no system has, and engines take for another, root perhaps`;
}
