import type { Limits } from '../limits.js';
import { malformed, overLimit, type TarPlace } from './fault.js';
import type { TarMode } from './tar-entry.js';
import { encodeText } from './text.js';

const WHITEOUT = '.wh.';
const AUFS = '.wh..wh.';
const DOT = 0x2e;
const SLASH = 0x2f;

/**
 * Normalises an entry name (or the target of a hard link): drops `./`, empty parts and trailing `/`; in a layer
 * also the leading `/`. The result is empty for the root folder only.
 * Throws `tar-malformed` on an empty name, NUL, a `..` part, an absolute name in an outer archive and, in a layer,
 * a whiteout that hides nothing nameable; `limit-exceeded` past `limits.pathDepth` or `limits.pathBytes`.
 */
export function normalisePath(name: string, mode: TarMode, limits: Limits, place: TarPlace): string {
  const { length } = name;
  if (length === 0) throw malformed(place, 'the entry has no name');
  if (length * 3 > limits.pathBytes && encodeText(name).length > limits.pathBytes) {
    throw overLimit(place, `the name is longer than ${limits.pathBytes} bytes`, 'pathBytes');
  }
  // `tar -C DIR .` writes `./` before every name.
  const start = length > 2 && name.charCodeAt(0) === DOT && name.charCodeAt(1) === SLASH ? 2 : 0;
  let plain = true;
  let depth = 1;
  let previous = SLASH;
  for (let i = start; i < length; i++) {
    const code = name.charCodeAt(i);
    if (code === 0) throw malformed(place, 'the name holds NUL');
    if (previous === SLASH) {
      if (code === DOT || code === SLASH) plain = false;
      else if (i > start) depth++;
    }
    previous = code;
  }
  if (depth > limits.pathDepth) throw tooDeep(limits, place);
  if (plain) return name.slice(start, previous === SLASH ? -1 : undefined);
  return normaliseParts(name, mode, limits, place);
}

function normaliseParts(name: string, mode: TarMode, limits: Limits, place: TarPlace): string {
  if (mode === 'archive' && name.startsWith('/')) throw malformed(place, 'the name is absolute');
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') throw malformed(place, 'the name holds a ".." part');
    parts.push(part);
  }
  if (parts.length > limits.pathDepth) throw tooDeep(limits, place);
  if (mode === 'layer') parts.forEach((part, index) => checkWhiteout(part, index === parts.length - 1, place));
  return parts.join('/');
}

/** OCI image-spec, layer.md, "Whiteouts": the prefix hides the sibling of that name, which must be one name. */
function checkWhiteout(part: string, last: boolean, place: TarPlace): void {
  if (!part.startsWith(WHITEOUT) || part.startsWith(AUFS)) return;
  const hidden = part.slice(WHITEOUT.length);
  if (hidden === '' || hidden === '.' || hidden === '..') throw malformed(place, `the whiteout hides "${hidden}", which is no name`);
  if (!last) throw malformed(place, 'the name has a whiteout as a folder');
}

function tooDeep(limits: Limits, place: TarPlace): Error {
  return overLimit(place, `the name has more than ${limits.pathDepth} parts`, 'pathDepth');
}
