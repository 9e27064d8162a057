import { createReadStream, fstatSync } from 'node:fs';
import { interrupted, throwIfInterrupted } from '../../src/content/interrupted.js';
import { fromSystemError, ImgkitError, isImgkitError } from '../../src/errors.js';

/**
 * The chunks of `given`, or of standard input; who does not read them to their end says `return`. Throws `interrupted` also while
 * nothing comes, `io-failed` for what `given` throws, and `usage` when it gives anything but bytes.
 */
export async function* standardInput(given: AsyncIterable<Uint8Array> | undefined, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  const stream = given ?? processInput();
  const chunks = stream[Symbol.asyncIterator]();
  const close = async (): Promise<void> => void (await chunks.return?.());
  let stop: (error: Error) => void = () => undefined;
  const onAbort = (): void => {
    stop(interrupted('reading stdin', signal?.reason));
    // Whoever reads may not come back. Not `destroy`: that of a request would take the answer with it.
    close().catch(() => undefined);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  let waits = false;
  try {
    for (;;) {
      throwIfInterrupted(signal, 'reading stdin');
      waits = true;
      // Not a race with one promise for the signal: that would keep every chunk until it settles.
      const { done, value } = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        stop = reject;
        chunks.next().then(resolve, (error: unknown) => reject(asFailure(error)));
      });
      waits = false;
      if (done === true) return;
      if (!ArrayBuffer.isView(value)) throw new ImgkitError('usage', `stdin: gives a ${typeof value} where bytes (Uint8Array) are needed; does the stream have an encoding?`, { file: 'stdin' });
      yield value;
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    const closed = close();
    // It answers only after the chunk that nobody waits for any more.
    if (waits) closed.catch(() => undefined);
    else await closed;
  }
}

function processInput(): AsyncIterable<Uint8Array> {
  if (fstatSync(0).isFile()) return createReadStream('', { fd: 0, highWaterMark: 1 << 20, autoClose: false });
  // A pipe or socket may be in non-blocking mode, where a plain read ends with EAGAIN as soon as the sender pauses.
  return process.stdin;
}

function asFailure(cause: unknown): unknown {
  const error = fromSystemError(cause, 'stdin', 'reading it');
  if (isImgkitError(error)) return error;
  return new ImgkitError('io-failed', `stdin: reading it failed (${cause instanceof Error ? cause.message : String(cause)}).`, { file: 'stdin' }, { cause });
}
