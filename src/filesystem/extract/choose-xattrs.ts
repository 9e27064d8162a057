import { counted } from '../../content/counted.js';
import { printable } from '../../tar/text.js';
import type { Inode } from '../inode.js';
import type { ExtractPlan } from './extract-plan.js';
import type { AttributedFile, RestoredXattrs } from './restore-xattrs.js';

/** Which extended attributes are written: those of the system, capabilities among them, mean nothing without the owner, and take root. */
export type XattrChoice = 'none' | 'user' | 'all';

export function isKept(name: string, choice: XattrChoice): boolean {
  return choice === 'all' || (choice === 'user' && name.startsWith('user.'));
}

/** What of `plan` has attributes that are written. */
export function attributedFiles(plan: ExtractPlan, choice: XattrChoice): readonly AttributedFile[] {
  // Devices are there only with their owners, and hold no attributes of users.
  return withAttributes(plan).filter(({ inode }) => (choice === 'all' || !inode.type.endsWith('device')) && namesOf(inode).some((name) => isKept(name, choice)));
}

/** One sentence for what stays behind, and why. */
export function xattrNotes(plan: ExtractPlan, choice: XattrChoice, restored: RestoredXattrs | undefined): readonly string[] {
  const all = withAttributes(plan);
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

function withAttributes({ folders, files, symlinks, specials }: ExtractPlan): readonly AttributedFile[] {
  return [...folders, ...[...files.values()].flat(), ...symlinks, ...specials].filter(({ inode }) => inode.xattrs.size > 0);
}

function namesOf({ xattrs }: Inode): readonly string[] {
  return [...xattrs.keys()];
}
