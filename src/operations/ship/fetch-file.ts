import { createHash } from 'node:crypto';
import { link, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { syncFolder } from '../../content/sync-folder.js';
import { digestHex, finishDigest, type Digest } from '../../content/digest.js';
import { openFileSource } from '../../content/file-source.js';
import { requireSpace } from '../../content/free-space.js';
import { currentUmask } from '../../content/umask.js';
import { fromSystemError, ImgkitError } from '../../errors.js';
import type { WorkOptions } from '../../progress.js';
import { splitRemotePath } from '../../transport/remote-name.js';
import type { RemoteStat } from '../../transport/transport.js';
import { appendToPart } from './append-to-part.js';
import { localPartPath, lockLocalPart, openLocalPart, removeEmptyPart, removeLocalPart, removeOtherParts, removeSpentPart } from './local-part.js';
import { checkLocalSidecars, writeLocalSidecars } from './local-sidecars.js';
import { readRemoteSidecars, readStatementOf, type CheckStatement, type RemoteStatement } from './remote-statement.js';
import type { RemoteTarget } from './remote-target.js';
import { renameSidecars } from './rename-sidecars.js';

export interface FetchFileOptions extends WorkOptions {
  /** The digest it must have, from a channel of its own. */
  readonly expect?: Digest | undefined;
  /** Take a file that nothing vouches for. */
  readonly acceptUnchecked: boolean;
  readonly force: boolean;
  /** Leave a file of a wrong digest under its final name, for a private folder where somebody will look at it. Default: nothing of it is kept. */
  readonly keepWrong?: boolean | undefined;
  /** Where signatures are verified; called with the statement, if there is one, before the file is fetched. */
  readonly checkStatement?: CheckStatement | undefined;
  /** Looks into the file at this path, whose digest is right, before it gets its name or is said to be there. What it throws refuses it, and nothing of it is kept. */
  readonly admit?: ((path: string) => Promise<void>) | undefined;
}

export interface Fetched {
  readonly status: 'fetched' | 'already-there';
  /** Where it is now. */
  readonly path: string;
  readonly digest: Digest;
  readonly size: number;
  /** What the digest was compared with. */
  readonly checkedBy: 'expect' | 'statement' | 'nothing';
  /** Bytes that came over the network now. */
  readonly receivedBytes: number;
  readonly notes: readonly string[];
  /** Names of the files beside it: its statement, which under another name is made anew unless it is signed, and signatures. */
  readonly sidecars: readonly string[];
}

/**
 * Brings a remote file to `path`. The name appears only when all of it is there, has the digest that `NAME.sha256` beside it or `expect`
 * says, and is synced. A later process goes on with what an earlier one left, if the remote file is still that version. Throws
 * `policy-refused` when nothing vouches for it, `digest-mismatch`, `file-exists`, `file-not-found`, `disk-full`, `store-locked` while another
 * process fetches it to the same place.
 */
export async function fetchFile(target: RemoteTarget, path: string, options: FetchFileOptions): Promise<Fetched> {
  const { signal } = options;
  const there = await requireRemoteFile(target, signal);
  const beside = await readRemoteSidecars(target, signal);
  // The signatures first: a statement that nobody trusted signed is not even read.
  await options.checkStatement?.(beside, basename(target.path), target.shown);
  const statement = beside && readStatementOf(target, beside);
  const expected = expectedDigest(target, statement, options);
  const about = { path, checkedBy: options.expect !== undefined ? 'expect' : statement !== undefined ? 'statement' : 'nothing' } as const;
  const notes: string[] = [];
  const part = partPath(target, path, expected);
  const receiveAlone = async (): Promise<Received> => {
    const release = await lockLocalPart(part, path);
    return receive(target, there, { part, path }, expected, options, notes).finally(release);
  };
  const present = await presentFile(path, expected, options);
  const sidecarsOf = (file: Pick<Fetched, 'digest' | 'size'>): Partial<ReturnType<typeof renameSidecars>> =>
    statement === undefined ? {} : renameSidecars(statement, splitRemotePath(target.path).name, { name: basename(path), ...file });
  if (expected !== undefined && there.size !== undefined) await checkLocalSidecars(path, sidecarsOf({ digest: expected, size: there.size }).sidecars, options.force);
  if (present !== undefined) {
    await options.admit?.(path);
    await removeSpentPart(part, path);
  }
  const { receivedBytes, ...file } = present ?? await receiveAlone();
  await removeOtherParts(part, path);
  const { sidecars, note } = sidecarsOf(file);
  if (note !== undefined) notes.push(note);
  return { ...about, ...file, status: present === undefined ? 'fetched' : 'already-there', receivedBytes, notes, sidecars: await writeLocalSidecars(path, sidecars, options.force) };
}

async function requireRemoteFile({ transport, path, shown }: RemoteTarget, signal: AbortSignal | undefined): Promise<RemoteStat> {
  const there = await transport.stat(path, { signal });
  if (there === undefined) throw new ImgkitError('file-not-found', `${shown}: there is no such file at the server; check the path.`, { file: shown });
  if (there.kind !== 'file') throw new ImgkitError('location-unsupported', `${shown}: is ${there.kind === 'folder' ? 'a folder, not a file; name a file in it' : 'no file that could be read'}. \`imgkit list\` shows what is there.`, { file: shown });
  return there;
}

function expectedDigest({ shown }: RemoteTarget, statement: RemoteStatement | undefined, { expect, acceptUnchecked }: FetchFileOptions): Digest | undefined {
  if (expect !== undefined && statement !== undefined && statement.digest !== expect) {
    throw new ImgkitError('digest-mismatch', `${shown}.sha256: says ${statement.digest}, and ${expect} is expected: the file there is another one. Ask its sender which is right.`, { file: shown, expected: expect, found: statement.digest });
  }
  const expected = expect ?? statement?.digest;
  if (expected !== undefined || acceptUnchecked) return expected;
  throw new ImgkitError('policy-refused', `${shown}: there is no ${basename(shown.replace(/\?.*$/, ''))}.sha256 beside it, so nothing says what it should be; give --expect sha256:..., or --insecure-accept-unchecked to take it as it comes.`, { file: shown });
}

type Received = Pick<Fetched, 'digest' | 'size' | 'receivedBytes'>;

/** The file that has the name here already, if it is the one that is wanted. Throws `file-exists` for another. */
async function presentFile(path: string, expected: Digest | undefined, { force, signal }: FetchFileOptions): Promise<Received | undefined> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    // The part file has a shorter one: it would be told when all is here.
    if (error.code === 'ENAMETOOLONG') throw fromSystemError(error, path, 'creating it');
    return undefined;
  });
  if (info === undefined) return undefined;
  if (info.isFile() && expected !== undefined) {
    const source = await openFileSource(path);
    try {
      const hash = createHash('sha256');
      for await (const chunk of source.stream(undefined, signal)) hash.update(chunk);
      if (finishDigest(hash, 'sha256') === expected) return { digest: expected, size: source.size, receivedBytes: 0 };
    } finally {
      await source.close();
    }
  }
  if (force && info.isFile()) return undefined;
  throw new ImgkitError('file-exists', `${path}: there is something else of this name; choose another with -o, or give --force to replace a file.`, { file: path });
}

function partPath({ shown }: RemoteTarget, path: string, expected: Digest | undefined): string {
  return localPartPath(path, digestHex(finishDigest(createHash('sha256').update(expected ?? shown), 'sha256')).slice(0, 16));
}

/** Fetches into `part`, which this process holds, and gives it the name `path` when it is proven. */
async function receive(target: RemoteTarget, there: RemoteStat, { part: name, path }: { readonly part: string; readonly path: string }, expected: Digest | undefined, options: FetchFileOptions, notes: string[]): Promise<Received> {
  const { shown, abilities, transport } = target;
  const { signal, onProgress } = options;
  const identity = { url: shown, digest: expected ?? 'none', size: there.size, version: there.version, modified: there.modified?.toISOString() };
  // Nothing would tell whether a part that was left is a part of this file.
  if (expected === undefined) await removeLocalPart(name);
  for (let first = true; ; first = false) {
    const part = await openLocalPart(name, identity);
    try {
      const usable = part.offset > 0 && abilities.readRange && (there.size === undefined || part.offset <= there.size);
      if (part.offset > 0 && !usable) {
        notes.push(`started anew: ${abilities.readRange ? 'the part file here is longer than the file' : 'the server gives whole files only'}`);
        await removeLocalPart(name);
        continue;
      }
      if (part.offset > 0) notes.push(`continued at byte ${part.offset}`);
      if (there.size !== undefined) await requireSpace(dirname(path), there.size - part.offset);
      onProgress?.({ phase: 'fetch', item: shown, done: part.offset, total: there.size });
      const rest = part.offset === there.size ? nothing() : transport.read(target.path, { offset: part.offset, version: there.version, lent: true, signal });
      const { digest, size } = await appendToPart(part, rest, (done) => {
        if (there.size !== undefined && done > there.size) throw new ImgkitError('network-failed', `${shown}: the server sends more than the ${there.size} bytes that it promised; run it again.`, { file: shown });
        onProgress?.({ phase: 'fetch', item: shown, done, total: there.size });
      }, signal);
      if (expected !== undefined && digest !== expected) {
        if (part.offset > 0 && first) {
          await removeLocalPart(name);
          notes.push('started anew: what was continued came out wrong');
          continue;
        }
        if (options.keepWrong === true) await finish(name, path, true);
        await removeLocalPart(name);
        throw new ImgkitError('digest-mismatch', `${shown}: has the digest ${digest}, and ${expected} is expected; it was changed or damaged at the server or on the way: run it again, and if it stays, have it sent again.${options.keepWrong === true ? '' : ' Nothing of it was kept.'}`, { file: shown, expected, found: digest });
      }
      if (there.size !== undefined && size !== there.size) throw new ImgkitError('network-failed', `${shown}: ${size} of ${there.size} bytes came; run it again to go on.`, { file: shown });
      await options.admit?.(name).catch(async (error: unknown) => {
        await removeLocalPart(name);
        throw error;
      });
      await part.handle.chmod(0o666 & ~(await currentUmask()));
      await part.handle.sync();
      await finish(name, path, options.force);
      return { digest, size, receivedBytes: size - part.offset };
    } catch (error) {
      if (expected === undefined) await removeLocalPart(name);
      else await removeEmptyPart(part);
      throw fromSystemError(error, path, 'writing it');
    } finally {
      await part.handle.close();
    }
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // All of it is here already.
}

async function finish(part: string, path: string, force: boolean): Promise<void> {
  try {
    if (force || !(await linked(part, path))) await rename(part, path);
    else await unlink(part);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new ImgkitError('file-exists', `${path}: something of this name appeared meanwhile; run it again.`, { file: path }, { cause: error });
  }
  await removeLocalPart(part);
  await syncFolder(dirname(path));
}

/** Takes the name only if it is free. False where the file system has no hard links, as that of a USB stick, and the name is free. */
async function linked(part: string, path: string): Promise<boolean> {
  try {
    await link(part, path);
    return true;
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    if ((await stat(path).catch(() => undefined)) === undefined) return false;
    throw Object.assign(new Error('the name is taken'), { code: 'EEXIST' });
  }
}
