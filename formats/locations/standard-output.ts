import type { Writable } from 'node:stream';
import { interrupted } from '../../src/content/interrupted.js';
import { endQuiet } from '../../src/content/idle-stream.js';
import { fromSystemError, ImgkitError, isImgkitError } from '../../src/errors.js';

/** Bytes that `stream` may have been given and not handed on yet, so that more is read meanwhile. */
const AHEAD = 1 << 20;

/**
 * Sends `chunks` to `stream`, which stays open, at the receiver's pace, and waits until it has handed them on. Throws what `chunks` throws,
 * `disk-full` or `io-failed`, and `interrupted` also while nobody takes what is written.
 */
export async function standardOutput(chunks: AsyncIterable<Uint8Array>, stream: NodeJS.WritableStream, signal?: AbortSignal): Promise<void> {
  const writer = new StreamWriter(stream, signal);
  try {
    for await (const chunk of chunks) await writer.write(chunk);
    await writer.flush();
  } finally {
    writer.release();
  }
}

/** Not `pipeline`: that leaves its listeners at a stream that stays open, takes one that has ended for one that has all, and waits for ever. */
class StreamWriter {
  readonly #stream: NodeJS.WritableStream;
  readonly #signal: AbortSignal | undefined;
  /** Bytes that the stream has not handed on. */
  #bytes = 0;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  readonly #onError = (error: unknown): void => this.#fail(asFailure(error));
  readonly #onClose = (): void => this.#fail(new ImgkitError('io-failed', 'stdout: it was closed before everything was written; look at where the output goes.', { file: 'stdout' }));
  readonly #onAbort = (): void => this.#fail(interrupted('writing to stdout', this.#signal?.reason));

  constructor(stream: NodeJS.WritableStream, signal: AbortSignal | undefined) {
    this.#stream = stream;
    this.#signal = signal;
    stream.on('error', this.#onError);
    stream.on('close', this.#onClose);
    endQuiet(stream);
    const { errored } = stream as Partial<Writable>;
    if (errored) this.#onError(errored);
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (signal?.aborted === true) this.#onAbort();
  }

  async write(chunk: Uint8Array): Promise<void> {
    let length = chunk.length;
    this.#bytes += length;
    const handedOn = (error?: Error | null): void => {
      this.#bytes -= length;
      length = 0;
      if (error) this.#onError(error);
      this.#wake();
    };
    const taken = this.#stream.write(chunk, handedOn);
    // Streams of the first kind that Node had do not call back.
    if (!('writableLength' in this.#stream)) {
      if (taken) handedOn();
      else this.#stream.once('drain', handedOn);
    }
    await this.#until(AHEAD);
  }

  flush(): Promise<void> {
    return this.#until(0);
  }

  release(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#stream.removeListener('close', this.#onClose);
    // One that failed may say so once more, which would end the process.
    if (this.#failure === undefined) this.#stream.removeListener('error', this.#onError);
  }

  async #until(most: number): Promise<void> {
    while (this.#failure === undefined && this.#bytes > most) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }
}

function asFailure(cause: unknown): Error {
  const error = fromSystemError(cause, 'stdout', 'writing to it');
  if (isImgkitError(error)) return error;
  return new ImgkitError('io-failed', `stdout: writing to it failed (${cause instanceof Error ? cause.message : String(cause)}); look at where the output goes.`, { file: 'stdout' }, { cause });
}
