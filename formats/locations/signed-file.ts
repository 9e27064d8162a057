import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { createAtomicFile } from '../../src/content/atomic-file.js';
import { finishDigest } from '../../src/content/digest.js';
import { throwIfInterrupted } from '../../src/content/interrupted.js';
import { writeFully } from '../../src/content/write-fully.js';
import { SIDECAR_SUFFIXES } from '../../src/operations/ship/commit-upload.js';
import { writeLocalSidecars } from '../../src/operations/ship/local-sidecars.js';
import type { MakeSidecars } from '../../src/operations/trust/sign-sidecars.js';

/**
 * Writes `chunks` to `path` and what `sign` makes of them beside it, in one pass: hashed on the way, signed before the file gets its
 * name, so that a failure leaves no file without its signature; signatures next and the statement last. What stood beside an
 * older file of that name goes before that does. Throws what reading, signing and writing throw.
 */
export async function writeSignedFile(path: string, chunks: AsyncIterable<Uint8Array>, sign: MakeSidecars, signal: AbortSignal | undefined): Promise<void> {
  const file = await createAtomicFile(path, { overwrite: true });
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of chunks) {
      hash.update(chunk);
      await writeFully(file.handle, chunk, size, path);
      size += chunk.length;
    }
    throwIfInterrupted(signal, `writing ${path}`);
    const sidecars = await sign(basename(path), { digest: finishDigest(hash, 'sha256'), size });
    for (const suffix of SIDECAR_SUFFIXES.toReversed()) await rm(`${path}${suffix}`, { force: true });
    await file.commit();
    await writeLocalSidecars(path, sidecars, true);
  } finally {
    await file.discard();
  }
}
