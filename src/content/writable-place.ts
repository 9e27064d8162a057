import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fromSystemError, ImgkitError } from '../errors.js';

/**
 * Refuses a name under which no file can be made. `folderHint` is for who names a folder: what else can be done with one.
 * Throws `file-not-found`, `io-failed`.
 */
export async function requireFilePlace(path: string, folderHint = ''): Promise<void> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    // The temporary file has a shorter one: it would be told when all is written.
    if (error.code === 'ENAMETOOLONG') throw fromSystemError(error, path, 'creating it');
    return undefined;
  });
  if (info?.isDirectory() === true) throw new ImgkitError('io-failed', `${path} is a folder; name a file in it${folderHint}.`, { file: path });
  if (info !== undefined && !info.isFile()) throw new ImgkitError('io-failed', `${path} is a device, pipe or socket, which a file would replace; write to - and send standard output there.`, { file: path });
  if (info === undefined && path.endsWith('/')) throw new ImgkitError('io-failed', `${path} is the name of a folder; name a file in it${folderHint}.`, { file: path });
  const folder = dirname(path);
  await access(folder, constants.W_OK).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && !(await stat(folder).then(() => true, () => false))) throw new ImgkitError('file-not-found', `${path}: there is no folder ${folder} to write it to; make it first.`, { file: path }, { cause: error });
    throw fromSystemError(error, path, 'creating it');
  });
}

/** Refuses a folder that can neither be written to nor made. Throws `io-failed`. */
export async function requireFolderPlace(folder: string): Promise<void> {
  for (let there = folder; ; there = dirname(there)) {
    try {
      return await access(there, constants.W_OK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(there) === there) throw fromSystemError(error, folder, 'making it or writing to it');
    }
  }
}
