import type { ProgressListener } from '../../../src/index.js';

/** Shows events on stderr; `end` takes the last of it away. */
export interface Progress {
  readonly listen: ProgressListener;
  readonly end: () => void;
  /** Gives the terminal to others for a while; what comes later is shown below what they wrote. */
  readonly pause?: () => void;
}

/** What progress needs of `process.stderr`. */
export interface ProgressStream {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}
