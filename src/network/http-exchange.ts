import type { Dispatcher } from 'undici';
import type { LentChunk } from '../content/lent-chunk.js';

/** The headers as undici gives them. */
export type RawHeaders = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/** What came back. Iterate over it, or `dump` it, or `destroy` it. */
export interface Exchange extends AsyncIterable<LentChunk> {
  readonly status: number;
  readonly headers: RawHeaders;
  /** Drops the rest of the body, the connection too if that is more than `limit` bytes. Resolves when it has ended. Throws nothing. */
  dump(limit: number): Promise<void>;
  /** Ends the connection unless the body has ended. */
  destroy(): void;
}

/** Sends one request; resolves when the head of its answer is there. Throws what undici throws, or the reason of `signal`. */
export function exchange(dispatcher: Dispatcher, options: Dispatcher.DispatchOptions, signal: AbortSignal | undefined): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    dispatcher.dispatch(options, new Answer(resolve, reject, signal));
  });
}

/** Takes the answer from undici as it comes, one chunk at a time: its own streams add new memory and many steps to each. */
class Answer implements Dispatcher.DispatchHandler, Exchange, AsyncIterator<LentChunk, undefined> {
  status = 0;
  headers: RawHeaders = {};
  readonly #resolve: (answer: Exchange) => void;
  readonly #reject: (error: Error) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#abort(this.#signal?.reason as Error);
  #controller: Dispatcher.DispatchController | undefined;
  #chunk: Buffer | undefined;
  #failure: Error | undefined;
  #ended = false;
  /** Of a body that nobody wants: how much more may come. */
  #dropped: number | undefined;
  #wake = (): void => undefined;

  constructor(resolve: (answer: Exchange) => void, reject: (error: Error) => void, signal: AbortSignal | undefined) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure !== undefined) controller.abort(this.#failure);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: RawHeaders): void {
    // 1xx: the answer is still to come.
    if (status < 200) return;
    this.status = status;
    this.headers = headers;
    this.#resolve(this);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // With nothing, undici's parser goes on after a pause.
    if (chunk.length === 0) return;
    if (this.#dropped !== undefined) return this.#drop(chunk.length);
    this.#chunk = chunk;
    // It is lent to us too, until we let undici go on.
    controller.pause();
    this.#wake();
  }

  onResponseEnd(): void {
    this.#end();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#end(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<LentChunk, undefined>> {
    for (;;) {
      const chunk = this.#chunk;
      if (chunk !== undefined) {
        this.#chunk = undefined;
        return { done: false, value: chunk };
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended) return { done: true, value: undefined };
      await this.#more();
    }
  }

  async return(): Promise<IteratorResult<LentChunk, undefined>> {
    this.destroy();
    return { done: true, value: undefined };
  }

  async dump(limit: number): Promise<void> {
    const chunk = this.#chunk;
    this.#chunk = undefined;
    this.#dropped = limit;
    if (chunk !== undefined) this.#drop(chunk.length);
    while (!this.#ended) await this.#more();
  }

  destroy(): void {
    if (!this.#ended) this.#abort(new Error('the rest is not wanted'));
  }

  /** Waits for something new. */
  async #more(): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    // May have something to say at once.
    this.#controller?.resume();
    await woken;
  }

  #drop(length: number): void {
    this.#dropped = (this.#dropped ?? 0) - length;
    if (this.#dropped < 0) this.destroy();
  }

  #abort(reason: Error): void {
    this.#end(reason);
    this.#controller?.abort(reason);
  }

  #end(failure?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    // Unless the answer is there already.
    if (failure !== undefined) this.#reject(failure);
    this.#wake();
  }
}
