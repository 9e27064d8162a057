import { holdFile } from '../../store/hold-file.js';

/**
 * Takes a state file for one watcher, by a lock file beside it that names this process; resolves with what gives it back. Two watchers
 * would fetch each file twice, into each other's folder, and forget what the other did. Throws `store-locked`, at once and naming the
 * holder: a watcher does not end soon.
 */
export function lockWatchState(stateFile: string): Promise<() => Promise<void>> {
  return holdFile(`${stateFile}.lock`, (who) => `${stateFile}: another watch works with this state file (${who}); end that one, or name another file with --state.`);
}
