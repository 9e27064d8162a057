import type { FileHandle } from 'node:fs/promises';

/**
 * How often a file is looked at while little of it is new, in milliseconds, and how many new bytes are worth a sync: few, for the disk shall
 * have something to do from early on. Then syncs follow each other: what is written during one is for the next, and a slow disk sets its own pace.
 */
const PACE = { everyMs: 10, bytes: 8 * 1024 * 1024 };

/**
 * When all syncs that were asked for are done. One goes at a time: they wait for the same disk, and each takes one of the four threads that
 * writes and reads of files share. Files that arrive together would take all, and nothing would be written meanwhile.
 */
let turn: Promise<void> | undefined;

/** See {@link syncAhead}. */
export interface SyncAhead {
  /** fsync of all that was written. Throws the first error of any sync: the system tells of one only once. */
  finish(): Promise<void>;
  /** Ends it without a promise about what was written. Never throws. */
  stop(): Promise<void>;
}

/**
 * Lets the disk work while a large file is still being written, wherever that is done: left to itself the system keeps gigabytes for the
 * fsync at the end, which then takes as long as the disk needs for all of them. End it before `handle` is closed.
 */
export function syncAhead(handle: Pick<FileHandle, 'stat' | 'datasync' | 'sync'>, { everyMs, bytes } = PACE): SyncAhead {
  let synced = 0;
  let failure: unknown;
  let running: Promise<void> | undefined;
  let waiting = false;
  let stopped = false;
  const timer = setInterval(() => (running ??= look()), everyMs).unref();
  const look = async (): Promise<void> => {
    try {
      for (;;) {
        // In units of 512 bytes: what is reserved at the front and not written yet is not counted.
        const written = (await handle.stat()).blocks * 512;
        if (stopped || written - synced < bytes) return;
        waiting = true;
        const done = (turn ?? Promise.resolve()).then(() => {
          waiting = false;
          return stopped ? undefined : handle.datasync();
        });
        turn = done.catch(() => undefined);
        await done;
        if (stopped) return;
        synced = written;
      }
    } catch (error) {
      failure ??= error;
      clearInterval(timer);
    } finally {
      running = undefined;
    }
  };
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    stopped = true;
    // Who waits for others does nothing any more.
    if (!waiting) await running;
  };
  return {
    stop,
    async finish() {
      await stop();
      if (failure !== undefined) throw failure;
      await handle.sync();
    },
  };
}
