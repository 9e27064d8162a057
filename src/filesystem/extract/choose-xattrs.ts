import { counted } from '../../content/counted.js';
import { printable } from '../../tar/text.js';
import type { Inode } from '../inode.js';
import type { AttributedFile, RestoredXattrs } from './restore-xattrs.js';

/** Which extended attributes are written: those of the system, capabilities among them, mean nothing without the owner, and take root. */
export type XattrChoice = 'none' | 'user' | 'all';

export function isKept(name: string, choice: XattrChoice): boolean {
  return choice === 'all' || (choice === 'user' && name.startsWith('user.'));
}

/** What of `files`, which have attributes, has such as are written. */
export function keptFiles(files: readonly AttributedFile[], choice: XattrChoice): readonly AttributedFile[] {
  // Devices are there only with their owners, and hold no attributes of users.
  return files.filter(({ inode }) => (choice === 'all' || !inode.type.endsWith('device')) && namesOf(inode).some((name) => isKept(name, choice)));
}

/** One sentence for what stays behind of the attributes of `all`, and why. */
export function xattrNotes(all: readonly AttributedFile[], choice: XattrChoice, restored: RestoredXattrs | undefined): readonly string[] {
  const notes: string[] = [];
  const lost = restored?.kind === 'missing' ? all : all.filter(({ inode }) => namesOf(inode).some((name) => !isKept(name, choice)));
  if (lost.length > 0) {
    const remedy = restored?.kind === 'missing' ? 'setfattr, which writes them, is not installed (package attr)'
      : choice === 'none' ? '--xattrs keeps those of users, --preserve-owner all' : '--preserve-owner keeps all';
    notes.push(`${counted(lost.length, 'file')} lost extended attributes (capabilities may be among them): ${remedy}; imgkit export keeps them too`);
  }
  if (restored?.kind === 'done' && restored.refused.length > 0) notes.push(`extended attributes of ${counted(restored.refused.length, 'file')} could not be written: ${printable(restored.refused[0] as string)}`);
  return notes;
}

function namesOf({ xattrs }: Inode): readonly string[] {
  return [...xattrs.keys()];
}
