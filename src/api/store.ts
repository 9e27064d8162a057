import { ImgkitError, isImgkitError } from '../errors.js';
import { findStored } from '../../formats/locations/find-stored.js';
import { readLocation } from '../../formats/locations/open-source.js';
import { formatReference, fullReference, parseReference } from '../image/reference.js';
import { semverTags } from '../image/semver-tags.js';
import { resolveLimits } from '../limits.js';
import { openStore, type Store } from '../store/store.js';
import type { CommonOptions } from './options.js';
import type { GcResult, RemoveResult, TagResult } from './results.js';

/** Gives the store's image `from` the further name `to`. Throws `tag-would-move` when `to` is another image's, unless `force`. */
export async function tag(options: CommonOptions & { readonly from: string; readonly to: string; readonly force?: boolean | undefined }): Promise<TagResult> {
  return addTags(await open(options), options.from, [fullName(options.to)], options);
}

/** Adds the tags that a semantic version implies: `1.9.6` gives `1.9` and `1`, and `latest` when asked. */
export async function tagSemver(options: CommonOptions & { readonly reference: string; readonly latest?: boolean | undefined; readonly force?: boolean | undefined }): Promise<TagResult> {
  const reference = parseReference(options.reference.replace(/^store:/, ''));
  if (reference.tag === undefined) throw new ImgkitError('usage', `${options.reference} has no tag; name the version, as in app:1.9.6.`);
  const names = semverTags(reference.tag, { latest: options.latest === true }).map((version) => formatReference({ registry: reference.registry, repository: reference.repository, tag: version }));
  return addTags(await open(options), options.reference, names, options);
}

/** Removes names from the store; content that nothing names any more goes with the next {@link gc}. */
export async function remove(options: CommonOptions & { readonly references: readonly string[] }): Promise<RemoveResult> {
  const store = await open(options);
  const selectors = [];
  for (const reference of options.references) selectors.push(await selector(store, reference, options.limits));
  const removed = await store.remove(selectors);
  return { removed: removed.map(({ name, digest }) => name ?? digest) };
}

/** Removes what nothing in the store refers to. Never what a running load or save of another process needs. */
export async function gc(options: CommonOptions & { readonly dryRun?: boolean | undefined }): Promise<GcResult> {
  const dryRun = options.dryRun === true;
  const { removedBlobs, bytes } = await (await open(options)).gc({ dryRun });
  return { removedBlobs, bytes, dryRun };
}

async function addTags(store: Store, from: string, names: readonly string[], { force, limits }: CommonOptions & { readonly force?: boolean | undefined }): Promise<TagResult> {
  const { descriptor: { digest } } = await store.find(await selector(store, from, limits));
  const before = new Map<string, string | undefined>();
  for (const name of names) before.set(name, await holder(store, name));
  const moved = names.filter((name) => before.get(name) !== undefined && before.get(name) !== digest);
  // A name that is refused comes first: then none of the others has been given.
  for (const name of [...moved, ...names.filter((each) => !moved.includes(each))]) await store.tag(digest, name, { force });
  return { digest, added: names.filter((name) => !moved.includes(name)), moved };
}

/** The digest that `name` stands for now. */
async function holder(store: Store, name: string): Promise<string | undefined> {
  try {
    return (await store.find(name)).descriptor.digest;
  } catch (error) {
    if (isImgkitError(error, 'image-not-found')) return undefined;
    throw error;
  }
}

/** None of these calls has anything to do in a store that is not there, so none makes one. */
function open({ storeFolder, limits }: CommonOptions): Promise<Store> {
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
