import { setTimeout as delay } from 'node:timers/promises';
import { isImgkitError } from '../../errors.js';
import { lookAtDrop } from './drop.js';
import { findComplete } from './find-complete.js';
import { openTarget } from '../ship/open-target.js';
import type { RemoteTarget } from '../ship/remote-target.js';
import { sweepIncoming } from './sweep-incoming.js';
import { takeArrival, type TakeOptions } from './take-arrival.js';
import { pauseAfter, Waits } from './waits.js';
import { lockWatchState } from './watch-lock.js';
import { readWatchState, writeWatchState } from './watch-state.js';

export interface WatchFolderOptions extends TakeOptions {
  /** Milliseconds between two looks. */
  readonly every: number;
  /** Look once, and return. */
  readonly once: boolean;
  readonly requireChecksum: boolean;
}

/** How many were taken over and how many refused. */
export interface WatchTally {
  accepted: number;
  quarantined: number;
  failed: number;
}

/**
 * Looks into a remote folder again and again, and takes over what is new and complete, one file after the other. A server that cannot be
 * reached is tried again, after longer and longer pauses, and so is a file that cannot be taken over, which keeps no other waiting. What was dealt with is remembered in a file, so that a restart repeats nothing.
 * Ends when `signal` is aborted, without an error, or after one look with `once`: then a failure to look is thrown. Throws `store-locked`
 * while another one works with the same state file, `document-malformed` for a file that is none.
 */
export async function watchFolder(options: WatchFolderOptions): Promise<WatchTally> {
  const release = await lockWatchState(options.stateFile);
  try {
    return await lookAgainAndAgain(options);
  } finally {
    await release();
  }
}

async function lookAgainAndAgain(options: WatchFolderOptions): Promise<WatchTally> {
  const { every, once, signal, tell } = options;
  const tally: WatchTally = { accepted: 0, quarantined: 0, failed: 0 };
  // Asked before the first look: a wrong state file must not wait for a file to arrive.
  await readWatchState(options.stateFile);
  let failures = 0;
  const waits = new Waits(every);
  const stopped = (): boolean => signal?.aborted === true;
  while (!stopped()) {
    try {
      await look(options, tally, waits);
      failures = 0;
    } catch (error) {
      if (stopped()) break;
      if (once || !isImgkitError(error)) throw error;
      // A wrong password or host key does not become right by waiting, but a server under repair shows such faces too.
      failures += 1;
      tell({ event: 'failed', error: { code: error.code, message: error.message }, retryInSeconds: Math.round(pauseAfter(failures, every) / 1000) });
    }
    if (once) return tally;
    await delay(pauseAfter(failures, every), undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
  tell({ event: 'stopped' });
  return tally;
}

async function look(options: WatchFolderOptions, tally: WatchTally, waits: Waits): Promise<void> {
  const { url, network, signal, stateFile, incoming, requireChecksum } = options;
  const target: RemoteTarget = await openTarget(url, { network, signal, purpose: 'read' });
  try {
    const drop = await lookAtDrop(target, options);
    const state = await readWatchState(stateFile);
    const { arrivals, pending } = findComplete(drop.entries, state, requireChecksum);
    if (JSON.stringify(pending) !== JSON.stringify(state.pending)) await writeWatchState(stateFile, { ...state, pending });
    await sweepIncoming(incoming, [...arrivals.map(({ file }) => file.name), ...Object.keys(pending)]);
    for (const arrival of waits.due(arrivals)) {
      if (signal?.aborted === true) return;
      const outcome = await takeArrival(drop, arrival, options);
      tally[outcome] += 1;
      if (outcome === 'failed') waits.failed(arrival);
    }
  } finally {
    await target.transport.close();
  }
}
