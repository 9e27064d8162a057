import type { ProgressListener } from '../../../src/index.js';

/** Shows events on stderr; `end` takes the last of it away. */
export interface Progress {
  readonly listen: ProgressListener;
  readonly end: () => void;
}

/** What progress needs of `process.stderr`. */
export interface ProgressStream {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}
