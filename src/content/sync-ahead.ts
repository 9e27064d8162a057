import type { FileHandle } from 'node:fs/promises';

/** How often a file is looked at, in milliseconds, and how many new bytes of it are worth a sync. */
const PACE = { everyMs: 200, bytes: 32 * 1024 * 1024 };

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
  const timer = setInterval(() => (running ??= look()), everyMs).unref();
  const look = async (): Promise<void> => {
    try {
      // In units of 512 bytes: what is reserved at the front and not written yet is not counted.
      const written = (await handle.stat()).blocks * 512;
      if (written - synced < bytes) return;
      await handle.datasync();
      synced = written;
    } catch (error) {
      failure ??= error;
      clearInterval(timer);
    } finally {
      running = undefined;
    }
  };
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    await running;
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
