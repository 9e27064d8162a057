import { resolveLimits } from '../limits.js';
import type { Selection } from '../operations/selection.js';
import type { WriteOptions } from './options.js';

/** What is read from the store stays there until it was read, whatever a `gc` beside it does. */
export async function leaseStore(selections: readonly Pick<Selection, 'source' | 'root'>[], { storeFolder, limits }: WriteOptions): Promise<{ release(): Promise<void> } | undefined> {
  const digests = selections.filter(({ source }) => source.format === 'store').map(({ root }) => root.descriptor.digest);
  if (digests.length === 0) return undefined;
  const { openStore } = await import('../store/store.js');
  return (await openStore({ folder: storeFolder, limits: resolveLimits(limits) })).lease(digests);
}
