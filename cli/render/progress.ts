import { isStream } from '../options/stream.js';
import { jsonProgress } from './progress/json-lines.js';
import { plainProgress } from './progress/plain.js';
import type { Progress, ProgressStream } from './progress/stream.js';
import { terminalProgress } from './progress/terminal.js';

export type ProgressMode = 'terminal' | 'plain' | 'json' | 'none';

/** What `--progress` comes to on this stream. */
export function progressMode(
  args: { readonly progress?: string | undefined; readonly quiet?: boolean | undefined; readonly json?: boolean | undefined },
  stream: { readonly isTTY?: boolean | undefined },
  env: Readonly<Record<string, string | undefined>> = {},
): ProgressMode {
  if (args.progress === 'plain' || args.progress === 'json' || args.progress === 'none') return args.progress;
  if (args.quiet === true) return 'none';
  // A dumb terminal cannot go back over what it shows.
  if (stream.isTTY === true) return env['TERM'] === 'dumb' ? 'plain' : 'terminal';
  return args.json === true ? 'none' : 'plain';
}

/** True when a command reads or writes a stream through a pipe: who is at its other end may draw on the same terminal. */
export function sharesTerminal(args: Readonly<Record<string, unknown>>, isPipe: (fd: 0 | 1) => boolean): boolean {
  return Object.values(args).flat().some((value) => typeof value === 'string' && isStream(value)) && (isPipe(0) || isPipe(1));
}

/** `now` and `later` are those of {@link terminalProgress}. */
export function createProgress(mode: ProgressMode, stream: ProgressStream, now: () => number = () => performance.now(), later?: (draw: () => void) => void): Progress {
  switch (mode) {
    case 'none':
      return { listen: () => {}, end: () => {} };
    case 'json':
      return jsonProgress(stream, now);
    case 'plain':
      return plainProgress(stream, now);
    case 'terminal':
      return terminalProgress(stream, now, later);
  }
}
