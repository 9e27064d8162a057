import { isImgkitError } from '../../errors.js';
import { removeQuietly, type RemoteTarget } from './remote-target.js';

/** Milliseconds that the look after a failure may take. */
const PATIENCE = 10_000;

export interface OrNothingOptions {
  /** Something may have had the name before: then it is left alone. */
  readonly force: boolean;
  /** A file of this size may stay, for it can be all of it. */
  readonly size?: number | undefined;
}

/**
 * `work`, which writes a file straight to its final name, where the server cannot rename. Most such servers show it when it is complete; one
 * that shows a part, or other bytes, is rid of it again: the name was free, and nobody shall take that for the file.
 */
export async function orNothing<T>(target: RemoteTarget, { force, size }: OrNothingOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { transport, path, presigned } = target;
    if (force || presigned || isImgkitError(error, 'remote-refused', 'login-failed', 'host-untrusted', 'file-not-found', 'network-unreachable')) throw error;
    const there = await transport.stat(path, { signal: AbortSignal.timeout(PATIENCE) }).catch(() => undefined);
    if (there?.kind === 'file' && (size === undefined || there.size !== size || isImgkitError(error, 'digest-mismatch'))) await removeQuietly(target, path);
    throw error;
  }
}
