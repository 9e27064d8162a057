import type { BlobSource, ByteSource, FileRange } from '../src/content/byte-source.js';
import { digestOf, type Digest } from '../src/content/digest.js';
import { lendRange } from '../src/content/lend-range.js';
import type { LentChunk } from '../src/content/lent-chunk.js';
import { ImgkitError } from '../src/errors.js';

interface Place {
  readonly offset: number;
  readonly size: number;
}

/** The blobs of an archive: bodies of its tar entries, read in place, plus documents made up in memory. */
export class ArchiveBlobs implements BlobSource {
  readonly #source: ByteSource;
  readonly #places = new Map<Digest, Place>();
  readonly #made = new Map<Digest, Uint8Array>();

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Says that the `size` bytes at `offset` of the archive claim to be `digest`; readers check the claim. */
  place(digest: Digest, offset: number, size: number): void {
    this.#places.set(digest, { offset, size });
  }

  /** Adds a document that the archive does not hold; returns its digest. */
  make(bytes: Uint8Array): Digest {
    const digest = digestOf(bytes);
    this.#made.set(digest, bytes);
    return digest;
  }

  async stat(digest: Digest): Promise<number | undefined> {
    return this.#made.get(digest)?.length ?? this.#places.get(digest)?.size;
  }

  async *openUnverified(digest: Digest, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    const made = this.#made.get(digest);
    if (made !== undefined) {
      yield made.slice();
      return;
    }
    const { offset, size } = this.#place(digest);
    yield* this.#source.stream({ offset, length: size }, signal);
  }

  async *lendUnverified(digest: Digest, signal?: AbortSignal): AsyncIterable<LentChunk> {
    if (this.#made.has(digest)) {
      yield* this.openUnverified(digest, signal);
      return;
    }
    const { offset, size } = this.#place(digest);
    yield* lendRange(this.#source, { offset, length: size }, signal);
  }

  async locate(digest: Digest): Promise<FileRange | undefined> {
    if (this.#made.has(digest)) return undefined;
    const { offset, size } = this.#place(digest);
    return this.#source.locate({ offset, length: size });
  }

  #place(digest: Digest): Place {
    const place = this.#places.get(digest);
    if (place !== undefined) return place;
    throw new ImgkitError('blob-missing', `${this.#source.name}: blob ${digest} is not in this archive; it is incomplete, get it again.`, { file: this.#source.name, entry: digest });
  }
}
