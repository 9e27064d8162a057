import type { BareLocation } from './location.js';
import { locationInvalid } from './location-error.js';
import { fullReference } from './reference.js';

const DIGEST_PREFIX = /^(?:sha256:)?([a-f0-9]{12,64})$/;

/** What follows `store:`, or a bare word: a name, the start of a digest (12 hex digits or more), or nothing for the whole store. */
export function storeLocation(text: string): BareLocation {
  if (text === '') return { kind: 'store' };
  const hex = DIGEST_PREFIX.exec(text)?.[1];
  if (hex !== undefined) return { kind: 'store', digestPrefix: `sha256:${hex}` };
  if (text.startsWith('sha256:')) throw locationInvalid(text, 'a digest is written sha256: and 12 to 64 lower-case hex digits');
  return { kind: 'store', reference: fullReference(text) };
}
