import type { BlobSource } from '../content/byte-source.js';
import { digestOf, type Digest } from '../content/digest.js';
import { ImgkitError } from '../errors.js';
import type { ImageSource, Root } from '../image/image-source.js';

/** Small artifacts that were made in memory, as a source that they can be moved from. `blobs`: every byte of them, documents included. */
export function documentsSource(location: string, roots: readonly Root[], blobs: readonly Uint8Array[]): ImageSource {
  return { location, format: 'oci-layout', roots, notes: [], blobs: new MemoryBlobs(blobs), close: async () => undefined };
}

class MemoryBlobs implements BlobSource {
  readonly #blobs: ReadonlyMap<Digest, Uint8Array>;

  constructor(blobs: readonly Uint8Array[]) {
    this.#blobs = new Map(blobs.map((bytes) => [digestOf(bytes), bytes]));
  }

  async stat(digest: Digest): Promise<number | undefined> {
    return this.#blobs.get(digest)?.length;
  }

  async *openUnverified(digest: Digest): AsyncGenerator<Uint8Array> {
    const bytes = this.#blobs.get(digest);
    if (bytes === undefined) throw new ImgkitError('blob-missing', `${digest} is not among the documents of the image; it is incomplete, get it again.`, { entry: digest });
    yield bytes;
  }

  async locate(): Promise<undefined> {
    return undefined;
  }
}
