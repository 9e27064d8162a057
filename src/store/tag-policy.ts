import type { BlobSource } from '../content/byte-source.js';
import type { Digest } from '../content/digest.js';
import { readBlob } from '../content/verified-read.js';
import { ImgkitError, isImgkitError } from '../errors.js';
import type { Outlook } from '../image/image-sink.js';
import { mayBecome } from '../image/may-become.js';
import type { Limits } from '../limits.js';
import type { IndexEntry } from './index-file.js';
import { entryLabel, refNamesOf, type NamingRules } from './index-merge.js';

/** Throws `tag-would-move` when one of `wanted` (name to digest) names another image in `entries` already. */
export function requireTagsStay(entries: readonly IndexEntry[], wanted: ReadonlyMap<string, Digest>, rules: NamingRules): void {
  for (const entry of entries) {
    const name = entryLabel(entry, rules);
    const next = name === undefined ? undefined : wanted.get(name);
    const { digest } = entry.descriptor;
    if (name === undefined || next === undefined || next === digest) continue;
    throw wouldMove(name, digest, next);
  }
}

/** As {@link requireTagsStay}, before layers were changed: only where it is certain already. `blobs` are those of `entries`. */
export async function requireTagsMayStay(entries: readonly IndexEntry[], outlooks: readonly Outlook[], rules: NamingRules, blobs: BlobSource, limits: Limits, signal?: AbortSignal): Promise<void> {
  const sure = outlooks.filter(({ changes }) => !changes).map(({ root }) => root);
  requireTagsStay(entries, refNamesOf(sure, rules), rules);
  for (const { root, bytes } of outlooks.filter(({ changes }) => changes)) {
    const wanted = refNamesOf([root], rules);
    for (const entry of entries) {
      const name = entryLabel(entry, rules);
      if (name === undefined || !wanted.has(name)) continue;
      const there = await readBlob(blobs, entry.descriptor, limits.documentBytes, signal).catch(whatIsDamaged);
      if (there === undefined || mayBecome({ descriptor: entry.descriptor, bytes: there }, { descriptor: root.descriptor, bytes }, limits)) continue;
      throw wouldMove(name, entry.descriptor.digest, undefined, root.descriptor.digest);
    }
  }
}

/** Of what cannot be read nothing is certain. */
function whatIsDamaged(error: unknown): undefined {
  if (!isImgkitError(error) || error.code === 'interrupted') throw error;
}

function wouldMove(name: string, digest: Digest, next: Digest | undefined, from?: Digest): ImgkitError {
  return new ImgkitError(
    'tag-would-move',
    `${name} already names ${digest}; it would move to ${next ?? `${from} with its layers changed`}. Give the new image another name, or force it (--force) if the old one may lose its name.`,
    { entry: name, expected: digest, found: next },
  );
}
