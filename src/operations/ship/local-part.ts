import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readFile, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createAtomicFile } from '../../content/atomic-file.js';
import { stringifyCanonical } from '../../content/json-write.js';
import { throwIfInterrupted } from '../../content/interrupted.js';
import { writeFully } from '../../content/write-fully.js';
import { fromSystemError } from '../../errors.js';

/** What a part file is a part of. Another version of the remote file is another file. */
export interface PartIdentity {
  readonly url: string;
  readonly digest: string;
  readonly size?: number | undefined;
  readonly version?: string | undefined;
  readonly modified?: string | undefined;
}

/** A file that is being fetched: `.NAME.ID.part`, and beside it a journal that says of what. */
export interface LocalPart {
  readonly path: string;
  readonly handle: FileHandle;
  /** Of the bytes that are there. */
  readonly hash: Hash;
  readonly offset: number;
}

const CHUNK = 1024 * 1024;

export function localPartPath(path: string, id: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 120)}.${id}.part`);
}

/**
 * Opens the part of `identity` that an earlier process left, hashed anew, when its journal says it is of this very version; else starts one.
 * The caller closes the handle. Throws `disk-full`, `io-failed`, `interrupted`.
 */
export async function openLocalPart(part: string, identity: PartIdentity, signal: AbortSignal | undefined): Promise<LocalPart> {
  const journal = stringifyCanonical({ ...identity });
  const known = await readFile(journalPath(part), 'utf8').catch(() => undefined);
  if (known === journal) {
    const handle = await open(part, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0)).catch(() => undefined);
    if (handle !== undefined) return { path: part, handle, ...(await rehash(handle, part, signal)) };
  }
  await removeLocalPart(part);
  try {
    const draft = await createAtomicFile(journalPath(part), { overwrite: true });
    try {
      await draft.handle.writeFile(journal);
      await draft.commit();
    } finally {
      await draft.discard();
    }
    return { path: part, handle: await open(part, 'wx+', 0o600), hash: createHash('sha256'), offset: 0 };
  } catch (error) {
    throw fromSystemError(error, part, 'creating it');
  }
}

/** Removes a part file and its journal. */
export async function removeLocalPart(part: string): Promise<void> {
  for (const path of [part, journalPath(part)]) await unlink(path).catch(() => undefined);
}

/** Writes `chunks` behind what is there. Resolves with the size reached. Throws what `chunks` throws, `disk-full`, `io-failed`. */
export async function appendToPart({ handle, hash, offset, path }: LocalPart, chunks: AsyncIterable<Uint8Array>, onBytes: (done: number) => void): Promise<number> {
  let at = offset;
  for await (const chunk of chunks) {
    await writeFully(handle, chunk, at, path);
    hash.update(chunk);
    at += chunk.length;
    onBytes(at);
  }
  return at;
}

function journalPath(part: string): string {
  return `${part}.json`;
}

async function rehash(handle: FileHandle, path: string, signal: AbortSignal | undefined): Promise<{ hash: Hash; offset: number }> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(CHUNK);
  let offset = 0;
  for (;;) {
    throwIfInterrupted(signal, `reading ${path}`);
    const { bytesRead } = await handle.read(buffer, 0, CHUNK, offset);
    if (bytesRead === 0) return { hash, offset };
    hash.update(buffer.subarray(0, bytesRead));
    offset += bytesRead;
  }
}
