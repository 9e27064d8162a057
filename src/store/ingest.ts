import { mkdir, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Digest } from '../content/digest.js';
import { HashingWriter } from '../content/hashing-writer.js';
import { throwIfInterrupted } from '../content/interrupted.js';
import { lentBytes, type LentChunk } from '../content/lent-chunk.js';
import { syncAhead } from '../content/sync-ahead.js';
import { syncFolder } from '../content/sync-folder.js';
import { fromSystemError } from '../errors.js';
import type { WorkOptions } from '../progress.js';
import { blobPath } from './layout-blobs.js';

/** A blob that is complete, checked and on disk, under a temporary name. */
export interface IngestedBlob {
  readonly path: string;
  readonly size: number;
}

/**
 * Makes the private file `path` and lets `fill` write and check one blob there; then it is synced. `fill` returns the bytes written.
 * Nothing is left when `fill` throws. Throws what `fill` throws, `disk-full` or `io-failed`.
 */
export async function ingest(path: string, fill: (handle: FileHandle) => Promise<number>): Promise<IngestedBlob> {
  try {
    // What is written may be read again to be checked.
    const handle = await open(path, 'wx+', 0o600);
    const ahead = syncAhead(handle);
    try {
      const size = await fill(handle);
      await handle.chmod(0o644);
      await ahead.finish();
      return { path, size };
    } finally {
      await ahead.stop();
      await handle.close();
    }
  } catch (error) {
    await unlink(path).catch(() => undefined);
    throw fromSystemError(error, path, 'writing a blob');
  }
}

/** Ingests `chunks`, whose digest is known only at their end. */
export async function ingestStream(path: string, chunks: AsyncIterable<LentChunk>, options: Pick<WorkOptions, 'signal'>): Promise<IngestedBlob & { readonly digest: Digest }> {
  let digest: Digest | undefined;
  const blob = await ingest(path, async (handle) => {
    const writer = new HashingWriter(handle, { name: path });
    try {
      let size = 0;
      for await (const chunk of chunks) {
        throwIfInterrupted(options.signal, 'making a layer');
        await writer.write(lentBytes(chunk));
        size += chunk.length;
      }
      ({ digest } = await writer.finish());
      return size;
    } finally {
      await writer.close();
    }
  });
  return { ...blob, digest: digest as Digest };
}

/**
 * Gives ingested blobs their final names in the layout `folder` and makes that durable: the files are synced already, so one sync
 * of each folder at the end is enough. Throws `io-failed` or `disk-full`.
 */
export async function placeBlobs(folder: string, blobs: ReadonlyMap<Digest, IngestedBlob>): Promise<void> {
  const folders = new Set<string>();
  for (const [digest, { path }] of blobs) {
    const target = blobPath(folder, digest);
    const parent = dirname(target);
    try {
      if (!folders.has(parent)) await mkdir(parent, { recursive: true });
      folders.add(parent).add(dirname(parent));
      await rename(path, target);
    } catch (error) {
      throw fromSystemError(error, target, 'putting a blob in its place');
    }
  }
  if (folders.size > 0) folders.add(folder);
  for (const each of folders) await syncFolder(each);
}
