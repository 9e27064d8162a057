import type { Descriptor } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import { ImgkitError } from '../errors.js';
import type { Outlook } from '../image/image-sink.js';
import { mayBecome } from '../image/may-become.js';
import type { Limits } from '../limits.js';
import { headManifest, readManifest } from './read-manifest.js';
import type { Repository } from './repository.js';

/** Throws `tag-would-move` when one of `tags` names another manifest in the repository already. */
export async function requireTagsStay(repository: Repository, tags: ReadonlyMap<string, Descriptor>, limits: Limits, signal?: AbortSignal): Promise<void> {
  for (const [tag, { digest: next }] of tags) {
    const digest = (await headManifest(repository, tag, limits, signal, 'push'))?.digest;
    if (digest !== undefined && digest !== next) throw wouldMove(repository, tag, digest, next);
  }
}

/** As {@link requireTagsStay}, before layers were changed: only where it is certain already. */
export async function requireTagsMayStay(repository: Repository, tags: ReadonlyMap<string, Outlook>, limits: Limits, signal?: AbortSignal): Promise<void> {
  for (const [tag, { root: { descriptor }, bytes, changes }] of tags) {
    const digest = (await headManifest(repository, tag, limits, signal, 'push'))?.digest;
    if (digest === undefined) continue;
    if (!changes) {
      if (digest !== descriptor.digest) throw wouldMove(repository, tag, digest, descriptor.digest);
      continue;
    }
    const there = digest === descriptor.digest ? undefined : await readManifest(repository, digest, limits, signal, 'push');
    if (there !== undefined && mayBecome({ descriptor: { ...there, size: there.bytes.length }, bytes: there.bytes }, { descriptor, bytes }, limits)) continue;
    throw wouldMove(repository, tag, digest, undefined, descriptor.digest);
  }
}

function wouldMove({ name }: Repository, tag: string, digest: Digest, next: Digest | undefined, from?: Digest): ImgkitError {
  return new ImgkitError('tag-would-move', `${name}:${tag} already names ${digest}; it would move to ${next ?? `${from} with its layers changed`}. Give the new image another tag, or add --force if the old one may lose its name.`, {
    file: name, entry: `${name}:${tag}`, expected: digest, found: next,
  });
}
