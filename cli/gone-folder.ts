import { ImgkitError, isImgkitError } from '../src/index.js';

/** Nobody can say where a relative path leads when the working folder was deleted: that in words; other errors as they are. */
export function explainGoneFolder(error: unknown): unknown {
  if (!(error instanceof Error) || isImgkitError(error) || (error as NodeJS.ErrnoException).syscall !== 'uv_cwd') return error;
  return new ImgkitError('file-not-found', 'The folder that you are in is gone; change to one that is there (cd), and run it again.', {}, { cause: error });
}
