import { createHash } from 'node:crypto';
import type { ByteSource } from '../content/byte-source.js';
import { finishDigest, type Digest } from '../content/digest.js';
import { spool } from '../content/spool.js';
import type { WorkOptions } from '../progress.js';

/** Blobs whose digest was not known before they were made: they wait in private temporary files until they are uploaded. */
export class StagedBlobs {
  readonly #blobs = new Map<Digest, ByteSource>();

  /** Takes in the bytes. Throws `disk-full`, `io-failed`, and what `chunks` throws. */
  async add(chunks: AsyncIterable<Uint8Array>, options: WorkOptions): Promise<{ readonly digest: Digest; readonly size: number }> {
    const hash = createHash('sha256');
    const hashed = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    };
    const source = await spool('a new layer', hashed(), options);
    const digest = finishDigest(hash, 'sha256');
    if (this.#blobs.has(digest)) await source.close();
    else this.#blobs.set(digest, source);
    return { digest, size: source.size };
  }

  get(digest: Digest): ByteSource | undefined {
    return this.#blobs.get(digest);
  }

  async close(): Promise<void> {
    for (const source of this.#blobs.values()) await source.close();
    this.#blobs.clear();
  }
}
