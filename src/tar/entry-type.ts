import { forBackups, malformed, type TarPlace } from './fault.js';
import type { TarEntryType } from './tar-entry.js';

/** Type bytes that the reader knows (POSIX ustar and GNU). */
export const TYPE = { pax: 0x78, globalPax: 0x67, longName: 0x4c, longLink: 0x4b, sparse: 0x53 } as const;

/** True for headers whose body describes the next entry: `x`, `g`, `L`, `K`. */
export function isExtension(typeflag: number): boolean {
  return typeflag === TYPE.pax || typeflag === TYPE.longName || typeflag === TYPE.longLink || typeflag === TYPE.globalPax;
}

/**
 * The type of an entry from its type byte and its final name. A name that ends in `/` is a folder by type 5, or
 * by the v7 type NUL; on anything else readers disagree. Throws `tar-malformed`, on unknown types as well.
 */
export function entryTypeOf(typeflag: number, name: string, place: TarPlace): TarEntryType {
  const type = byFlag(typeflag, place);
  if (type === 'directory' || !name.endsWith('/')) return type;
  if (typeflag === 0) return 'directory';
  throw malformed(place, `the name ends in "/" but the entry is no folder but a ${type}`);
}

function byFlag(typeflag: number, place: TarPlace): TarEntryType {
  switch (typeflag) {
    case 0: case 0x30: case 0x37: case TYPE.sparse: return 'file';
    case 0x31: return 'hardlink';
    case 0x32: return 'symlink';
    case 0x33: return 'character-device';
    case 0x34: return 'block-device';
    case 0x35: return 'directory';
    case 0x36: return 'fifo';
    case 0x44: throw forBackups(place, 'it lists a folder for incremental dumps', '--listed-incremental');
    case 0x4d: throw forBackups(place, 'it goes on with a file of another volume', '--multi-volume');
    case 0x56: throw forBackups(place, 'it is the label of a volume', '--label');
    default: throw malformed(place, `the entry type 0x${typeflag.toString(16).padStart(2, '0')} is not known`);
  }
}
