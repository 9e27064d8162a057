import { unlink } from 'node:fs/promises';
import { createLockFile, describeHolder, isAbandoned, removeAbandoned } from '../content/lock-file.js';
import { removeDeadParts } from '../content/part-file.js';
import { ImgkitError } from '../errors.js';

/**
 * Takes the lock file `lock` for as long as this process works with what it stands for, which may be hours; resolves with what gives it
 * back. Throws `store-locked` at once when somebody has it, with the sentence that `told` makes of who that is; the lock of a process
 * that died is taken over, and what it left of making it goes. Throws `io-failed` and `disk-full` when it cannot be made.
 */
export async function holdFile(lock: string, told: (who: string) => string): Promise<() => Promise<void>> {
  for (;;) {
    const holder = await createLockFile(lock);
    if (holder === undefined) {
      await removeDeadParts(lock);
      return async () => void (await unlink(lock).catch(() => undefined));
    }
    if (!(await isAbandoned(holder))) {
      const who = describeHolder(holder);
      throw new ImgkitError('store-locked', `${told(who)} If you are sure that it is gone, delete ${lock}.`, { file: lock, found: who });
    }
    await removeAbandoned(lock, holder);
  }
}
