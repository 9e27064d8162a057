import type { BlobSource } from '../../content/byte-source.js';
import type { Descriptor } from '../../content/descriptor.js';
import { digestAlgorithm } from '../../content/digest.js';
import { openBlob } from '../../content/verified-read.js';
import type { BlobPool } from '../../content/worker-pool.js';
import { ImgkitError } from '../../errors.js';
import type { Limits } from '../../limits.js';

/** Below this the hashing is not worth a thread. */
const LEAST_BYTES = 4 * 1024 * 1024;

/**
 * The stored bytes of a blob, ended only when their digest was proven: as `openBlob`, but what lies in a local file is hashed
 * in a worker meanwhile, since the receiver has hashing of its own to do. Throws `digest-mismatch`, `size-mismatch`.
 */
export async function* provenChunks(blobs: BlobSource, descriptor: Descriptor, name: string, { pool, limits, signal }: { readonly pool: BlobPool; readonly limits: Limits; readonly signal?: AbortSignal | undefined }, onBytes: (done: number) => void): AsyncGenerator<Uint8Array, void, undefined> {
  const { digest, size } = descriptor;
  const input = size < LEAST_BYTES ? undefined : await blobs.locate(digest);
  let done = 0;
  if (input === undefined || input.length !== size) {
    for await (const chunk of openBlob(blobs, descriptor, signal)) {
      done += chunk.length;
      yield chunk;
      onBytes(done);
    }
    return;
  }
  const hashed = pool.run({ input, compression: 'none', algorithm: digestAlgorithm(digest), scanLayer: false, limits, name }, { signal });
  // Listened to below; until then a failure must not count as unheard.
  hashed.catch(() => undefined);
  try {
    for await (const chunk of blobs.openUnverified(digest, signal)) {
      done += chunk.length;
      yield chunk;
      onBytes(done);
    }
  } finally {
    // The file must not be closed under the worker.
    await hashed.catch(() => undefined);
  }
  const found = (await hashed).digest;
  if (found === digest && done === size) return;
  throw new ImgkitError('digest-mismatch', `${name}: has the digest ${found}: its content was changed or damaged; get the image again.`, { entry: digest, expected: digest, found });
}
