import { ImgkitError } from '../errors.js';
import { locationInvalid, locationUnsupported } from './location-error.js';
import { parsePrefixed } from './location-prefix.js';
import { storeLocation } from './location-store.js';
import { parseUrlLocation, shownLocation } from './location-url.js';

/** Where an image is. `text` is what the user typed, as it may be printed: without the query of a URL. References are full names, `latest` filled in. */
export type Location = { readonly text: string } & (
  | { readonly kind: 'docker-daemon'; /** A full name, or `sha256:<hex>` for an image ID. */ readonly reference?: string }
  | { readonly kind: 'registry'; readonly reference: string }
  | { readonly kind: 'registry-host'; /** `HOST[:PORT]/` and more path components, each with its slash; absent: the registry of each name. */ readonly under?: string }
  | { readonly kind: 'docker-archive'; readonly path: string; readonly reference?: string; /** Position in manifest.json. */ readonly index?: number }
  | { readonly kind: 'oci-archive' | 'oci-layout'; readonly path: string; /** The ref name, as typed. */ readonly ref?: string }
  | { readonly kind: 'store'; readonly reference?: string; /** `sha256:` and 12 or more hex digits. */ readonly digestPrefix?: string }
  | { readonly kind: 'archive'; /** `-` is stdin or stdout. */ readonly path: string; readonly ref?: string }
  | { readonly kind: 'url'; readonly url: string; readonly ref?: string }
);

/** Prefixes without their colon: `load --into docker-daemon` is a slip. */
const PREFIX_WORD = /^(?:docker-daemon|docker-archive|oci-archive|oci|store)$/;

/** A location without what the user typed. */
export type BareLocation = Location extends infer L ? (L extends Location ? Omit<L, 'text'> : never) : never;

/** The path of the local archive that `location` names, `-` for standard input or output; undefined for what is none: a store, a layout, a registry. */
export function archivePath(location: Location): string | undefined {
  return location.kind === 'archive' || location.kind === 'docker-archive' || location.kind === 'oci-archive' ? location.path : undefined;
}

/** What nobody calls an image: with the rest of what compresses a tar, which is refused with a word about it. */
const ARCHIVE_NAME = /\.(?:tar(?:\.(?:gz|zst|zstd|xz|bz2|lz4))?|tgz|tzst|txz|tbz2|oci|age)$/i;

/**
 * Parses an image location (docs: "Image locations"). Pure syntax: nothing is opened. A prefix always wins; then a URL;
 * then a bare word is a path when it starts with `.`, `/` or `~` or ends like an archive, else a name in the store.
 * `pathExists` is asked about a word that would be a name: when such a file exists the word is ambiguous.
 * `~` is not expanded: the shell does that.
 * Throws `location-invalid`, `location-unsupported`, `location-ambiguous` or `reference-invalid`.
 */
export function parseLocation(text: string, pathExists?: (path: string) => boolean): Location {
  if (text === '') throw locationInvalid(text, 'the location is empty');
  if (text.includes('\0')) throw locationInvalid(text, 'a location cannot contain a NUL character');
  const known = parsePrefixed(text) ?? parseUrlLocation(text);
  if (known === undefined && /^[a-z][a-z0-9+.-]*:\/\//i.test(text)) throw locationUnsupported(text);
  const bare = known ?? parsePath(text) ?? parseName(text, pathExists);
  return { text: bare.kind === 'url' ? shownLocation(text) : text, ...bare };
}

/** `PATH[#REF]`; the last `#` separates, so a path that holds one is written with a `#` at its end. */
function parsePath(text: string): BareLocation | undefined {
  const hash = text.lastIndexOf('#');
  const path = hash === -1 ? text : text.slice(0, hash);
  if (path !== '-' && !/^[./~]/.test(path) && !ARCHIVE_NAME.test(path)) return undefined;
  const ref = hash === -1 ? '' : text.slice(hash + 1);
  return { kind: 'archive', path, ...(ref && { ref }) };
}

function parseName(text: string, pathExists: ((path: string) => boolean) | undefined): BareLocation {
  const hash = text.indexOf('#');
  const file = hash === -1 ? text : text.slice(0, hash);
  if (pathExists?.(file)) {
    throw new ImgkitError(
      'location-ambiguous',
      `${JSON.stringify(text)} is a file here and could also be a name in the store; write ./${text} for the file or store:${file} for the name.`,
      { found: text },
    );
  }
  if (PREFIX_WORD.test(text)) {
    throw new ImgkitError('location-ambiguous', `${JSON.stringify(text)} is the beginning of a location and could also be a name in the store; write ${text}: and what follows, or store:${text} for the name.`, { found: text });
  }
  if (text.includes('#')) throw locationInvalid(text, 'a name in the store takes no #REF; write ./ before the name of a file');
  return storeLocation(text);
}
