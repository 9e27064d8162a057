import { ImgkitError, isImgkitError } from '../errors.js';

/** `error` with `file` named in its sentence and details, when it is ours and names no file yet; others pass through unchanged. */
export function inFile(error: unknown, file: string): unknown {
  if (!isImgkitError(error) || error.details.file !== undefined || error.code === 'interrupted') return error;
  const message = error.message.startsWith(file) ? error.message : `${file}: ${error.message}`;
  return new ImgkitError(error.code, message, { ...error.details, file }, { cause: error });
}
