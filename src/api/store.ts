import { ImgkitError } from '../errors.js';
import { findStored } from '../../formats/locations/find-stored.js';
import { readLocation } from '../../formats/locations/open-source.js';
import { formatReference, fullReference, parseReference } from '../image/reference.js';
import { semverTags } from '../image/semver-tags.js';
import { resolveLimits } from '../limits.js';
import { openStore, type Store } from '../store/store.js';
import { beginCall } from './begin-call.js';
import { TEXT, TEXTS } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import type { GcResult, RemoveResult, TagResult } from './results.js';

/** Gives the store's image `from` the further name `to`. Throws `tag-would-move` when `to` is another image's, unless `force`. */
export async function tag(options: CommonOptions & { readonly from: string; readonly to: string; readonly force?: boolean | undefined }): Promise<TagResult> {
  beginCall(options, { from: TEXT, to: TEXT });
  return addTags(await open(options), options.from, [fullName(options.to)], options);
}

/** Adds the tags that a semantic version implies, all or none: `1.9.6` gives `1.9` and `1`, and `latest` when asked. Throws as {@link tag}. */
export async function tagSemver(options: CommonOptions & { readonly reference: string; readonly latest?: boolean | undefined; readonly force?: boolean | undefined }): Promise<TagResult> {
  beginCall(options, { reference: TEXT });
  const reference = parseReference(options.reference.replace(/^store:/, ''));
  if (reference.tag === undefined) throw new ImgkitError('usage', `${options.reference} has no tag; name the version, as in app:1.9.6.`);
  const names = semverTags(reference.tag, { latest: options.latest === true }).map((version) => formatReference({ registry: reference.registry, repository: reference.repository, tag: version }));
  return addTags(await open(options), options.reference, names, options);
}

/** Removes names from the store; content that nothing names any more goes with the next {@link gc}. */
export async function remove(options: CommonOptions & { readonly references: readonly string[] }): Promise<RemoveResult> {
  beginCall(options, { references: TEXTS });
  const store = await open(options);
  const selectors = [];
  for (const reference of options.references) selectors.push(await selector(store, reference, options.limits));
  const removed = await store.remove(selectors, { signal: options.signal });
  return { removed: removed.map(({ name, digest }) => name ?? digest) };
}

/** Removes what nothing in the store refers to. Never what a running load or save of another process needs. */
export async function gc(options: CommonOptions & { readonly dryRun?: boolean | undefined }): Promise<GcResult> {
  beginCall(options, {});
  const dryRun = options.dryRun === true;
  const { removedBlobs, bytes } = await (await open(options)).gc({ dryRun, signal: options.signal });
  return { removedBlobs, bytes, dryRun };
}

async function addTags(store: Store, from: string, names: readonly string[], { force, limits, signal }: CommonOptions & { readonly force?: boolean | undefined }): Promise<TagResult> {
  const { descriptor: { digest } } = await store.find(await selector(store, from, limits));
  const { added, moved, kept } = await store.tag(digest, names, { force, signal });
  return { digest, added, moved, kept };
}

/** None of these calls has anything to do in a store that is not there, so none makes one. */
async function open({ storeFolder, limits }: CommonOptions): Promise<Store> {
  return openStore({ folder: storeFolder, limits: resolveLimits(limits), create: false });
}

/** What the store is asked for: a full name, or a digest that the start of one or of an image ID was found to mean. */
async function selector(store: Store, text: string, limits: CommonOptions['limits']): Promise<string> {
  const location = readLocation(text.startsWith('store:') ? text : `store:${text}`);
  if (location.kind !== 'store' || (location.reference ?? location.digestPrefix) === undefined) {
    throw new ImgkitError('usage', `${text}: name an image of the store, as in app:1.9.6.`);
  }
  if (location.reference !== undefined) return location.reference;
  const source = await store.source();
  try {
    return (await findStored(source, location, resolveLimits(limits))).descriptor.digest;
  } finally {
    await source.close();
  }
}

function fullName(text: string): string {
  return fullReference(text.replace(/^store:/, ''));
}
