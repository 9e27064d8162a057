import { unlink, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runConcurrently } from '../content/concurrent.js';
import type { Digest } from '../content/digest.js';
import { requireSpace } from '../content/free-space.js';
import type { LentChunk } from '../content/lent-chunk.js';
import { sizeMismatch } from '../content/verified-read.js';
import type { BlobPool } from '../content/worker-pool.js';
import { writeFully } from '../content/write-fully.js';
import { isImgkitError } from '../errors.js';
import { SizeMispredicted, type ImageSink, type Outlook, type SinkWriteOptions, type StagedPlace, type Transfer, type TransferBlob, type Written } from '../image/image-sink.js';
import { announceMoves, checkLayer, expectMoves, moveBlob } from '../image/move-blob.js';
import type { Limits } from '../limits.js';
import { announce, type WorkOptions } from '../progress.js';
import { controlFolder, makeLayoutFolder, removeIfEmpty, type ControlFolder } from './control-folder.js';
import { encodeIndexFile, readIndexFile } from './index-file.js';
import { knownDiffIds } from './known-diff-ids.js';
import { mergeRoots, refNamesOf, type NamingRules } from './index-merge.js';
import { ingest, ingestStream, placeBlobs, type IngestedBlob } from './ingest.js';
import { LayoutBlobs } from './layout-blobs.js';
import { isLayout, markLayout, requireRoomForLayout } from './layout.js';
import { takeLease, type Lease } from './lease.js';
import { withLock } from './lock.js';
import { absentBlobs, findMissing } from './missing-content.js';
import { replaceFile } from './replace-file.js';
import { requireTagsMayStay, requireTagsStay } from './tag-policy.js';

/** Workers are as many as cores; a few more blobs keep them fed while others are synced. */
const BLOBS_AT_ONCE = 4;

export interface LayoutSinkOptions extends NamingRules {
  readonly folder: string;
  readonly pool: BlobPool;
  readonly limits: Limits;
  /** `refuse`: a name that another image has stays with it. Default: `move`. */
  readonly tags?: 'refuse' | 'move' | undefined;
  /** Whether blobs that are there already are read, whatever their size, and those that are damaged written again. Default: the small ones. */
  readonly readAll?: boolean | undefined;
}

/**
 * Writes images into an OCI image layout: a plain one or the store. Blobs wait, checked and synced, under private names until all are
 * there; then they get their names, and index.json is replaced under the lock. Readers, other writers and a killed process see all or nothing.
 */
export class LayoutSink implements ImageSink {
  readonly format: 'oci-layout' | 'store';
  readonly layers = 'any';
  readonly lists: 'any' | 'full';
  readonly canRetry = true;
  readonly stagesTogether = true;
  readonly #options: LayoutSinkOptions;
  readonly #control: ControlFolder;
  readonly #ready = new Map<Digest, IngestedBlob>();
  #lease: Promise<Lease> | undefined;

  constructor(options: LayoutSinkOptions) {
    this.format = options.kind;
    this.lists = options.kind === 'store' ? 'full' : 'any';
    // A program may change its folder while this is written.
    this.#options = { ...options, folder: resolve(options.folder) };
    this.#control = controlFolder(this.#options.folder, { permanent: options.kind === 'store' });
  }

  async foresee(outlooks: readonly Outlook[], { signal }: WorkOptions = {}): Promise<void> {
    const { folder, limits, tags } = this.#options;
    if (tags !== 'refuse') return;
    const blobs = new LayoutBlobs(folder);
    try {
      await requireTagsMayStay((await readIndexFile(folder, limits, 'empty')).entries, outlooks, this.#options, blobs, limits, signal);
    } finally {
      await blobs.close();
    }
  }

  async stage(chunks: AsyncIterable<LentChunk>, options: Pick<WorkOptions, 'signal'> = {}): Promise<{ readonly digest: Digest; readonly size: number }> {
    const lease = await this.#hold(options);
    const { digest, size, path } = await ingestStream(lease.ingestPath(), chunks, options);
    await this.#keep(digest, { path, size });
    return { digest, size };
  }

  async stageFile(size: number, fill: (place: StagedPlace) => Promise<Digest>, options: WorkOptions = {}): Promise<void> {
    const lease = await this.#hold(options);
    let digest: Digest | undefined;
    const blob = await ingest(lease.ingestPath(), async (handle) => {
      digest = await fill({ handle, offset: 0 });
      return size;
    });
    await this.#keep(digest as unknown as Digest, blob);
  }

  async write(transfer: Transfer, options: SinkWriteOptions = {}): Promise<Written> {
    const { folder, limits } = this.#options;
    // Workers start while the lease is taken, which syncs.
    await expectMoves(await absentBlobs(folder, transfer, new Set(this.#ready.keys())), this.#options.pool);
    const lease = await this.#hold(options);
    // The digest of a manifest that guesses a size is a guess too.
    if (transfer.blobs.every(({ size }) => size === 'exact')) this.#requireTagsStay((await readIndexFile(folder, limits, 'empty')).entries, transfer);
    await lease.pin([...transfer.documents.keys(), ...transfer.blobs.map(({ descriptor }) => descriptor.digest), ...this.#ready.keys()], options);
    const missing = await findMissing(folder, transfer, new Set(this.#ready.keys()), { readAll: this.#options.readAll, signal: options.signal });
    const wrong = await this.#findWrong(missing.unchecked, options);
    await requireSpace(folder, missing.bytes + wrong.reduce((sum, { descriptor }) => sum + descriptor.size, 0));
    const learned = new Map(missing.learned);
    await this.#ingestBlobs([...missing.blobs, ...wrong], lease, learned, options);
    if (learned.size > 0) throw new SizeMispredicted(learned);
    for (const [digest, bytes] of missing.documents) {
      this.#ready.set(digest, await ingest(lease.ingestPath(), (handle) => writeDocument(handle, bytes, folder)));
    }
    const bytes = [...this.#ready.values()].reduce((sum, { size }) => sum + size, 0);
    await options.proven?.();
    await this.#commit(transfer, lease, options);
    this.#ready.clear();
    this.#lease = undefined;
    return { bytes, reused: missing.reused - wrong.length };
  }

  async discard(): Promise<void> {
    const lease = await this.#lease?.catch(() => undefined);
    this.#lease = undefined;
    await Promise.all([...this.#ready.values()].map(({ path }) => unlink(path).catch(() => undefined)));
    this.#ready.clear();
    if (lease === undefined) return;
    await lease.release();
    await this.#removeEmptyFolders();
  }

  async #keep(digest: Digest, blob: IngestedBlob): Promise<void> {
    if (this.#ready.has(digest)) await unlink(blob.path);
    else this.#ready.set(digest, blob);
  }

  /** Everything a collection must leave alone is under this lease, from before the first look until after the commit. */
  #hold({ signal }: WorkOptions): Promise<Lease> {
    this.#lease ??= this.#prepare(signal).catch(async (error: unknown) => {
      this.#lease = undefined;
      await this.#removeEmptyFolders();
      throw error;
    });
    return this.#lease;
  }

  async #prepare(signal: AbortSignal | undefined): Promise<Lease> {
    const { folder, limits } = this.#options;
    if (!(await isLayout(folder, limits))) await requireRoomForLayout(folder, true);
    await makeLayoutFolder(this.#control);
    return takeLease(this.#control, [], { signal });
  }

  /** Where nothing was committed there is no layout yet; the folders that were made for it are ours to take away. */
  async #removeEmptyFolders(): Promise<void> {
    const { folder, limits } = this.#options;
    if (await isLayout(folder, limits).catch(() => true)) return;
    for (const each of [join(folder, 'blobs', 'sha256'), join(folder, 'blobs', 'sha512'), join(folder, 'blobs'), folder]) await removeIfEmpty(each);
  }

  /**
   * Of layers that are here already, those that are not what their image says: what a config says of a layer is each image's own. Where another
   * image here says the same of it, it was checked when that came; else it is read, and if it is wrong, taken in again, which tells how, or mends it.
   */
  async #findWrong(unchecked: readonly TransferBlob[], options: WorkOptions): Promise<readonly TransferBlob[]> {
    if (unchecked.length === 0) return [];
    const { pool, limits, folder } = this.#options;
    const here = new LayoutBlobs(folder);
    const wrong: TransferBlob[] = [];
    try {
      const { entries } = await readIndexFile(folder, limits, 'empty');
      const known = await knownDiffIds(here, entries, unchecked.map(({ from }) => from.digest), limits);
      const blobs = unchecked.filter(({ from, layer }) => known.get(from.digest) !== layer?.diffId);
      announce(options.onProgress, 'verify', blobs.map(({ from }) => [from.digest, from.size]));
      await runConcurrently(blobs, { limit: BLOBS_AT_ONCE, signal: options.signal }, async (blob, signal) => {
        try {
          await checkLayer({ ...blob, from: { ...blob.from, blobs: here } }, { ...options, signal, pool, limits });
        } catch (error) {
          if (!isImgkitError(error) || error.code === 'interrupted' || error.code === 'io-failed') throw error;
          wrong.push(blob);
        }
      });
    } finally {
      await here.close();
    }
    return wrong;
  }

  /** Where one fails, the files of those that were done are kept for another try, or for {@link discard}. */
  async #ingestBlobs(blobs: readonly TransferBlob[], lease: Lease, learned: Map<Digest, number>, options: WorkOptions): Promise<void> {
    const { pool, limits, folder } = this.#options;
    await announceMoves(blobs, options);
    await runConcurrently(blobs, { limit: BLOBS_AT_ONCE, signal: options.signal, cost: ({ from }) => from.size }, async (blob, signal) => {
      const { digest, size } = blob.descriptor;
      const done = await ingest(lease.ingestPath(), (handle) => moveBlob(blob, handle, 0, { ...options, signal, pool, limits, name: folder }));
      if (done.size !== size && blob.size === 'exact') await refuseSize(blob, done);
      this.#ready.set(digest, done);
      if (done.size !== size) learned.set(digest, done.size);
    });
  }

  #requireTagsStay(entries: Parameters<typeof requireTagsStay>[0], transfer: Transfer): void {
    const wanted = refNamesOf(transfer.roots, this.#options);
    if (this.#options.tags === 'refuse') requireTagsStay(entries, wanted, this.#options);
  }

  async #commit(transfer: Transfer, lease: Lease, { signal }: WorkOptions): Promise<void> {
    const { folder, limits } = this.#options;
    await withLock(this.#control, async () => {
      await markLayout(this.#control, limits);
      const index = await readIndexFile(folder, limits, 'empty');
      // Again: another process may have taken the name since the first look.
      this.#requireTagsStay(index.entries, transfer);
      const text = encodeIndexFile(this.#control, index, mergeRoots(index.entries, transfer.roots, this.#options), limits);
      await placeBlobs(folder, this.#ready);
      await replaceFile(this.#control, 'index.json', text);
      await lease.releaseLocked();
    }, { signal });
  }
}

async function writeDocument(handle: FileHandle, bytes: Uint8Array, name: string): Promise<number> {
  await writeFully(handle, bytes, 0, name);
  return bytes.length;
}

async function refuseSize({ descriptor }: TransferBlob, { path, size }: IngestedBlob): Promise<never> {
  await unlink(path);
  throw sizeMismatch(descriptor, String(size));
}
