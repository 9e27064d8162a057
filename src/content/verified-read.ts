import { createHash, type Hash } from 'node:crypto';
import { ImgkitError } from '../errors.js';
import type { BlobSource } from './byte-source.js';
import type { Descriptor } from './descriptor.js';
import { digestAlgorithm, finishDigest, type Digest, type DigestAlgorithm } from './digest.js';
import { throwIfInterrupted } from './interrupted.js';
import { lentBytes, type LentChunk } from './lent-chunk.js';
import { localChunks } from './local-chunks.js';

/**
 * The bytes of the blob that `descriptor` names. Ends only after size and digest (of the descriptor's own algorithm)
 * were proven; until then what was yielded is a claim, and it is never more than `descriptor.size` bytes.
 * Throws `size-mismatch`, `digest-mismatch`, `blob-missing` or `interrupted`.
 */
export function openBlob(blobs: BlobSource, descriptor: Descriptor, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  return proven(blobs.openUnverified(descriptor.digest, signal), descriptor, signal);
}

/** As {@link openBlob}, but lent: from the file where the blob lies in one. `name` is for errors. */
export async function* openLentBlob(blobs: BlobSource, descriptor: Descriptor, name: string, signal?: AbortSignal): AsyncGenerator<LentChunk, void, undefined> {
  const local = await blobs.locate(descriptor.digest);
  yield* proven(local === undefined ? blobs.lendUnverified?.(descriptor.digest, signal) ?? blobs.openUnverified(descriptor.digest, signal) : localChunks(local, name), descriptor, signal);
}

async function* proven<Chunk extends LentChunk>(chunks: AsyncIterable<Chunk>, descriptor: Descriptor, signal: AbortSignal | undefined): AsyncGenerator<Chunk, void, undefined> {
  const { digest } = descriptor;
  const proof = new BlobProof(descriptor);
  for await (const chunk of chunks) {
    throwIfInterrupted(signal, `reading ${digest}`);
    if (chunk.length === 0) continue;
    proof.take(lentBytes(chunk));
    yield chunk;
  }
  throwIfInterrupted(signal, `reading ${digest}`);
  proof.finish();
}

/** What {@link openBlob} demands of the bytes of a blob, for those who read them in another way. */
export class BlobProof {
  readonly #descriptor: Descriptor;
  readonly #algorithm: DigestAlgorithm;
  readonly #hash: Hash;
  #seen = 0;

  constructor(descriptor: Descriptor) {
    this.#descriptor = descriptor;
    this.#algorithm = digestAlgorithm(descriptor.digest);
    this.#hash = createHash(this.#algorithm);
  }

  /** Takes the next bytes. Throws `size-mismatch` when they are more than the descriptor says. */
  take(chunk: Uint8Array): void {
    this.#seen += chunk.length;
    if (this.#seen > this.#descriptor.size) throw sizeMismatch(this.#descriptor, `more than ${this.#descriptor.size}`);
    this.#hash.update(chunk);
  }

  /** Throws `size-mismatch` or `digest-mismatch` unless what was taken is the blob. */
  finish(): void {
    if (this.#seen !== this.#descriptor.size) throw sizeMismatch(this.#descriptor, String(this.#seen));
    requireDigest(this.#descriptor.digest, finishDigest(this.#hash, this.#algorithm));
  }
}

/** Throws `digest-mismatch` unless the stored bytes of the blob `digest`, which errors call `name`, have that digest. */
export function requireDigest(digest: Digest, found: Digest, name: string = digest): void {
  if (found === digest) return;
  throw new ImgkitError('digest-mismatch', `${name}: the stored bytes have digest ${found}; the blob is damaged or was changed, so get it again.`, { entry: digest, expected: digest, found });
}

/**
 * All verified bytes of a small blob. Throws `limit-exceeded` before reading when `descriptor.size` is above
 * `maxBytes`, and whatever {@link openBlob} throws.
 */
export async function readBlob(blobs: BlobSource, descriptor: Descriptor, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array> {
  const { digest, size } = descriptor;
  if (size > maxBytes) {
    throw new ImgkitError('limit-exceeded', `${digest}: is ${size} bytes by its descriptor; at most ${maxBytes} are read for a document of this kind. Raise the limit documentBytes if you trust its source.`, {
      entry: digest,
      expected: `at most ${maxBytes} bytes`,
      found: `${size} bytes`,
    });
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of openBlob(blobs, descriptor, signal)) chunks.push(chunk);
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
}

/** The stored blob, which the error calls `name`, has another size than its descriptor says. */
export function sizeMismatch({ digest, size, name = digest }: Pick<Descriptor, 'digest' | 'size'> & { readonly name?: string | undefined }, found: string): ImgkitError {
  return new ImgkitError('size-mismatch', `${name}: its descriptor says ${size} bytes, but ${found} are stored; the blob is damaged or was changed, so get it again.`, {
    entry: digest,
    expected: `${size} bytes`,
    found: `${found} bytes`,
  });
}
