import type { BlobSource, FileRange } from '../content/byte-source.js';
import type { Digest } from '../content/digest.js';
import { ImgkitError } from '../errors.js';
import type { EncodedDocument } from '../image/derive.js';
import type { ImageSource, Root } from '../image/image-source.js';

export interface MadeSourceParts {
  readonly location: string;
  readonly manifest: EncodedDocument;
  readonly config: EncodedDocument;
  /** Where the layers come from that are not new. */
  readonly bases: readonly ImageSource[];
  /** New layers, which the sink has already: their sizes. */
  readonly staged: ReadonlyMap<Digest, number>;
}

/** An image that was just made, as a source that it can be moved from. Closing it leaves the bases open. */
export function madeSource({ location, manifest, config, bases, staged }: MadeSourceParts): ImageSource {
  const documents = new Map([manifest, config].map(({ descriptor, bytes }) => [descriptor.digest, bytes]));
  const root: Root = { descriptor: manifest.descriptor, names: [], manifestOrigin: 'stored' };
  const format = bases[0]?.format ?? 'oci-layout';
  return { location, format, blobs: new MadeBlobs(documents, staged, bases), roots: [root], notes: [], close: async () => undefined };
}

class MadeBlobs implements BlobSource {
  readonly #documents: ReadonlyMap<Digest, Uint8Array>;
  readonly #staged: ReadonlyMap<Digest, number>;
  readonly #bases: readonly ImageSource[];

  constructor(documents: ReadonlyMap<Digest, Uint8Array>, staged: ReadonlyMap<Digest, number>, bases: readonly ImageSource[]) {
    this.#documents = documents;
    this.#staged = staged;
    this.#bases = bases;
  }

  async stat(digest: Digest): Promise<number | undefined> {
    return this.#documents.get(digest)?.length ?? this.#staged.get(digest) ?? (await this.#holder(digest))?.stat(digest);
  }

  async *openUnverified(digest: Digest, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const document = this.#documents.get(digest);
    if (document !== undefined) yield document;
    else yield* (await this.#require(digest)).openUnverified(digest, signal);
  }

  async locate(digest: Digest): Promise<FileRange | undefined> {
    return this.#documents.has(digest) || this.#staged.has(digest) ? undefined : (await this.#require(digest)).locate(digest);
  }

  async #holder(digest: Digest): Promise<BlobSource | undefined> {
    for (const { blobs } of this.#bases) if ((await blobs.stat(digest)) !== undefined) return blobs;
    return undefined;
  }

  async #require(digest: Digest): Promise<BlobSource> {
    const holder = await this.#holder(digest);
    if (holder !== undefined) return holder;
    throw new ImgkitError('blob-missing', `${digest} is in none of the images that this one is made from; one of them is incomplete, get it again.`, { entry: digest });
  }
}
