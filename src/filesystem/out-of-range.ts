import type { TarEntry } from '../tar/tar-entry.js';

/** Users and groups of Linux. The last number means none: a file that is given to it stays whose it is. Of a larger one engines take the lower 32 bits. */
const MOST_IDS = 2 ** 32 - 1;
/** Numbers of devices have 12 and 20 bits; engines take the lower ones here, too. */
const MOST_MAJOR = 2 ** 12;
const MOST_MINOR = 2 ** 20;

/** A clause about an entry of a user, group or device that no system has: what is shown of it is not what engines make. */
export function outOfRange({ type, uid, gid, devMajor, devMinor }: Pick<TarEntry, 'type' | 'uid' | 'gid' | 'devMajor' | 'devMinor'>): string | undefined {
  if (uid >= MOST_IDS) return `belongs to user ${uid}, which no system has, and engines take for another, root perhaps`;
  if (gid >= MOST_IDS) return `belongs to group ${gid}, which no system has, and engines take for another, that of root perhaps`;
  const isDevice = type === 'character-device' || type === 'block-device';
  return isDevice && (devMajor >= MOST_MAJOR || devMinor >= MOST_MINOR) ? `is device ${devMajor},${devMinor}, which no system has, and engines take for another` : undefined;
}
