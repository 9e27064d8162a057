import { link, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../../content/sync-folder.js';
import { newPartPath, removeDeadParts } from '../../content/part-file.js';
import { currentUmask } from '../../content/umask.js';
import { writeFully } from '../../content/write-fully.js';
import { fromSystemError, ImgkitError } from '../../errors.js';

export interface KeyFileOptions {
  /** True for what only its owner may read: mode 0600 from its first byte on. Else 0644, as the umask allows. */
  readonly secret: boolean;
}

/**
 * Writes a whole key file: under a temporary name (0600), synced, and only then under its own. What is there already is never
 * overwritten. Throws `file-exists`, `disk-full`, `io-failed`; then nothing is left behind.
 */
export async function writeKeyFile(path: string, bytes: Uint8Array, options: KeyFileOptions): Promise<void> {
  const folder = dirname(path);
  await removeDeadParts(path);
  const temp = await newPartPath(path);
  try {
    const handle = await open(temp, 'wx', 0o600);
    try {
      await writeFully(handle, bytes, 0, path);
      if (!options.secret) await handle.chmod(0o644 & ~(await currentUmask()));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(temp, path);
    await unlink(temp).catch(() => undefined);
    await syncFolder(folder);
  } catch (error) {
    await unlink(temp).catch(() => undefined);
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new ImgkitError('file-exists', `${path} exists already; keys are never overwritten: choose another folder or name, or move it away first.`, { file: path }, { cause: error });
    }
    throw fromSystemError(error, path, 'writing it');
  }
}
