import { STATEMENT_SUFFIX } from '../../crypto/sign/statement.js';
import { nameProblem } from '../../crypto/sign/statement-name.js';
import type { RemoteEntry } from '../../transport/transport.js';
import { readFolder, type DroppedFile } from '../ship/remote-folder.js';
import type { WatchState } from './watch-state.js';

/** A file in the watched folder that seems complete and is new. */
export interface Arrival {
  readonly file: DroppedFile;
  readonly key: string;
  /** It was as it is now at a look before, and was not taken then: nobody is writing it. */
  readonly settled: boolean;
}

export interface Look {
  readonly arrivals: readonly Arrival[];
  /** For the next look. */
  readonly pending: Readonly<Record<string, string>>;
}

const ARCHIVE_NAME = /\.(?:tar|tgz|tar\.gz|tar\.zst|oci|age)$/i;
/** More files without a checksum are not waited for at once: the state, which remembers them, is written anew with each file. */
const MOST_PENDING = 10_000;

/** The archives in a listing, by their names. Hidden files and part files never are. */
export function archivesOf(entries: readonly RemoteEntry[]): readonly DroppedFile[] {
  return readFolder(entries).files.filter(({ name }) => ARCHIVE_NAME.test(name) && nameProblem(name) === undefined);
}

/**
 * What is new and complete in a listing: archives whose `NAME.sha256` is there or, unless `requireChecksum`, that are the same as at the look
 * before.
 */
export function findComplete(entries: readonly RemoteEntry[], state: WatchState, requireChecksum: boolean): Look {
  const arrivals: Arrival[] = [];
  const pending: Record<string, string> = Object.create(null) as Record<string, string>;
  let waiting = 0;
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  // The last of each name alone: an older one that is moved back, with its time, is another file than the one that was there.
  const known = new Map(state.remembered.map(({ name, key }) => [name, key]));
  for (const file of archivesOf(entries)) {
    const key = lookKey(file, byName);
    if (known.get(file.name) === key) continue;
    const settled = Object.hasOwn(state.pending, file.name) && state.pending[file.name] === key;
    if (file.complete || (settled && !requireChecksum)) arrivals.push({ file, key, settled });
    // Of those with a checksum, the ones whose checksum was no whole one.
    if ((file.complete ? settled : !requireChecksum) && waiting < MOST_PENDING) {
      pending[file.name] = key;
      waiting += 1;
    }
  }
  return { arrivals, pending };
}

/** What a listing says of the archive `name`, as in {@link Arrival}; undefined when it is not there. */
export function keyOf(entries: readonly RemoteEntry[], name: string): string | undefined {
  const file = archivesOf(entries).find((each) => each.name === name);
  return file && lookKey(file, new Map(entries.map((entry) => [entry.name, entry])));
}

/** Changes with the content of the file, of its checksum and of its signatures, as far as a listing tells. */
function lookKey({ name, size, version, modified, complete, signatures }: DroppedFile, byName: ReadonlyMap<string, RemoteEntry>): string {
  const sidecar = (suffix: string): readonly unknown[] => {
    const entry = byName.get(`${name}${suffix}`);
    return [entry?.size ?? null, entry?.version ?? entry?.modified?.toISOString() ?? null];
  };
  return JSON.stringify([
    name, size ?? null, version ?? modified ?? null, complete ? sidecar(STATEMENT_SUFFIX) : null,
    // A signature may come after the checksum, from somebody else.
    ...signatures.map((suffix) => [suffix, ...sidecar(suffix)]),
  ]);
}
