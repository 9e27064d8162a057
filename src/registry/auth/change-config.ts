import { open, readlink, realpath, rename, unlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { plainJson } from '../../content/json-plain.js';
import type { JsonObject } from '../../content/json.js';
import { makePrivate } from '../../content/make-private.js';
import { newPartPath, removeDeadParts } from '../../content/part-file.js';
import { syncFolder } from '../../content/sync-folder.js';
import { waitForLock } from '../../content/wait-for-lock.js';
import { writeFully } from '../../content/write-fully.js';
import { fromSystemError } from '../../errors.js';
import { readConfigFile } from './config-file.js';

/** Two who change the file need milliseconds each. */
const WAIT_MS = 30_000;
const MOST_LINKS = 40;

/**
 * Changes a file of registry credentials: `change` gets what is in it, an empty object when it is not there, and gives what is to be in it.
 * Of two logins at once both are kept: a lock file beside it, `config.json.lock`, lets in one after the other.
 * 0600, replaced atomically; a link to the file stays a link. Throws `document-malformed`, `store-locked`, `io-failed`, `disk-full`.
 */
export async function changeConfig(path: string, change: (content: JsonObject) => JsonObject, signal?: AbortSignal): Promise<void> {
  const real = await followLinks(path);
  await makePrivate(dirname(real));
  const lock = `${real}.lock`;
  await waitForLock(lock, { signal, waitMs: WAIT_MS, name: path });
  try {
    await removeDeadParts(lock);
    await replace(real, change((await readConfigFile(real))?.content ?? new Map()));
  } finally {
    await unlink(lock).catch(() => undefined);
  }
}

/** Indented with tabs, as docker writes it. */
async function replace(path: string, content: JsonObject): Promise<void> {
  const bytes = Buffer.from(`${JSON.stringify(plainJson(content), null, '\t')}\n`);
  try {
    await removeDeadParts(path);
    const temp = await newPartPath(path);
    const handle = await open(temp, 'wx', 0o600);
    try {
      await writeFully(handle, bytes, 0, path);
      await handle.sync();
      await handle.close();
      await rename(temp, path);
    } catch (error) {
      await handle.close().catch(() => undefined);
      await unlink(temp).catch(() => undefined);
      throw error;
    }
    await syncFolder(dirname(path));
  } catch (error) {
    throw fromSystemError(error, path, 'keeping the registry credentials');
  }
}

/** Where the file lies or is to lie: a link may lead to one that is not there yet. */
async function followLinks(path: string): Promise<string> {
  let at = path;
  for (let links = 0; links < MOST_LINKS; links += 1) {
    const real = await realpath(at).catch(() => undefined);
    if (real !== undefined) return real;
    const target = await readlink(at).catch(() => undefined);
    if (target === undefined) return at;
    at = resolve(dirname(at), target);
  }
  return at;
}
