import type { ExtractResult } from '../../src/index.js';
import { escape } from './escape.js';
import { bytes, count } from './units.js';

export function renderExtracted({ to, files, folders, links, specials, bytes: size }: ExtractResult): readonly string[] {
  const others = specials === 0 ? '' : `, ${count(specials, 'special file')}`;
  return [`extracted ${count(files, 'file')} (${bytes(size)}), ${count(folders, 'folder')}, ${count(links, 'link')}${others} into ${escape(to)}`];
}
