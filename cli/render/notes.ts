import type { Finding } from '../../src/index.js';
import { escape } from './escape.js';
import type { Style } from './style.js';
import { labelled } from './width.js';

/** A sentence for stderr; `width` is that of the terminal. */
export function renderNote(note: Finding, style: Style, width?: number): string {
  const about = note.subject === '' || note.message.includes(note.subject) ? '' : `${escape(note.subject)}: `;
  const label = note.status === 'failed' ? 'warning:' : 'note:';
  return labelled(label, note.status === 'failed' ? style.bad(label) : style.note(label), `${about}${escape(note.message)}`, width);
}
