import { constants } from 'node:fs';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createAtomicFile, syncFolder } from '../../content/atomic-file.js';
import { writeFully } from '../../content/write-fully.js';
import { fromSystemError, type ImgkitError } from '../../errors.js';

/** Moves a file, also to another file system, so that its new name appears whole. Resolves with the name that was free: `NAME`, or `NAME.2`... */
export async function moveFile(from: string, folder: string, name: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    let to = join(folder, name);
    for (let i = 2; (await stat(to).catch(() => undefined)) !== undefined; i++) to = join(folder, `${name}.${i}`);
    await rename(from, to).catch(async (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
      const draft = join(dirname(to), `.${name}.moving.part`);
      await copyFile(from, draft, constants.COPYFILE_FICLONE);
      await rename(draft, to);
      await rm(from);
    });
    await syncFolder(folder);
    return to;
  } catch (error) {
    throw fromSystemError(error, join(folder, name), 'moving it there');
  }
}

/** What a quarantined file was, and why it is here. */
export interface Reason {
  readonly name: string;
  readonly url: string;
  readonly digest?: string | undefined;
  readonly error: ImgkitError;
}

/** Puts the file, if it is there, and the reason beside it (`NAME.reason.json`, `NAME.reason.txt`) into `folder`. Resolves with the path. */
export async function quarantineFile(file: string, folder: string, { name, url, digest, error }: Reason): Promise<string> {
  const kept = (await stat(file).catch(() => undefined)) !== undefined;
  const path = kept ? await moveFile(file, folder, name) : join(folder, name);
  if (!kept) await mkdir(folder, { recursive: true, mode: 0o700 });
  const { code, message, details } = error;
  const document = { schemaVersion: 1, name, url, digest, at: new Date().toISOString(), kept, error: { code, message, details } };
  await put(`${path}.reason.json`, `${JSON.stringify(document, null, 2)}\n`);
  await put(`${path}.reason.txt`, `${JSON.stringify(name)} from ${url} was not accepted:\n${JSON.stringify(message).slice(1, -1)}\n(${code})${kept ? '' : '\nNothing of it was kept.'}\n`);
  return path;
}

async function put(path: string, text: string): Promise<void> {
  const draft = await createAtomicFile(path, { overwrite: true });
  try {
    await writeFully(draft.handle, Buffer.from(text), 0, path);
    await draft.commit();
  } finally {
    await draft.discard();
  }
}
