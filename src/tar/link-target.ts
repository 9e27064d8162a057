import { malformed } from './fault.js';
import type { TarEntry } from './tar-entry.js';

const MAX_HOPS = 8;

/**
 * The regular file that `path` leads to among `entries`: a symlink's target counts from the link's folder, a hard
 * link's from the root of the archive. Undefined when there is none. Throws `tar-malformed` on a cycle, past 8 hops,
 * or when a link leaves the archive.
 */
export function resolveLink(file: string, entries: ReadonlyMap<string, TarEntry>, path: string): TarEntry | undefined {
  let entry = entries.get(path);
  for (let hops = 0; entry?.type === 'symlink' || entry?.type === 'hardlink'; hops++) {
    if (hops === MAX_HOPS) {
      throw malformed({ file, offset: entry.headerOffset, entry: path }, `the links lead in a circle or over more than ${MAX_HOPS} others`);
    }
    entry = entries.get(entry.type === 'hardlink' ? entry.linkPath : symlinkTarget(file, entry));
  }
  return entry?.type === 'file' ? entry : undefined;
}

function symlinkTarget(file: string, link: TarEntry): string {
  const leaves = (): Error => malformed({ file, offset: link.headerOffset, entry: link.path }, 'the symlink leads out of the archive');
  if (link.linkPath.startsWith('/')) throw leaves();
  const parts = link.path.split('/').slice(0, -1);
  for (const part of link.linkPath.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) throw leaves();
  }
  return parts.join('/');
}
