import type { ImgkitError } from '../errors.js';
import type { BareLocation } from './location.js';
import { locationInvalid } from './location-error.js';

const SCHEME = /^(?:sftp|ftps?|ftpes|https?|file):\/\//i;

/**
 * `URL[#REF]` of a scheme that can carry an archive, else undefined. One that ends with `/` names a folder. Refuses a password in the URL
 * without repeating it: arguments are visible to every user of the machine. Throws `location-invalid`.
 */
export function parseUrlLocation(text: string): BareLocation | undefined {
  const scheme = SCHEME.exec(text)?.[0];
  if (scheme === undefined) return undefined;
  const hash = text.indexOf('#');
  const url = hash === -1 ? text : text.slice(0, hash);
  const ref = hash === -1 ? '' : text.slice(hash + 1);
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined) throw malformed(scheme);
  if (parsed.protocol === 'file:') {
    if (parsed.hostname !== '') throw locationInvalid(`${scheme}...`, 'a file URL has three slashes and no host: file:///path');
  } else if (parsed.hostname === '') throw malformed(scheme);
  if (parsed.password !== '') throw locationInvalid(`${scheme}...`, 'a password does not belong in a URL; use ~/.netrc or an SSH agent');
  if (parsed.search !== '' && !/^https?:$/.test(parsed.protocol)) throw locationInvalid(`${scheme}...`, 'a "?" in the name of a file is written %3F');
  if (ref !== '' && isFolderUrl(url)) throw locationInvalid(`${scheme}...`, 'the URL names a folder, in which #REF picks no image');
  return { kind: 'url', url, ...(ref && { ref }) };
}

/** Nothing of the URL is shown: it may be a password that keeps it from being one. */
function malformed(scheme: string): ImgkitError {
  return locationInvalid(`${scheme}...`, `the URL is malformed; write ${scheme.toLowerCase()}${/^file/i.test(scheme) ? '/PATH' : '[USER@]HOST[:PORT]/PATH, with a number as port and "/" before the path'}`);
}

/** True when a URL names a folder: its path ends with `/`, or there is none. */
export function isFolderUrl(url: string): boolean {
  return new URL(url).pathname.endsWith('/') || new URL(url).pathname === '';
}

/** A location as it may be printed: `?…` in place of the query of a URL, which may be a signature that opens the door. */
export function shownLocation(text: string): string {
  return SCHEME.test(text) ? text.replace(/\?[^#]*/, '?…') : text;
}
