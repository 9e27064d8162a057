import { resolve } from 'node:path';
import type { Digest } from '../content/digest.js';
import type { BlobPool } from '../content/worker-pool.js';
import { requireFolderPlace } from '../content/writable-place.js';
import { ImgkitError, isImgkitError } from '../errors.js';
import type { ImageSink, TransferRoot } from '../image/image-sink.js';
import type { ImageSource, Root } from '../image/image-source.js';
import type { Limits } from '../limits.js';
import { controlFolder, type ControlFolder } from './control-folder.js';
import { fullReference, parseReference } from '../image/reference.js';
import { findRoot } from './find-root.js';
import { collectGarbage, type Collected } from './garbage.js';
import { readIndexFile, writeIndexFile, type IndexEntry, type IndexFile } from './index-file.js';
import { entryLabel, mergeRoots, refNamesOf, type NamingRules } from './index-merge.js';
import { entryNames, normalised } from '../image/index-names.js';
import { createLayout, isLayout, Layout, requireRoomForLayout } from './layout.js';
import { LayoutSink } from './layout-sink.js';
import { takeLease } from './lease.js';
import { withLock, type LockOptions } from './lock.js';
import { storeFolder } from './store-folder.js';
import { rootsOf } from '../image/index-roots.js';
import { requireTagsStay } from './tag-policy.js';

export interface OpenStoreOptions {
  /** Default: {@link storeFolder}. */
  readonly folder?: string | undefined;
  readonly limits: Limits;
  /** Whether one is made where there is none. Who only reads passes false and gets a store without images. Default: true. */
  readonly create?: boolean | undefined;
}

/** What {@link Store.remove} did to one name or digest. */
export interface Removed {
  /** The name that is gone; undefined for an image that had none. */
  readonly name: string | undefined;
  readonly digest: Digest;
  /** The image has no name any more; `gc` frees its space. */
  readonly dropped: boolean;
}

/** What {@link Store.tag} did with the names it was given: full references. */
export interface Tagged {
  readonly root: Root;
  readonly added: readonly string[];
  /** They were another image's. */
  readonly moved: readonly string[];
  /** The image had them already. */
  readonly kept: readonly string[];
}

const NAMING: NamingRules = { kind: 'store', refNameFor: (_root, name) => name };

/** Opens the local store, and makes it (0700) when there is none, unless `create` is false. Nothing stays open. Throws `format-unknown`, `document-malformed`, `io-failed`. */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const folder = resolve(options.folder ?? storeFolder());
  const control = controlFolder(folder, { permanent: true });
  try {
    if (!(await isLayout(folder, options.limits))) {
      await requireRoomForLayout(folder, true);
      if (options.create !== false) await createLayout(control, options.limits);
    }
  } catch (error) {
    throw options.folder === undefined ? withElsewhere(error) : error;
  }
  return new Store(control, options.limits);
}

/** Refuses a store that can neither be written to nor made; see {@link openStore}. Throws `io-failed`. */
export async function requireStorePlace(folder?: string): Promise<void> {
  await requireFolderPlace(folder ?? storeFolder()).catch((error: unknown) => {
    throw folder === undefined ? withElsewhere(error) : error;
  });
}

/** Nobody named that folder: who cannot use it (a service without a home) is told how to name one. */
function withElsewhere(error: unknown): unknown {
  if (!isImgkitError(error, 'io-failed')) return error;
  return new ImgkitError(error.code, `${error.message.replace(/\.$/, '')}, or name another store with --store DIR or $IMGKIT_HOME.`, error.details, { cause: error });
}

/** The local store: an OCI image layout that several processes may use at once. */
export class Store {
  readonly folder: string;
  readonly #control: ControlFolder;
  readonly #limits: Limits;

  constructor(control: ControlFolder, limits: Limits) {
    this.folder = control.layout;
    this.#control = control;
    this.#limits = limits;
  }

  /** The images as they are now. The caller closes it, and takes a {@link lease} before reading what a `gc` could collect meanwhile. */
  async source(location = 'store:'): Promise<ImageSource> {
    const layout = new Layout(this.folder, await this.#index());
    return { location, format: 'store', blobs: layout, roots: rootsOf(layout.descriptors), notes: [], close: () => layout.close() };
  }

  /** The image that a name, `NAME@DIGEST` or the start of a digest means. Throws `image-not-found`, listing near names, `image-ambiguous`, `reference-invalid`. */
  async find(selector: string): Promise<Root> {
    return findRoot(await this.#roots(), selector);
  }

  /** A sink for new images. A name that another image has is refused (`tag-would-move`) unless `force`, which reads all blobs that are there, too. The caller writes or discards; the pool stays the caller's. */
  sink(options: { readonly pool: BlobPool; readonly force?: boolean | undefined }): ImageSink {
    const { pool, force } = options;
    return new LayoutSink({ ...NAMING, folder: this.folder, pool, limits: this.#limits, tags: force === true ? 'move' : 'refuse', readAll: force });
  }

  /**
   * Gives the image that `selector` means more names, all of them or none. Throws as {@link find}, and `tag-would-move` when another image
   * has one, unless `force`.
   */
  async tag(selector: string, newNames: readonly string[], options: LockOptions & { readonly force?: boolean | undefined } = {}): Promise<Tagged> {
    const names = newNames.map((newName) => {
      const name = fullReference(newName);
      if (name.includes('@')) throw new ImgkitError('reference-invalid', `${newName}: a new name takes a tag, not a digest.`, { found: newName });
      return name;
    });
    return this.#change((entries) => {
      const root = findRoot(rootsOf(entries.map(({ descriptor }) => descriptor)), selector);
      const fresh = names.filter((name) => !root.names.includes(name));
      const more: readonly TransferRoot[] = [{ ...root, names: fresh }];
      if (options.force !== true) requireTagsStay(entries, refNamesOf(more, NAMING), NAMING);
      const taken = new Set(entries.flatMap(({ descriptor }) => entryNames(descriptor)));
      return {
        entries: mergeRoots(entries, more, NAMING),
        result: {
          root: { ...root, names: [...root.names, ...fresh] },
          added: fresh.filter((name) => !taken.has(name)),
          moved: fresh.filter((name) => taken.has(name)),
          kept: names.filter((name) => root.names.includes(name)),
        },
      };
    }, options);
  }

  /**
   * Takes names away; an image goes with its last one. A digest means the image itself, which may then have one name at most
   * (`image-ambiguous` otherwise). All or nothing: throws as {@link find} before anything is changed. Space is freed by {@link gc}.
   */
  remove(selectors: readonly string[], options: LockOptions = {}): Promise<readonly Removed[]> {
    return this.#change((before) => {
      let entries = before;
      const result: Removed[] = [];
      for (const selector of selectors) {
        const root = findRoot(rootsOf(entries.map(({ descriptor }) => descriptor)), selector);
        const name = nameToRemove(root, selector);
        const { digest } = root.descriptor;
        const isOf = ({ descriptor }: IndexEntry): boolean => descriptor.digest === digest;
        const left = entries.filter((entry) => !isOf(entry) || (name !== undefined && !entryNames(entry.descriptor).includes(name)));
        // An entry without a name only keeps its image; one with a bare ref name is another tool's, and stays.
        const dropped = !left.some((entry) => isOf(entry) && entryLabel(entry, NAMING) !== undefined);
        entries = dropped ? entries.filter((entry) => !isOf(entry)) : left;
        result.push({ name, digest, dropped });
      }
      return { entries, result };
    }, options);
  }

  /** Deletes blobs that nothing needs and what dead processes left; see {@link collectGarbage}. */
  async gc(options: LockOptions & { readonly dryRun?: boolean | undefined } = {}): Promise<Collected> {
    if (!(await isLayout(this.folder, this.#limits))) return { removedBlobs: 0, removedLeftovers: 0, bytes: 0 };
    return collectGarbage(this.#control, { ...options, limits: this.#limits });
  }

  /**
   * Keeps `digests`, and what those among them that are manifests or indexes name, from being collected until `release`.
   * Read index and blobs after taking it. Ends by itself when the process dies. Throws `store-locked`.
   */
  async lease(digests: Iterable<Digest>, options: LockOptions = {}): Promise<{ readonly release: () => Promise<void> }> {
    const lease = await takeLease(this.#control, digests, options);
    return { release: () => lease.release() };
  }

  async #roots(): Promise<readonly Root[]> {
    return rootsOf((await this.#index()).entries.map(({ descriptor }) => descriptor));
  }

  /** Without images where `create` was false and nobody has made a store since. */
  async #index(): Promise<IndexFile> {
    return (await isLayout(this.folder, this.#limits)) ? readIndexFile(this.folder, this.#limits) : { entries: [] };
  }

  async #change<T>(edit: (entries: readonly IndexEntry[]) => { readonly entries: readonly IndexEntry[]; readonly result: T }, options: LockOptions): Promise<T> {
    // No store, no images: `edit` says which one is missing.
    if (!(await isLayout(this.folder, this.#limits))) return edit([]).result;
    return withLock(this.#control, async () => {
      const index = await readIndexFile(this.folder, this.#limits);
      const { entries, result } = edit(index.entries);
      await writeIndexFile(this.#control, index, entries, this.#limits);
      return result;
    }, options);
  }
}

function nameToRemove(root: Root, selector: string): string | undefined {
  const asked = normalised(selector);
  const full = root.names.find((name) => selector === name || name === asked);
  if (full !== undefined) return full;
  const names = selector.includes('@') ? root.names.filter((name) => isPinOf(selector, name)) : root.names;
  // The digest is enough to find an image, not to take a name from it that nobody wrote.
  if (selector.includes('@') && names.length === 0) {
    throw new ImgkitError('image-not-found', `${selector}: the image of that digest is called ${root.names.join(', ') || 'nothing'}; say that, or the digest alone.`, { entry: selector });
  }
  if (names.length <= 1) return names[0];
  throw new ImgkitError('image-ambiguous', `${selector} has ${String(names.length)} names (${names.join(', ')}); say which to remove, or all of them.`, { entry: selector });
}

/** True when `selector`, a name with a digest, is `name` with one; without a tag it is every name of its repository. */
function isPinOf(selector: string, name: string): boolean {
  const [pin, own] = [parseReference(selector), parseReference(name)];
  return pin.registry === own.registry && pin.repository === own.repository && (pin.tag === undefined || pin.tag === own.tag);
}
