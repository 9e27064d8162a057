import type { ByteSource } from '../content/byte-source.js';
import type { Digest } from '../content/digest.js';
import type { LentChunk } from '../content/lent-chunk.js';
import { spoolHashed } from '../content/spool.js';
import { fillScratch } from '../image/fill-scratch.js';
import type { StagedPlace } from '../image/image-sink.js';
import type { WorkOptions } from '../progress.js';

const NAME = 'a new layer';

/** Blobs whose digest was not known before they were made: they wait in private temporary files until they are uploaded. */
export class StagedBlobs {
  readonly #blobs = new Map<Digest, ByteSource>();

  /** Takes in the bytes. Throws `disk-full`, `io-failed`, and what `chunks` throws. */
  async add(chunks: AsyncIterable<LentChunk>, options: Pick<WorkOptions, 'signal'>): Promise<{ readonly digest: Digest; readonly size: number }> {
    const { bytes, digest } = await spoolHashed(NAME, chunks, options);
    await this.#keep(digest, bytes);
    return { digest, size: bytes.size };
  }

  /** Lets `fill` write `size` bytes itself, and say their digest. Throws `disk-full`, `io-failed`, and what `fill` throws. */
  async fill(size: number, fill: (place: StagedPlace) => Promise<Digest>): Promise<void> {
    const source = await fillScratch(NAME, size, fill);
    await this.#keep(source.digest, source.bytes);
  }

  async #keep(digest: Digest, source: ByteSource): Promise<void> {
    if (this.#blobs.has(digest)) await source.close();
    else this.#blobs.set(digest, source);
  }

  get(digest: Digest): ByteSource | undefined {
    return this.#blobs.get(digest);
  }

  async close(): Promise<void> {
    for (const source of this.#blobs.values()) await source.close();
    this.#blobs.clear();
  }
}
