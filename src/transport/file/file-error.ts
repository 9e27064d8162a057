import { fromSystemError, ImgkitError } from '../../errors.js';

/** What an error of the file system means for a transport: the same codes that a server's answer would have. */
export function fileError(error: unknown, path: string, doing: string): unknown {
  if (!(error instanceof Error) || error instanceof ImgkitError) return error;
  const { code } = error as NodeJS.ErrnoException;
  const options = { cause: error };
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new ImgkitError('file-not-found', `file://${path}: no such file or folder; check the path.`, { file: path }, options);
    case 'ENOSPC':
    case 'EDQUOT':
      return new ImgkitError('remote-full', `file://${path}: the disk is full while ${doing}; free some space there and run it again.`, { file: path }, options);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'EISDIR':
    case 'EEXIST':
    case 'ELOOP':
    case 'ENOTEMPTY':
    case 'EINVAL':
    case 'ENAMETOOLONG':
      return new ImgkitError('remote-refused', `file://${path}: ${code} while ${doing}; ${REASON[code]}.`, { file: path, found: code }, options);
    case 'EMFILE':
    case 'ENFILE':
      return fromSystemError(error, `file://${path}`, doing);
    default:
      return code === undefined ? error : new ImgkitError('network-failed', `file://${path}: ${code} while ${doing} (${error.message}); look at the drive.`, { file: path, found: code }, options);
  }
}

const REASON = {
  EACCES: 'this user may not; check the permissions there',
  EPERM: 'this user may not; check the permissions there',
  EROFS: 'the drive is mounted read-only; mount it for writing, or choose another place',
  EISDIR: 'a folder of this name is there; choose another name',
  EEXIST: 'the name is taken; choose another',
  ELOOP: 'a symbolic link of this name is there, and it is not followed; name where it leads',
  EINVAL: 'the file system there does not take it; FAT, for one, has no ":" in names, so choose another name',
  ENAMETOOLONG: 'the name is longer than the file system there takes; choose a shorter one',
  ENOTEMPTY: 'a folder of this name is there; choose another name',
} as const;
