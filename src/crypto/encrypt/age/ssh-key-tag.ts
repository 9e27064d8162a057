import { createHash } from 'node:crypto';

/** What age puts into a stanza so that an SSH key finds it: the start of the SHA-256 of its encoding. */
export function keyTag(blob: Uint8Array): Buffer {
  return createHash('sha256').update(blob).digest().subarray(0, 4);
}
