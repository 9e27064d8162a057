import type { FileEntry } from '../../src/index.js';

const TYPES: Readonly<Record<FileEntry['type'], string>> = {
  'file': '-', 'hardlink': '-', 'directory': 'd', 'symlink': 'l', 'character-device': 'c', 'block-device': 'b', 'fifo': 'p', 'whiteout': '-', 'opaque': '-',
};

/** Ten characters as `ls -l` prints them: `-rwsr-xr-t`. */
export function permissions({ type, mode }: Pick<FileEntry, 'type' | 'mode'>): string {
  const three = (bits: number, special: boolean, letter: string): string => {
    const execute = (bits & 1) !== 0;
    const last = special ? (execute ? letter : letter.toUpperCase()) : execute ? 'x' : '-';
    return `${(bits & 4) === 0 ? '-' : 'r'}${(bits & 2) === 0 ? '-' : 'w'}${last}`;
  };
  return `${TYPES[type]}${three(mode >> 6, (mode & 0o4000) !== 0, 's')}${three(mode >> 3, (mode & 0o2000) !== 0, 's')}${three(mode, (mode & 0o1000) !== 0, 't')}`;
}
