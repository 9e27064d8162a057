import { setTimeout as delay } from 'node:timers/promises';
import { runConcurrently } from '../../content/concurrent.js';
import { throwIfInterrupted } from '../../content/interrupted.js';
import { STATEMENT_SUFFIX } from '../../crypto/sign/statement.js';
import { isImgkitError } from '../../errors.js';
import type { RemoteEntry } from '../../transport/transport.js';
import { joinRemote } from '../../transport/remote-name.js';
import type { RemoteTarget } from '../ship/remote-target.js';
import { archivesOf, keyOf, type Arrival } from './find-complete.js';

/** Milliseconds in which an upload that is under way grows. */
const GROWS_WITHIN = 1000;
const AT_ONCE = 8;

/** The watched folder, as one look sees it. */
export interface Drop {
  readonly target: RemoteTarget;
  readonly entries: readonly RemoteEntry[];
  /** Theirs. */
  readonly names: ReadonlySet<string>;
  /** Whether a file, or what stands beside it, is another one by now or gone: asked no sooner than an upload would have grown. */
  hasChanged(arrival: Arrival): Promise<boolean>;
}

/** Lists the folder of `target`; `every` is the time between two looks, milliseconds. Throws as `Transport.list` and `stat`. */
export async function lookAtDrop(target: RemoteTarget, { every, signal }: { readonly every: number; readonly signal?: AbortSignal | undefined }): Promise<Drop> {
  const entries = await describedEntries(target, signal);
  const seenAt = performance.now();
  return {
    target, entries,
    names: new Set(entries.map(({ name }) => name)),
    async hasChanged({ file, key }) {
      const left = Math.max(0, seenAt + Math.min(every, GROWS_WITHIN) - performance.now());
      await delay(left, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
      throwIfInterrupted(signal, `watching ${target.shown}`);
      return keyOf(await describedEntries(target, signal), file.name) !== key;
    },
  };
}

/**
 * The entries of the folder. Where a listing has neither times nor versions, as LIST of FTP, or no sizes either, as the pages of web servers,
 * one file would look like the next of its name, and a half one like a whole one: then the server is asked about archives one by one, about
 * the checksum alone where that tells.
 */
async function describedEntries({ transport, path }: RemoteTarget, signal: AbortSignal | undefined): Promise<readonly RemoteEntry[]> {
  const entries = await transport.list(path, { signal });
  const telling = new Set(archivesOf(entries).flatMap(({ name, size, complete }) => [...(complete ? [`${name}${STATEMENT_SUFFIX}`] : []), ...(complete && size !== undefined ? [] : [name])]));
  const described = Array.from(entries);
  const vague = [...entries.keys()].filter((i) => isVague(entries[i] as RemoteEntry) && telling.has((entries[i] as RemoteEntry).name));
  await runConcurrently(vague, { limit: AT_ONCE, signal }, async (i, stop) => {
    const { name } = entries[i] as RemoteEntry;
    const there = await transport.stat(joinRemote(path, name), { signal: stop }).catch((error: unknown) => {
      // A file that may not be read holds up no other: it stays as the listing has it, and is told when it is its turn.
      if (isImgkitError(error, 'remote-refused')) return undefined;
      throw error;
    });
    if (there !== undefined) described[i] = { ...there, name };
  });
  return described;
}

function isVague({ version, modified }: RemoteEntry): boolean {
  return version === undefined && modified === undefined;
}
