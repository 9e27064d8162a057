import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../content/digest.js';
import { newNonce } from '../content/process-identity.js';
import { makePrivate } from '../content/make-private.js';
import type { ControlFolder } from './control-folder.js';
import { leasePath, sweepDeadLeases, writeLease } from './lease-file.js';
import { withLock, type LockOptions } from './lock.js';

/** Keeps blobs from being collected while this process reads them, or has written them and not yet named them. */
export interface Lease {
  /** A fresh path for an unfinished blob: named after the lease, so that it goes when the lease's process is gone. */
  ingestPath(): string;
  /** Pins more digests. Look at the blobs only afterwards. */
  pin(digests: Iterable<Digest>, options?: LockOptions): Promise<void>;
  /** Ends the lease. Safe to call twice. */
  release(): Promise<void>;
  /** As {@link release}, for a caller that is inside {@link withLock} already. */
  releaseLocked(): Promise<void>;
}

/** Takes a lease on `digests`, under the lock: a collection that runs now ends first, a later one sees it. Throws `store-locked`. */
export async function takeLease(control: ControlFolder, digests: Iterable<Digest>, options: LockOptions = {}): Promise<Lease> {
  const nonce = newNonce();
  const pinned = new Set(digests);
  let files = 0;
  let released = false;

  await withLock(control, async () => {
    await makePrivate(control.leases);
    await makePrivate(control.ingest);
    await sweepDeadLeases(control);
    await writeLease(control, nonce, pinned);
  }, options);

  const releaseLocked = async (): Promise<void> => {
    released = true;
    await unlink(leasePath(control, nonce)).catch(() => undefined);
  };
  return {
    ingestPath: () => join(control.ingest, `${nonce}-${String((files += 1))}`),
    async pin(more, lockOptions = {}) {
      const missing = [...more].filter((digest) => !pinned.has(digest));
      if (missing.length === 0) return;
      for (const digest of missing) pinned.add(digest);
      await withLock(control, () => writeLease(control, nonce, pinned), lockOptions);
    },
    async release() {
      if (released) return;
      // A store's folders stay, so removing the file is all there is to do, and it needs no lock.
      if (control.permanent) await releaseLocked();
      else await withLock(control, releaseLocked);
    },
    releaseLocked,
  };
}
