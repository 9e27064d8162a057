import { runConcurrently } from '../content/concurrent.js';
import type { Descriptor } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import { throwIfInterrupted } from '../content/interrupted.js';
import type { LentChunk } from '../content/lent-chunk.js';
import type { BlobPool } from '../content/worker-pool.js';
import { ImgkitError } from '../errors.js';
import { SizeMispredicted, type ImageSink, type Outlook, type SinkWriteOptions, type StagedPlace, type Transfer, type TransferBlob, type Written } from '../image/image-sink.js';
import { withBlobHere } from '../image/local-blob.js';
import { blobChunks, checkLayer } from '../image/move-blob.js';
import type { Limits } from '../limits.js';
import { announce, type WorkOptions } from '../progress.js';
import { publishReferrers } from './publish-referrer.js';
import { pushManifest } from './push-manifest.js';
import { childrenFirst } from './push-order.js';
import type { PushedBlobs } from './pushed-blobs.js';
import { headManifest } from './read-manifest.js';
import { RegistryBlobs } from './registry-blobs.js';
import { Repository } from './repository.js';
import { TRIES } from './retry.js';
import { StagedBlobs } from './staged-blobs.js';
import { subjectOf } from './subject.js';
import { requireTagsMayStay, requireTagsStay } from './tag-policy.js';
import { findBlob, uploadBlob } from './upload-blob.js';

/** What is about a subject, by that: to be listed under its tag. */
type Orphans = ReadonlyMap<Digest, readonly Descriptor[]>;

/** Blobs on their way at once, unless the user says otherwise. */
const BLOBS_AT_ONCE = 4;

export interface RegistrySinkOptions {
  readonly repository: Repository;
  /** As a user would type it to read the images back. */
  readonly location: string;
  /** The tag of each full name that an image may get here. */
  readonly tagOf: (name: string) => string | undefined;
  readonly pool: BlobPool;
  readonly limits: Limits;
  /** Let a tag move to another digest. */
  readonly force: boolean;
  readonly concurrency?: number | undefined;
  /** Shared by the pushes of one command. */
  readonly pushed?: PushedBlobs | undefined;
  /** Closes what the sink was opened with. */
  readonly close: () => Promise<void>;
}

/**
 * Pushes images into one repository (OCI distribution spec, "Push"): blobs first and only those that are missing, manifests under
 * their digests, children before parents, and the tags last, each read back. A reader sees the old image or the whole new one.
 */
export class RegistrySink implements ImageSink {
  readonly format = 'registry';
  readonly layers = 'any';
  readonly lists = 'full';
  readonly canRetry = true;
  readonly stagesTogether = true;
  readonly #options: RegistrySinkOptions;
  readonly #staged = new StagedBlobs();

  constructor(options: RegistrySinkOptions) {
    this.#options = options;
  }

  async foresee(outlooks: readonly Outlook[], { signal }: WorkOptions = {}): Promise<void> {
    const { repository, limits, force } = this.#options;
    const tags = this.#tags(outlooks.map((outlook) => ({ names: outlook.root.names, to: outlook })));
    if (!force) await requireTagsMayStay(repository, tags, limits, signal);
  }

  stage(chunks: AsyncIterable<LentChunk>, options: Pick<WorkOptions, 'signal'> = {}): Promise<{ readonly digest: Digest; readonly size: number }> {
    return this.#staged.add(chunks, options);
  }

  stageFile(size: number, fill: (place: StagedPlace) => Promise<Digest>): Promise<void> {
    return this.#staged.fill(size, fill);
  }

  async write(transfer: Transfer, options: SinkWriteOptions = {}): Promise<Written> {
    await options.proven?.();
    const { location } = this.#options;
    throwIfInterrupted(options.signal, `writing ${location}`);
    const tags = this.#tags(transfer.roots.map(({ names, descriptor }) => ({ names, to: descriptor })));
    // The digest of a manifest that guesses a size is a guess too.
    if (transfer.blobs.every(({ size }) => size === 'exact')) await this.#requireTagsStay(tags, options);
    const tally = await this.#pushBlobs(transfer.blobs, options);
    const documents = await this.#pushDocuments(transfer, options);
    const listed = await this.#list(documents.orphans, options);
    // Again: it may have taken long.
    await this.#requireTagsStay(tags, options);
    for (const [tag, descriptor] of tags) await this.#pushTag(tag, descriptor, transfer, options);
    await this.#keepListed(listed, options);
    return { bytes: tally.bytes + documents.bytes, reused: tally.reused };
  }

  async discard(): Promise<void> {
    await this.#staged.close();
    await this.#options.close();
  }

  /** What each tag will name. */
  #tags<To>(named: readonly { readonly names: readonly string[]; readonly to: To }[]): ReadonlyMap<string, To> {
    const tags = new Map<string, To>();
    for (const { names, to } of named) {
      for (const name of names) {
        const tag = this.#options.tagOf(name);
        if (tag !== undefined) tags.set(tag, to);
      }
    }
    return tags;
  }

  async #requireTagsStay(tags: ReadonlyMap<string, Descriptor>, { signal }: WorkOptions): Promise<void> {
    const { repository, limits, force } = this.#options;
    if (!force) await requireTagsStay(repository, tags, limits, signal);
  }

  /** Where one fails, what is there already stays: nothing names it, and registries collect it. */
  async #pushBlobs(blobs: readonly TransferBlob[], options: WorkOptions): Promise<{ readonly bytes: number; readonly reused: number }> {
    const learned = new Map<Digest, number>();
    const tally = { bytes: 0, reused: 0 };
    announce(options.onProgress, 'upload', blobs.filter(({ size }) => size === 'exact').map(({ descriptor }) => [descriptor.digest, descriptor.size]));
    await runConcurrently(blobs, { limit: this.#options.concurrency ?? BLOBS_AT_ONCE, signal: options.signal, cost: ({ from }) => from.size }, async (blob, signal) => {
      const sent = await this.#pushBlob(blob, { ...options, signal }, learned);
      this.#options.pushed?.add(this.#options.repository.connection.address.host, blob.descriptor.digest, this.#options.repository.path);
      tally.bytes += sent ?? 0;
      if (sent === undefined) tally.reused += 1;
    });
    if (learned.size > 0) throw new SizeMispredicted(learned);
    return tally;
  }

  /** Bytes sent; undefined when the registry had the blob, here or in a repository beside. */
  async #pushBlob(blob: TransferBlob, options: WorkOptions, learned: Map<Digest, number>): Promise<number | undefined> {
    const { repository, limits } = this.#options;
    const { digest, size } = blob.descriptor;
    const { signal, onProgress } = options;
    const staged = this.#staged.get(digest);
    const there = await findBlob(repository, digest, signal);
    // Where only the registry could tell a size that was guessed, and does not, sending the blob does.
    if (there !== undefined && (there.size !== undefined || blob.size === 'exact')) {
      const found = there.size ?? size;
      if (blob.size === 'guess' && found !== size) learned.set(digest, found);
      if (blob.size === 'exact' && found !== size) throw sizeMismatch(repository, blob, found);
      // What a config says of a layer is each image's own, however many have it there; one that is far away is not fetched for that alone.
      if (staged === undefined && blob.decompress === undefined && (await blob.from.blobs.locate(blob.from.digest)) !== undefined) await checkLayer(blob, { ...options, pool: this.#options.pool, limits });
      onProgress?.({ phase: 'upload', item: digest, done: size, total: size });
      return undefined;
    }
    const mountFrom = this.#mountable(blob);
    const send = async (open: () => AsyncIterable<Uint8Array>): Promise<number | undefined> => {
      const guessed = blob.size === 'guess';
      const onBytes = (done: number): void => onProgress?.({ phase: 'upload', item: digest, done, total: guessed ? undefined : size });
      const uploaded = await uploadBlob({ repository, digest, signal, size: guessed ? undefined : size, open, mountFrom, onBytes });
      onProgress?.({ phase: 'upload', item: digest, done: uploaded.size, total: uploaded.size });
      if (guessed && uploaded.size !== size) learned.set(digest, uploaded.size);
      return uploaded.how === 'mounted' ? undefined : uploaded.size;
    };
    if (staged !== undefined) return send(() => staged.stream(undefined, signal));
    if (blob.layer === undefined) return send(() => blobChunks(blob, { limits, signal }));
    // To be checked it must be in a file; from there it goes on, and is not fetched twice.
    return withBlobHere(blob, signal, async (here) => {
      await checkLayer(here, { ...options, pool: this.#options.pool, limits });
      return send(() => blobChunks(here, { limits, signal }));
    });
  }

  /** A blob that comes from another repository of the same registry, or was pushed to one just now, need not travel. */
  #mountable({ from, descriptor }: TransferBlob): Repository | undefined {
    const { repository, pushed } = this.#options;
    if (from.blobs instanceof RegistryBlobs && from.digest === descriptor.digest && from.blobs.places.origin.isBeside(repository)) return from.blobs.places.origin;
    const path = pushed?.find(repository.connection.address.host, descriptor.digest);
    return path === undefined || path === repository.path ? undefined : new Repository(repository.connection, path);
  }

  /** Bytes sent, and what the registry itself does not list as being about its subject. */
  async #pushDocuments({ documents }: Transfer, { signal }: WorkOptions): Promise<{ readonly bytes: number; readonly orphans: Orphans }> {
    const { repository, limits } = this.#options;
    const orphans = new Map<Digest, readonly Descriptor[]>();
    let bytes = 0;
    for (const digest of childrenFirst(documents, limits)) {
      const document = documents.get(digest);
      if (document === undefined) continue;
      throwIfInterrupted(signal, `writing ${this.#options.location}`);
      const { subjectKnown } = await pushManifest({ repository, reference: digest, ...document, signal });
      bytes += document.bytes.length;
      const about = subjectKnown ? undefined : subjectOf(document, limits);
      if (about !== undefined) orphans.set(about.subject, [...(orphans.get(about.subject) ?? []), about.descriptor]);
    }
    return { bytes, orphans };
  }

  /** Those of `orphans` whose list had to be changed. */
  async #list(orphans: Orphans, { signal }: WorkOptions): Promise<Orphans> {
    const { repository, limits } = this.#options;
    const changed = new Map<Digest, readonly Descriptor[]>();
    for (const [subject, referrers] of orphans) if (await publishReferrers(repository, subject, referrers, limits, signal)) changed.set(subject, referrers);
    return changed;
  }

  /** Somebody who read a list before we changed it writes it back without what we added: only later it shows. */
  async #keepListed(listed: Orphans, options: WorkOptions): Promise<void> {
    let left = listed;
    for (let round = 2; left.size > 0 && round < TRIES + 2; round += 1) {
      await this.#options.repository.connection.pause(round, undefined, options.signal);
      left = await this.#list(left, options);
    }
  }

  async #pushTag(tag: string, { digest }: Descriptor, { documents }: Transfer, { signal }: WorkOptions): Promise<void> {
    const { repository, limits } = this.#options;
    const document = documents.get(digest);
    if (document === undefined) throw new TypeError(`the transfer has no document ${digest}`);
    await pushManifest({ repository, reference: tag, ...document, signal });
    const found = (await headManifest(repository, tag, limits, signal, 'push'))?.digest;
    if (found === digest) return;
    throw new ImgkitError('registry-failed', `${repository.name}:${tag} is ${found ?? 'not there'} after the push instead of ${digest}; did somebody else push at the same time? Look, and push again.`, { file: repository.name, entry: tag, expected: digest, found });
  }
}

function sizeMismatch({ name }: Repository, { descriptor: { digest, size } }: TransferBlob, found: number): ImgkitError {
  return new ImgkitError('size-mismatch', `${name}: the registry has ${found} bytes under ${digest}, the image says ${size}; its storage is damaged: tell its owner, who can remove the blob.`, { file: name, entry: digest, expected: String(size), found: String(found) });
}
