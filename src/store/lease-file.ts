import { open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isDigest, type Digest } from '../content/digest.js';
import { asProcessIdentity, liveness, thisProcess } from '../content/process-identity.js';
import { writeFully } from '../content/write-fully.js';
import { fromSystemError } from '../errors.js';
import type { ControlFolder } from './control-folder.js';
import { sweepDrafts } from './sweep-drafts.js';

/** A lease as found on disk. */
export interface LeaseRecord {
  readonly nonce: string;
  readonly alive: boolean;
  readonly digests: readonly Digest[];
}

/** A lease of another machine or container cannot be checked; it is believed for a week, longer than any transfer. */
const FOREIGN_LEASE_MS = 7 * 24 * 3_600_000;

/** Where the lease `nonce` lies. */
export function leasePath(control: ControlFolder, nonce: string): string {
  return join(control.leases, `${nonce}.json`);
}

/** Writes the lease of this process, whole or not at all: a reader never sees half a list. */
export async function writeLease(control: ControlFolder, nonce: string, digests: Iterable<Digest>): Promise<void> {
  const path = leasePath(control, nonce);
  const draft = `${path}.draft`;
  try {
    const handle = await open(draft, 'w', 0o600);
    try {
      await writeFully(handle, Buffer.from(JSON.stringify({ ...(await thisProcess()), digests: [...digests] })), 0, path);
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw fromSystemError(error, path, 'writing the lease');
  }
}

/** Every lease of the layout, dead ones included. Only under the lock does the answer stay true. */
export async function readLeases(control: ControlFolder): Promise<readonly LeaseRecord[]> {
  const nonces = (await namesIn(control.leases)).filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
  return Promise.all(nonces.map((nonce) => readLease(control, nonce)));
}

/**
 * Removes leases whose process is gone, and the unfinished blobs named after them or after no lease at all; call it under the lock.
 * Returns what it removed and the bytes that frees. Files of live leases are never touched.
 */
export async function sweepDeadLeases(control: ControlFolder, options: { readonly dryRun?: boolean } = {}): Promise<{ readonly files: number; readonly bytes: number }> {
  if (options.dryRun !== true) await sweepDrafts(control);
  const leases = await readLeases(control);
  const live = new Set(leases.filter(({ alive }) => alive).map(({ nonce }) => nonce));
  const leftovers = (await namesIn(control.ingest)).filter((name) => !live.has(name.split('-')[0] ?? ''));
  const drafts = (await namesIn(control.leases)).filter((name) => name.endsWith('.draft') && !live.has(name.split('.')[0] ?? ''));
  const paths = [
    // Unfinished blobs first: as long as one is left, so is the lease that explains it.
    ...leftovers.map((name) => join(control.ingest, name)),
    ...leases.filter(({ alive }) => !alive).map(({ nonce }) => leasePath(control, nonce)),
    ...drafts.map((name) => join(control.leases, name)),
  ];
  let bytes = 0;
  for (const path of paths) bytes += await remove(path, options.dryRun === true);
  return { files: leftovers.length, bytes };
}

async function readLease(control: ControlFolder, nonce: string): Promise<LeaseRecord> {
  const path = leasePath(control, nonce);
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown> | null;
    const process = asProcessIdentity(value);
    const listed = value?.['digests'];
    const digests = Array.isArray(listed) ? listed.filter(isDigest) : [];
    const state = process === undefined ? 'unknown' : await liveness(process);
    const alive = state === 'alive' || (state === 'unknown' && Date.now() - (await stat(path)).mtimeMs < FOREIGN_LEASE_MS);
    return { nonce, alive, digests };
  } catch (error) {
    // Leases appear by rename: one that is no JSON was torn by a power cut, and its process with it.
    const torn = error instanceof SyntaxError;
    // A lease on a store may be released without the lock, so it can vanish here: it is over then.
    const gone = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (torn || gone) return { nonce, alive: false, digests: [] };
    throw fromSystemError(error, path, 'reading a lease');
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw fromSystemError(error, folder, 'listing the folder');
  }
}

async function remove(path: string, dryRun: boolean): Promise<number> {
  try {
    const { size } = await stat(path);
    if (!dryRun) await unlink(path);
    return size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw fromSystemError(error, path, 'removing a leftover');
  }
}
