import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeSmallFile } from '../../content/write-small-file.js';
import { fromSystemError, ImgkitError } from '../../errors.js';
import { makePrivate } from '../../content/make-private.js';

/** One content that was dealt with, for good. */
export interface Remembered {
  readonly name: string;
  /** Of the content; `none` when it was never known. */
  readonly digest: string;
  /** What the listing said of the file and its checksum: see `lookKey`. */
  readonly key: string;
  readonly outcome: 'accepted' | 'quarantined';
  readonly at: string;
}

/** What a watcher knows across restarts. */
export interface WatchState {
  readonly version: 1;
  readonly remembered: readonly Remembered[];
  /** What the last look saw of files without a checksum, or with half a one, by name: one that is the same at two looks is complete. */
  readonly pending: Readonly<Record<string, string>>;
}

export const EMPTY_STATE: WatchState = { version: 1, remembered: [], pending: {} };

/** More are remembered only of what is in the folder. */
const MOST_REMEMBERED = 20_000;
const MOST_BYTES = 256 * 1024 * 1024;

/** The state in `file`; the empty one when there is none. Throws `document-malformed` when it is not ours. */
export async function readWatchState(file: string): Promise<WatchState> {
  try {
    const text = await readFile(file, 'utf8');
    const value: unknown = text.length > MOST_BYTES ? undefined : JSON.parse(text);
    if (isState(value)) return value;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY_STATE;
    if (!(error instanceof SyntaxError)) throw fromSystemError(error, file, 'reading it');
  }
  throw new ImgkitError('document-malformed', `${file}: is no state file of imgkit watch; name another with --state, or remove it: then every file in the folder counts as new.`, { file });
}

/** `remembered`, shortened: the oldest goes first, but nothing of what the folder has now, as `listed` says: it would be taken for new. */
export function forgetOldest(remembered: readonly Remembered[], listed: ReadonlySet<string>, most = MOST_REMEMBERED): readonly Remembered[] {
  let surplus = remembered.length - most;
  if (surplus <= 0) return remembered;
  const last = new Map(remembered.map(({ name }, i) => [name, i]));
  return remembered.filter(({ name }, i) => {
    if (surplus <= 0 || (listed.has(name) && last.get(name) === i)) return true;
    surplus -= 1;
    return false;
  });
}

/** Replaces `file`, whole or not at all. */
export async function writeWatchState(file: string, state: WatchState): Promise<void> {
  await makePrivate(dirname(file));
  await writeSmallFile(file, Buffer.from(`${JSON.stringify(state)}\n`), { overwrite: true });
}

function isState(value: unknown): value is WatchState {
  const state = value as Partial<WatchState> | null;
  return typeof state === 'object' && state !== null && state.version === 1 && Array.isArray(state.remembered)
    && state.remembered.every((each: unknown) => ['name', 'digest', 'key', 'outcome', 'at'].every((field) => typeof (each as Record<string, unknown> | null)?.[field] === 'string'))
    && typeof state.pending === 'object' && state.pending !== null && Object.values(state.pending).every((each) => typeof each === 'string');
}
