import { setTimeout as sleep } from 'node:timers/promises';
import { ImgkitError } from '../errors.js';
import { throwIfInterrupted } from './interrupted.js';
import { createLockFile, describeHolder, isAbandoned, removeAbandoned } from './lock-file.js';

export interface WaitForLockOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long to wait while others have it. */
  readonly waitMs: number;
  /** What it is the lock of, for messages. */
  readonly name: string;
}

/**
 * Takes the lock file `path` for this process as soon as nobody has it; the lock of a process that died is taken over. Whoever took it
 * removes it. Throws `store-locked`, naming the holder, when it stays held, `interrupted` when `signal` aborts the wait, `io-failed`.
 */
export async function waitForLock(path: string, { signal, waitMs, name }: WaitForLockOptions): Promise<void> {
  const deadline = Date.now() + waitMs;
  for (let pause = 5; ; pause = Math.min(pause * 1.5, 250)) {
    throwIfInterrupted(signal, `waiting for the lock of ${name}`);
    const holder = await createLockFile(path);
    if (holder === undefined) return;
    if (await isAbandoned(holder)) {
      await removeAbandoned(path, holder);
      continue;
    }
    if (Date.now() > deadline) {
      const who = describeHolder(holder);
      throw new ImgkitError('store-locked', `${name}: locked by ${who}; wait for it to finish and run this again. If you are sure that it is gone, delete ${path}.`, { file: path, found: who });
    }
    // Jitter: waiters that started together must not keep colliding.
    await sleep(pause * (0.5 + Math.random()));
  }
}
