import type { Finding } from '../../src/index.js';
import { escape } from './escape.js';
import type { Style } from './style.js';

/** One line for stderr. */
export function renderNote(note: Finding, style: Style): string {
  const about = note.subject === '' || note.message.includes(note.subject) ? '' : `${escape(note.subject)}: `;
  return `${note.status === 'failed' ? style.bad('warning:') : style.note('note:')} ${about}${escape(note.message)}`;
}
