import { ImgkitError, isImgkitError } from '../src/index.js';

/** A new thread tells only in words what it failed of. */
const ERRORS = /\b(EMFILE|ENFILE)\b/;

/**
 * A process that may open no more files is no mistake of this program, wherever it strikes: loading the next part of the program opens a
 * file, and so does starting a thread. Nor is one that may start no more threads. Such an error in words; others as they are.
 */
export function explainTooManyFiles(error: unknown): unknown {
  if (!(error instanceof Error) || isImgkitError(error)) return error;
  if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_INIT_FAILED' && error.message.includes('EAGAIN')) {
    return new ImgkitError('io-failed', 'This process may start no more threads (EAGAIN); raise the limit (ulimit -u, or that of the container) and run it again.', {}, { cause: error });
  }
  const [, code] = ERRORS.exec(`${(error as NodeJS.ErrnoException).code ?? ''} ${error.message}`) ?? [];
  if (code === undefined) return error;
  const [problem, remedy] = code === 'EMFILE'
    ? ['This process may not open more files', 'raise the limit (ulimit -n 256) and run it again']
    : ['This machine has too many files open', 'run it again when it has less to do'];
  return new ImgkitError('io-failed', `${problem} (${code}); ${remedy}.`, {}, { cause: error });
}
