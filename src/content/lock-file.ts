import { link, lstat, open, readFile, readlink, stat, symlink, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fromSystemError, isImgkitError } from '../errors.js';
import { makePrivate } from './make-private.js';
import { newPartId, newPartPath, partWriter } from './part-file.js';
import { asProcessIdentity, liveness, newNonce, thisProcess, type ProcessIdentity } from './process-identity.js';
import { writeFully } from './write-fully.js';

/** What a lock file says. */
export interface LockHolder {
  readonly nonce: string;
  /** Undefined when the file is unreadable: torn by a crash, or being written on a disk without hard links. */
  readonly process: ProcessIdentity | undefined;
  /** Of a lock that was taken on a full disk, as in the names of parts, which tell as much as fits there. */
  readonly writer?: string | undefined;
  readonly modified: number;
}

/** A file system without hard links shows a lock for a moment before its content; after this it was a crash. */
const TORN_AFTER_MS = 10_000;
/** How often the folder of a lock is made: another may remove it meanwhile. In a working folder that was deleted nothing can be made, and "." is there. */
const FOLDER_ATTEMPTS = 5;
/** What the link that is a lock on a full disk leads to: nonce and writer, where nothing ever is. */
const LINK = /^([0-9a-f]{16})\.([0-9a-f]{24})$/;
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Creates the lock file `path` for this process. Returns undefined when done, else who holds it. */
export async function createLockFile(path: string): Promise<LockHolder | undefined> {
  const nonce = newNonce();
  const content = JSON.stringify({ nonce, ...(await thisProcess()) });
  for (let missing = 0; ; ) {
    try {
      if (await createWhole(path, content).catch((error: unknown) => createOnFullDisk(error, path, nonce))) return undefined;
      const holder = await readLockFile(path);
      if (holder !== undefined) return holder;
      // It was released between the two calls: try again.
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw fromSystemError(error, path, 'taking the lock');
      missing += 1;
      if (missing > FOLDER_ATTEMPTS) throw fromSystemError(error, dirname(path), 'taking the lock');
      await makePrivate(dirname(path));
    }
  }
}

/** Who holds the lock file, or undefined when nobody does. */
export async function readLockFile(path: string): Promise<LockHolder | undefined> {
  try {
    const [text, { mtimeMs, ino }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const value = parse(text);
    const nonce = value?.['nonce'];
    if (typeof nonce === 'string' && /^[0-9a-f]{16}$/.test(nonce)) return { nonce, process: asProcessIdentity(value), modified: mtimeMs };
    return { nonce: `torn-${String(ino)}-${mtimeMs.toFixed(0)}`, process: undefined, modified: mtimeMs };
  } catch (error) {
    if (isCode(error, 'ENOENT')) return readLink(path);
    throw fromSystemError(error, path, 'reading the lock');
  }
}

/** Who `holder` is, in words. */
export function describeHolder({ process }: LockHolder): string {
  return process === undefined ? 'an unknown process' : `process ${process.pid} on ${process.host}`;
}

/** Whether the process behind `holder` is certainly gone. */
export async function isAbandoned(holder: LockHolder): Promise<boolean> {
  if (holder.writer !== undefined) return (await partWriter(holder.writer)) === 'gone';
  if (holder.process === undefined) return Date.now() - holder.modified > TORN_AFTER_MS;
  return (await liveness(holder.process)) === 'dead';
}

/**
 * Removes the lock file `path` that the dead `holder` left.
 *
 * Two waiters may both see it dead; were each to unlink, the slower would remove the lock that the faster has taken since.
 * So the right to remove it is a lock file of its own, named after the dead holder's nonce: while one process has it nobody else can
 * remove that file, its owner least of all, and so what it finds there under the right is still there when it unlinks.
 * A right whose owner died in turn is removed in the same way.
 */
export async function removeAbandoned(path: string, holder: LockHolder): Promise<void> {
  const right = join(dirname(path), `break-${holder.nonce}`);
  const other = await createLockFile(right);
  if (other !== undefined) {
    if (await isAbandoned(other)) await removeAbandoned(right, other);
    return;
  }
  try {
    if ((await readLockFile(path))?.nonce === holder.nonce) await unlink(path);
  } finally {
    await unlink(right);
  }
}

/** With its content from the first moment it is seen, where the file system has hard links. False when it exists. */
async function createWhole(path: string, content: string): Promise<boolean> {
  const draft = await newPartPath(path);
  try {
    await write(draft, content);
    try {
      await link(draft, path);
      return true;
    } catch (error) {
      if (isCode(error, 'EEXIST')) return false;
      if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  } finally {
    await unlink(draft).catch(() => undefined);
  }
  try {
    await write(path, content);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/**
 * As {@link createWhole} where that failed with `error`, a full disk: `gc` needs the lock to free some of it. A short link lies in its
 * inode and takes no more space.
 */
async function createOnFullDisk(error: unknown, path: string, nonce: string): Promise<boolean> {
  if (!isImgkitError(error, 'disk-full')) throw error;
  try {
    await symlink(`${nonce}.${await newPartId()}`, path);
    return true;
  } catch (again) {
    if (isCode(again, 'EEXIST')) return false;
    throw error;
  }
}

/** A lock that {@link createOnFullDisk} made; undefined when there is none any more. */
async function readLink(path: string): Promise<LockHolder | undefined> {
  try {
    const [target, { mtimeMs, ino }] = await Promise.all([readlink(path), lstat(path)]);
    const [, nonce, writer] = LINK.exec(target) ?? [];
    return { nonce: nonce ?? `torn-${String(ino)}-${mtimeMs.toFixed(0)}`, process: undefined, writer, modified: mtimeMs };
  } catch (error) {
    // A file again, of whoever took the lock meanwhile.
    if (isCode(error, 'ENOENT') || isCode(error, 'EINVAL')) return undefined;
    throw fromSystemError(error, path, 'reading the lock');
  }
}

async function write(path: string, content: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await writeFully(handle, Buffer.from(content), 0, path);
  } finally {
    await handle.close();
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
