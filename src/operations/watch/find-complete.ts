import { STATEMENT_SUFFIX } from '../../crypto/sign/statement.js';
import { nameProblem } from '../../crypto/sign/statement-name.js';
import type { RemoteEntry } from '../../transport/transport.js';
import { readFolder, type DroppedFile } from '../ship/remote-folder.js';
import type { WatchState } from './watch-state.js';

/** A file in the watched folder that seems complete and is new. */
export interface Arrival {
  readonly file: DroppedFile;
  readonly key: string;
}

export interface Look {
  readonly arrivals: readonly Arrival[];
  /** For the next look. */
  readonly pending: Readonly<Record<string, string>>;
}

const ARCHIVE_NAME = /\.(?:tar|tgz|tar\.gz|tar\.zst|oci|age)$/i;

/**
 * What is new and complete in a listing: archives by their names whose `NAME.sha256` is there or, unless `requireChecksum`, that are the
 * same as at the look before. Hidden files and part files never are.
 */
export function findComplete(entries: readonly RemoteEntry[], state: WatchState, requireChecksum: boolean): Look {
  const arrivals: Arrival[] = [];
  const pending: Record<string, string> = Object.create(null) as Record<string, string>;
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const known = new Set(state.remembered.map(({ key }) => key));
  for (const file of readFolder(entries).files) {
    if (!ARCHIVE_NAME.test(file.name) || nameProblem(file.name) !== undefined) continue;
    const key = lookKey(file, byName.get(`${file.name}${STATEMENT_SUFFIX}`));
    if (known.has(key)) continue;
    if (file.complete) arrivals.push({ file, key });
    else if (!requireChecksum) {
      if (Object.hasOwn(state.pending, file.name) && state.pending[file.name] === key) arrivals.push({ file, key });
      pending[file.name] = key;
    }
  }
  return { arrivals, pending };
}

/** Changes with the content of the file or of its checksum, as far as a listing tells. */
function lookKey(file: DroppedFile, statement: RemoteEntry | undefined): string {
  return JSON.stringify([file.name, file.size ?? null, file.version ?? file.modified ?? null, statement === undefined ? null : [statement.size ?? null, statement.version ?? statement.modified?.toISOString() ?? null]]);
}
