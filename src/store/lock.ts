import { unlink } from 'node:fs/promises';
import { makePrivate } from '../content/make-private.js';
import { throwIfInterrupted } from '../content/interrupted.js';
import { waitForLock } from '../content/wait-for-lock.js';
import { fromSystemError } from '../errors.js';
import { removeIfEmpty, type ControlFolder } from './control-folder.js';

/** How long a command waits for another one's critical section; those are short, but a gc of a large store is not. */
const LOCK_WAIT_MS = 60_000;

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default: {@link LOCK_WAIT_MS}. */
  readonly waitMs?: number | undefined;
}

/** Within this process callers queue here, in order, instead of polling the file against each other. */
const queues = new Map<string, Promise<void>>();

/**
 * Runs `action` while no other process, and no other caller in this one, is inside `withLock` of the same folder.
 * Not re-entrant. The lock of a process that died is taken over. Throws `store-locked`, naming the holder, when it stays held,
 * `interrupted` when `signal` aborts the wait, and `io-failed` when the lock cannot be made or removed. The control folder of a
 * layout that is no store is removed again when empty.
 */
export async function withLock<T>(control: ControlFolder, action: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const before = queues.get(control.lock) ?? Promise.resolve();
  const { promise: done, resolve: finish } = deferred();
  const tail = before.then(() => done);
  queues.set(control.lock, tail);
  // Who gives up leaves the queue as it is: those behind still wait for those before.
  void tail.then(() => {
    if (queues.get(control.lock) === tail) queues.delete(control.lock);
  });
  try {
    await settledOrInterrupted(before, options.signal, `waiting for the lock of ${control.layout}`);
    try {
      await acquire(control, options);
    } catch (error) {
      if (!control.permanent) await removeIfEmpty(control.folder);
      throw error;
    }
    let result: T;
    try {
      result = await action();
    } catch (error) {
      await release(control).catch(() => undefined);
      throw error;
    }
    await release(control);
    return result;
  } finally {
    finish();
  }
}

async function acquire(control: ControlFolder, { signal, waitMs = LOCK_WAIT_MS }: LockOptions): Promise<void> {
  await makePrivate(control.folder);
  await waitForLock(control.lock, { signal, waitMs, name: control.layout });
}

async function release(control: ControlFolder): Promise<void> {
  if (!control.permanent) {
    // Only when no lease is left may the ingest folder go: the holder of a lease counts on it.
    if (await removeIfEmpty(control.leases)) await removeIfEmpty(control.ingest);
  }
  try {
    await unlink(control.lock);
  } catch (error) {
    // Kept silent, the next caller in this very process would wait for it in vain.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fromSystemError(error, control.lock, 'releasing the lock');
  }
  if (!control.permanent) await removeIfEmpty(control.folder);
}

/** Waits for `promise`, but not longer than until `signal` is aborted; then throws `interrupted`. */
async function settledOrInterrupted(promise: Promise<void>, signal: AbortSignal | undefined, doing: string): Promise<void> {
  throwIfInterrupted(signal, doing);
  const { promise: aborted, resolve: stop } = deferred();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  throwIfInterrupted(signal, doing);
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
