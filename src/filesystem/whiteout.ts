import { join, split } from './path-parts.js';

const PREFIX = '.wh.';
const RESERVED = '.wh..wh.';
const OPAQUE = '.wh..wh..opq';
/** Where AUFS keeps the files that hard links lead to. */
const LINKED = '.wh..wh.plnk/';

/** What an entry of a layer means to the layers below (OCI image spec, layer.md, "Whiteouts"). */
export type EntryMeaning =
  /** It adds or replaces its name. */
  | { readonly kind: 'addition' }
  /** It hides `path` of the layers below. */
  | { readonly kind: 'whiteout'; readonly path: string }
  /** It hides everything that the layers below have in the folder `path`. */
  | { readonly kind: 'opaque'; readonly path: string }
  /** Notes of the AUFS driver to itself. */
  | { readonly kind: 'ignored' };

const ADDITION: EntryMeaning = { kind: 'addition' };

/** Judges a normalised entry path by its last name, exactly: `somewh.ere` and `a.wh.b` are files. */
export function meaningOf(path: string): EntryMeaning {
  if (!path.includes(PREFIX)) return ADDITION;
  const [folder, name] = split(path);
  if (folder.startsWith(RESERVED) || folder.includes(`/${RESERVED}`)) return { kind: 'ignored' };
  if (name === OPAQUE) return { kind: 'opaque', path: folder };
  if (name.startsWith(RESERVED)) return { kind: 'ignored' };
  if (name.startsWith(PREFIX)) return { kind: 'whiteout', path: join(folder, name.slice(PREFIX.length)) };
  return ADDITION;
}

/** Whether a layer of an engine that used AUFS has, at `path`, a file for hard links to lead to: it is no file of the image itself. */
export function isKeptForLinks(path: string): boolean {
  return path.startsWith(LINKED);
}

/** The entry name that hides what the layers below have in `folder`. */
export function opaqueOf(folder: string): string {
  return join(folder, OPAQUE);
}

/** The entry name that hides `path`. */
export function whiteoutOf(path: string): string {
  const [folder, name] = split(path);
  return join(folder, `${PREFIX}${name}`);
}
