import type { BlobSource } from '../content/byte-source.js';
import { runConcurrently } from '../content/concurrent.js';
import type { Descriptor } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import type { LentChunk } from '../content/lent-chunk.js';
import { ImgkitError } from '../errors.js';
import { parseIndex } from '../image/image-index.js';
import { parseManifest } from '../image/manifest.js';
import { isIndexType, isManifestType, isNonDistributable } from '../image/media-type.js';
import type { Limits } from '../limits.js';
import type { ProgressListener } from '../progress.js';
import { blobStream } from './blob-stream.js';
import { contentLength } from './content-length.js';
import { gather } from './gather.js';
import type { PullPlaces } from './pull-places.js';
import { readManifest, type FetchedManifest } from './read-manifest.js';

/** Manifests of an index that are asked for at once. */
const MANIFESTS_AT_ONCE = 6;
/** Configs are read several times; so many bytes of them are kept. */
const CONFIGS_KEPT = 32 * 1024 * 1024;

export interface RegistryBlobsOptions {
  readonly places: PullPlaces;
  readonly limits: Limits;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/**
 * The content of one repository. Every manifest is read once, proven and kept, so that the image stays the same however the
 * registry changes meanwhile. A layer that a manifest names counts as there: registries take no manifest without its layers,
 * and reading it proves the rest; only non-distributable layers are asked for.
 */
export class RegistryBlobs implements BlobSource {
  readonly places: PullPlaces;
  readonly #options: RegistryBlobsOptions;
  readonly #manifests = new Map<Digest, Promise<FetchedManifest | undefined>>();
  readonly #members = new Set<Digest>();
  readonly #leaves = new Map<Digest, { readonly size: number; readonly ask: boolean; readonly keep: boolean }>();
  readonly #kept = new Map<Digest, Promise<Uint8Array>>();
  #room = CONFIGS_KEPT;

  constructor(options: RegistryBlobsOptions) {
    this.places = options.places;
    this.#options = options;
  }

  /** Reads a manifest by tag or digest and keeps it. Undefined when no place has it. */
  async manifest(reference: string): Promise<FetchedManifest | undefined> {
    const { limits, signal } = this.#options;
    const fetched = await this.places.first((place) => readManifest(place, reference, limits, signal));
    if (fetched === undefined) return undefined;
    this.#manifests.set(fetched.digest, Promise.resolve(fetched));
    this.#learn(fetched);
    return fetched;
  }

  /** Says that these digests are manifests (artifacts about an image), which no index here names. */
  expect(descriptors: readonly Descriptor[]): void {
    for (const { digest } of descriptors) this.#members.add(digest);
  }

  async stat(digest: Digest): Promise<number | undefined> {
    if (this.#isManifest(digest)) return (await this.#document(digest))?.bytes.length;
    const leaf = this.#leaves.get(digest);
    return leaf === undefined || leaf.ask ? this.#head(digest, leaf?.size) : leaf.size;
  }

  async *openUnverified(digest: Digest, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#isManifest(digest)) {
      const document = await this.#document(digest);
      if (document === undefined) throw new ImgkitError('blob-missing', `${this.places.origin.name}: the registry has no manifest ${digest}, which an index there names; push the image again, or take one of its platforms with --platform.`, { file: this.places.origin.name, entry: digest });
      yield document.bytes.slice();
      return;
    }
    const leaf = this.#leaves.get(digest);
    if (leaf?.keep === true) yield (await this.#config(digest, leaf.size)).slice();
    else yield* this.#stream(digest, leaf?.size, signal);
  }

  lendUnverified(digest: Digest, signal?: AbortSignal): AsyncIterable<LentChunk> {
    const leaf = this.#leaves.get(digest);
    return this.#isManifest(digest) || leaf?.keep === true ? this.openUnverified(digest, signal) : this.#pieces(digest, leaf?.size, signal);
  }

  async locate(): Promise<undefined> {
    return undefined;
  }

  #isManifest(digest: Digest): boolean {
    return this.#manifests.has(digest) || this.#members.has(digest);
  }

  #document(digest: Digest): Promise<FetchedManifest | undefined> {
    const known = this.#manifests.get(digest);
    if (known !== undefined) return known;
    const reading = this.manifest(digest);
    this.#manifests.set(digest, reading);
    // Another try may go better.
    reading.catch(() => this.#manifests.delete(digest));
    return reading;
  }

  /** What the document names, so that its digests are looked for in the right place. A broken one is judged by its reader. */
  #learn({ mediaType, digest, bytes }: FetchedManifest): void {
    const { limits } = this.#options;
    const descriptor: Descriptor = { mediaType, digest, size: bytes.length };
    try {
      if (isIndexType(mediaType)) {
        const members = parseIndex(bytes, descriptor, limits).manifests;
        for (const member of members) this.#learnLeaf(member, false);
        void this.#prefetch(members.filter((member) => this.#members.has(member.digest)));
      } else {
        const { config, layers } = parseManifest(bytes, descriptor, limits);
        this.#learnLeaf(config, true);
        for (const layer of layers) this.#learnLeaf(layer, false);
      }
    } catch {
      return;
    }
  }

  #learnLeaf({ mediaType, digest, size }: Descriptor, isConfig: boolean): void {
    if (isManifestType(mediaType) || isIndexType(mediaType)) {
      this.#members.add(digest);
      return;
    }
    if (this.#leaves.has(digest)) return;
    const keep = isConfig && size <= this.#options.limits.configBytes && size <= this.#room;
    if (keep) this.#room -= size;
    this.#leaves.set(digest, { size, ask: isNonDistributable(mediaType), keep });
  }

  /** A reader asks for the members of an index one after the other; this has them ready. Failures are told when it asks. */
  async #prefetch(members: readonly Descriptor[]): Promise<void> {
    await runConcurrently(members, { limit: MANIFESTS_AT_ONCE }, async ({ digest }) => void (await this.#document(digest))).catch(() => undefined);
  }

  async #config(digest: Digest, size: number): Promise<Uint8Array> {
    const read = async (): Promise<Uint8Array> => {
      const chunks: Uint8Array[] = [];
      let seen = 0;
      for await (const chunk of this.#stream(digest, size, this.#options.signal)) {
        chunks.push(chunk);
        seen += chunk.length;
        // Too long already; the verified read says so.
        if (seen > size) break;
      }
      return Buffer.concat(chunks);
    };
    const kept = this.#kept.get(digest) ?? read();
    this.#kept.set(digest, kept);
    kept.catch(() => this.#kept.delete(digest));
    return kept;
  }

  #stream(digest: Digest, size: number | undefined, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, undefined> {
    return gather(this.#pieces(digest, size, signal), size);
  }

  #pieces(digest: Digest, size: number | undefined, signal: AbortSignal | undefined): AsyncGenerator<LentChunk, void, undefined> {
    const { onProgress } = this.#options;
    const onBytes = onProgress && ((done: number): void => onProgress({ phase: 'download', item: digest, done, total: size }));
    return blobStream({ places: this.places, digest, size, signal: signal ?? this.#options.signal, onBytes });
  }

  /** The size of a blob that is there; `said` where the registry does not tell it. */
  async #head(digest: Digest, said: number | undefined): Promise<number | undefined> {
    return this.places.first(async (place) => {
      const response = await place.request({ method: 'HEAD', path: place.blobPath(digest), signal: this.#options.signal });
      await response.discard();
      if (response.status === 404) return undefined;
      const size = contentLength(response) ?? said;
      if (response.status === 200 && size !== undefined) return size;
      throw await place.failure(response, { doing: `looking for the blob ${digest}`, entry: digest });
    });
  }
}
