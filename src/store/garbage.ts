import { lstat, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isDigest, type Digest } from '../content/digest.js';
import { fromSystemError } from '../errors.js';
import type { Limits } from '../limits.js';
import type { ControlFolder } from './control-folder.js';
import { readIndexFile } from './index-file.js';
import { blobPath } from './layout-blobs.js';
import { readLeases, sweepDeadLeases } from './lease-file.js';
import { withLock, type LockOptions } from './lock.js';
import { findReachable, keepReferrers } from './reachability.js';

export interface Collected {
  readonly removedBlobs: number;
  /** Unfinished blobs of processes that died. */
  readonly removedLeftovers: number;
  /** Freed, or with `dryRun` to be freed. */
  readonly bytes: number;
}

export interface CollectOptions extends LockOptions {
  /** Count only. Default: false. */
  readonly dryRun?: boolean | undefined;
  readonly limits: Limits;
}

/**
 * Deletes the blobs that no image of index.json and no running process needs, and what dead processes left. Holds the lock throughout.
 * Deletes nothing when a document cannot be read. Throws `store-locked`, `document-malformed`, `digest-mismatch`, `io-failed`.
 */
export function collectGarbage(control: ControlFolder, options: CollectOptions): Promise<Collected> {
  const { limits, dryRun = false } = options;
  return withLock(control, async () => {
    const leftovers = await sweepDeadLeases(control, { dryRun });
    const { entries } = await readIndexFile(control.layout, limits);
    const leases = (await readLeases(control)).filter(({ alive }) => alive);
    const kept = await findReachable(control.layout, entries.map(({ descriptor }) => descriptor), leases.flatMap(({ digests }) => digests), limits);
    const stored = await storedDigests(control.layout);
    await keepReferrers(control.layout, kept, stored.filter((digest) => !kept.has(digest)), limits);
    const garbage = stored.filter((digest) => !kept.has(digest));
    let { bytes } = leftovers;
    for (const digest of garbage) bytes += await remove(blobPath(control.layout, digest), dryRun);
    return { removedBlobs: garbage.length, removedLeftovers: leftovers.files, bytes };
  }, options);
}

/** What lies in `blobs` under a digest's name; other files there are not ours and stay. */
async function storedDigests(folder: string): Promise<readonly Digest[]> {
  const found: Digest[] = [];
  for (const algorithm of ['sha256', 'sha512']) {
    const names = await readdir(join(folder, 'blobs', algorithm)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw fromSystemError(error, folder, 'listing the blobs');
    });
    for (const name of names) {
      const digest = `${algorithm}:${name}`;
      if (isDigest(digest)) found.push(digest);
    }
  }
  return found;
}

async function remove(path: string, dryRun: boolean): Promise<number> {
  try {
    const { size } = await lstat(path);
    if (!dryRun) await unlink(path);
    return size;
  } catch (error) {
    throw fromSystemError(error, path, 'removing a blob');
  }
}
