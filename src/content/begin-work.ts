import { setMaxListeners } from 'node:events';
import { throwIfInterrupted } from './interrupted.js';

/**
 * What every call of the facade does first with its `signal`: throws `interrupted` when it was aborted before, and lets any number of
 * listeners wait for it. Many calls may share one; Node 20 would warn of a leak on standard error, where later ones do not.
 */
export function beginWork(signal: AbortSignal | undefined): void {
  throwIfInterrupted(signal, 'starting');
  if (signal !== undefined) setMaxListeners(0, signal);
}
