import { unlink } from 'node:fs/promises';
import { ImgkitError } from '../../errors.js';
import { createLockFile, isAbandoned, removeAbandoned } from '../../store/lock-file.js';

/**
 * Takes a state file for one watcher, by a lock file beside it that names this process; resolves with what gives it back. Two watchers
 * would fetch each file twice, into each other's folder, and forget what the other did. The lock of one that died is taken over.
 * Throws `store-locked`, at once and naming the holder: a watcher does not end soon.
 */
export async function lockWatchState(stateFile: string): Promise<() => Promise<void>> {
  const lock = `${stateFile}.lock`;
  for (;;) {
    const holder = await createLockFile(lock);
    if (holder === undefined) return async () => void (await unlink(lock).catch(() => undefined));
    if (!(await isAbandoned(holder))) {
      const who = holder.process === undefined ? 'an unknown process' : `process ${holder.process.pid} on ${holder.process.host}`;
      throw new ImgkitError('store-locked', `${stateFile}: another watch works with this state file (${who}); end that one, or name another file with --state. If you are sure that it is gone, delete ${lock}.`, { file: lock, found: who });
    }
    await removeAbandoned(lock, holder);
  }
}
