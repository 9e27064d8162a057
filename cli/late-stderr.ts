import { fstatSync } from 'node:fs';
import type { Output } from './context.js';
import type { ProgressStream } from './render/progress/stream.js';

/**
 * `process.stderr`, opened by the first who writes to it: for a pipe Node loads all of its network code before, and most calls that
 * go well say nothing there. A failure to write is nobody's business: the work goes on.
 */
export class LateStderr implements Output, ProgressStream {
  #opened: NodeJS.WriteStream | undefined;

  /** Whether it is a terminal: no file and no pipe is, which is told without opening it. */
  get isTTY(): boolean {
    return fstatSync(2).isCharacterDevice() && this.#stream().isTTY;
  }

  get columns(): number | undefined {
    return this.#stream().columns;
  }

  get rows(): number | undefined {
    return this.#stream().rows;
  }

  /** Calls `done` when the bytes were handed over, or cannot be. */
  write(text: string | Uint8Array, done?: () => void): void {
    this.#stream().write(text, done);
  }

  on(event: 'resize', listener: () => void): void {
    this.#stream().on(event, listener);
  }

  off(event: 'resize', listener: () => void): void {
    this.#stream().off(event, listener);
  }

  /** How many bytes wait to be written; to a stream that nobody opened, none. */
  get writableLength(): number {
    return this.#opened?.writableLength ?? 0;
  }

  #stream(): NodeJS.WriteStream {
    this.#opened ??= process.stderr.on('error', () => {});
    return this.#opened;
  }
}
