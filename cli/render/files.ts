import type { FileEntry } from '../../src/index.js';
import { permissions } from './permissions.js';

// The lines hold names as they are: whoever writes them escapes (`writeLines`).

/** The widest layer number, size and owner that stay in their column. */
const LAYER = 5;
const SIZE = 11;
const OWNER = 11;

/** Layer, bytes and path, one entry a line. */
export function* fileLines(entries: Iterable<FileEntry>): Generator<string> {
  yield `${'LAYER'.padStart(LAYER)}  ${'SIZE'.padStart(SIZE)}  PATH`;
  for (const entry of entries) yield `${layerOf(entry).padStart(LAYER)}  ${sizeOf(entry).padStart(SIZE)}  ${nameOf(entry)}`;
}

/** As `ls -ln` shows them, the layer in front. */
export function* longFileLines(entries: Iterable<FileEntry>): Generator<string> {
  yield `${'LAYER'.padStart(LAYER)}  MODE        ${'OWNER'.padStart(OWNER)}  ${'SIZE'.padStart(SIZE)}  ${'MODIFIED'.padEnd(20)}  PATH`;
  for (const entry of entries) {
    const hidden = isHidden(entry);
    const mode = hidden ? '-'.repeat(10) : permissions(entry);
    const owner = hidden ? '-' : `${entry.uid}:${entry.gid}`;
    yield `${layerOf(entry).padStart(LAYER)}  ${mode}${entry.xattrs === undefined ? ' ' : '+'} ${owner.padStart(OWNER)}  ${sizeOf(entry).padStart(SIZE)}  ${(entry.mtime || '-').padEnd(20)}  ${nameOf(entry)}`;
  }
}

/** Paths alone. */
export function* pathLines(entries: Iterable<FileEntry>): Generator<string> {
  for (const entry of entries) yield entry.path;
}

/** A drawing: every name below its folder. */
export function* treeLines(entries: Iterable<FileEntry>): Generator<string> {
  const list = [...entries];
  const depths = list.map(({ path }) => path.split('/').length);
  // As arguments of one call, a million would be too many.
  const top = depths.reduce((least, depth) => Math.min(least, depth), Infinity);
  /** For each line, from the end: whether its folder has a later entry. */
  const more: boolean[] = [];
  const open: boolean[] = [];
  for (let i = list.length - 1; i >= 0; i--) {
    const depth = depths[i] as number;
    open.length = Math.min(open.length, depth + 1);
    more[i] = open[depth] === true;
    open[depth] = true;
  }
  const bars: string[] = [];
  for (const [i, entry] of list.entries()) {
    const depth = (depths[i] as number) - top;
    bars.length = depth;
    const name = depth === 0 ? entry.path : entry.path.slice(entry.path.lastIndexOf('/') + 1);
    yield `${bars.map((bar) => bar ?? '    ').join('')}${more[i] === true ? '├── ' : '└── '}${nameOf({ ...entry, path: name })}  [${layerOf(entry)}]`;
    bars[depth] = more[i] === true ? '│   ' : '    ';
  }
}

function nameOf({ path, type, target }: FileEntry): string {
  const link = target === undefined ? '' : type === 'hardlink' ? ` link to ${target}` : ` -> ${target}`;
  const hidden = type === 'whiteout' ? ' (deleted)' : type === 'opaque' ? ' (emptied)' : '';
  return `${path}${type === 'directory' && path !== '/' ? '/' : ''}${link}${hidden}`;
}

function isHidden({ type }: FileEntry): boolean {
  return type === 'whiteout' || type === 'opaque';
}

function layerOf({ layer }: FileEntry): string {
  return layer === 0 ? '-' : String(layer);
}

function sizeOf({ type, size, device }: FileEntry): string {
  if (device !== undefined) return device.join(',');
  return type === 'file' || (type === 'hardlink' && size > 0) ? String(size) : '-';
}
