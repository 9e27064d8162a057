import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { syncFolder } from '../../content/sync-folder.js';
import { fromSystemError, ImgkitError } from '../../errors.js';
import type { TrustFiles } from './trust-manifest.js';

/** Where the old folder is for the moment between two renames. */
export function previousFolder(folder: string): string {
  const path = resolve(folder);
  return join(dirname(path), `.${basename(path)}.previous`);
}

/**
 * Puts a trust folder in place of what is there, as a whole: written beside it and synced, then two renames. Killed between
 * these, the folder is absent (nothing is trusted) and the old one lies beside it; {@link recoverTrustFolder} puts it back.
 * Throws `disk-full`, `io-failed`; then the old one stays.
 */
export async function writeTrustFolder(folder: string, files: TrustFiles): Promise<void> {
  const target = resolve(folder);
  const previous = previousFolder(folder);
  const draft = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.part`);
  try {
    if (await exists(previous)) await rm(previous, { recursive: true });
    await writeDraft(draft, files);
    const replaces = await exists(target);
    if (replaces) await rename(target, previous);
    try {
      await rename(draft, target);
    } catch (error) {
      if (replaces) await rename(previous, target);
      throw error;
    }
    await syncFolder(dirname(target));
    if (replaces) await rm(previous, { recursive: true, force: true });
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    throw fromSystemError(error, folder, 'writing the trust folder');
  }
}

/** True when an interrupted {@link writeTrustFolder} left the old folder. */
export async function hasPrevious(folder: string): Promise<boolean> {
  return exists(previousFolder(folder));
}

/** Puts back what an interrupted {@link writeTrustFolder} left; true when it did. Never replaces a folder that is there. */
export async function recoverTrustFolder(folder: string): Promise<boolean> {
  const previous = previousFolder(folder);
  if ((await exists(resolve(folder))) || !(await exists(previous))) return false;
  await rename(previous, resolve(folder)).catch((error: unknown) => { throw fromSystemError(error, folder, 'putting it back'); });
  return true;
}

async function writeDraft(draft: string, files: TrustFiles): Promise<void> {
  const folders = new Set([draft]);
  await mkdir(draft, { mode: 0o755 });
  for (const [path, bytes] of files) {
    if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) throw new ImgkitError('document-malformed', `${JSON.stringify(path)} cannot be a file of a trust folder; the trust that was received is damaged or made to do harm, so get it again from its owner.`, { entry: path });
    const file = join(draft, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o755 });
    for (let at = dirname(file); at !== draft; at = dirname(at)) folders.add(at);
    const handle = await open(file, 'wx', 0o644);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
  for (const each of folders) await syncFolder(each);
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}
