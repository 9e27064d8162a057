import type { ProgressListener } from '../src/index.js';
import type { Conversation } from './conversation.js';
import type { Style } from './render/style.js';

/** An output stream: what the renderers need of `process.stdout`. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string | Uint8Array): unknown;
}

/** The world around a command, so that tests can give another. */
export interface Context {
  /** Data only. */
  readonly stdout: Output;
  /** Everything else. */
  readonly stderr: Output;
  readonly stdin: { readonly isTTY?: boolean | undefined };
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
  /** Takes progress off the screen before anything is printed. */
  readonly endProgress: () => void;
  /** Questions to a person, and what is said beside the data while work goes on. */
  readonly conversation: Pick<Conversation, 'ask' | 'say'>;
  /** Colours for stdout and stderr. */
  readonly style: { readonly stdout: Style; readonly stderr: Style };
}
