import type { BareLocation } from './location.js';
import { locationInvalid } from './location-error.js';

const SCHEME = /^(?:sftp|ftps?|https?):\/\//i;

/**
 * `URL[#REF]` of a scheme that can carry an archive, else undefined. Refuses a password in the URL without repeating it:
 * arguments are visible to every user of the machine. Throws `location-invalid`.
 */
export function parseUrlLocation(text: string): BareLocation | undefined {
  const scheme = SCHEME.exec(text)?.[0];
  if (scheme === undefined) return undefined;
  const hash = text.indexOf('#');
  const url = hash === -1 ? text : text.slice(0, hash);
  const ref = hash === -1 ? '' : text.slice(hash + 1);
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || parsed.hostname === '') throw locationInvalid(scheme, 'the URL is malformed');
  if (parsed.password !== '') throw locationInvalid(`${scheme}...`, 'a password does not belong in a URL; use ~/.netrc or an SSH agent');
  if (parsed.pathname === '' || parsed.pathname.endsWith('/')) throw locationInvalid(url, 'the URL names no file');
  return { kind: 'url', url, ...(ref && { ref }) };
}
