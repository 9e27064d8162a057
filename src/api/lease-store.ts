import { isImgkitError } from '../errors.js';
import { resolveLimits } from '../limits.js';
import type { Selection } from '../operations/selection.js';
import type { WriteOptions } from './options.js';

/** What is read from the store stays there until it was read, whatever a `gc` beside it does. In a store that cannot be written to there is none, and no lease. */
export async function leaseStore(selections: readonly Pick<Selection, 'source' | 'root'>[], { storeFolder, limits, signal }: Pick<WriteOptions, 'storeFolder' | 'limits' | 'signal'>): Promise<{ release(): Promise<void> } | undefined> {
  const digests = selections.filter(({ source }) => source.format === 'store').map(({ root }) => root.descriptor.digest);
  if (digests.length === 0) return undefined;
  const { openStore } = await import('../store/store.js');
  const store = await openStore({ folder: storeFolder, limits: resolveLimits(limits) });
  try {
    return await store.lease(digests, { signal });
  } catch (error) {
    if (isReadOnly(error)) return undefined;
    throw error;
  }
}

function isReadOnly(error: unknown): boolean {
  return isImgkitError(error, 'io-failed') && ['EROFS', 'EACCES', 'EPERM'].includes((error.cause as NodeJS.ErrnoException | undefined)?.code ?? '');
}
