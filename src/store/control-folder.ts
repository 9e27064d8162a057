import { rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { makeFolder } from '../content/make-private.js';
import { syncFolder } from '../content/sync-folder.js';

/** The `.imgkit` folder inside a layout: lock, leases, unfinished blobs. */
export interface ControlFolder {
  /** The layout it belongs to. */
  readonly layout: string;
  readonly folder: string;
  readonly lock: string;
  readonly leases: string;
  readonly ingest: string;
  /** False for a plain `oci:DIR`, where it goes away with its last user. */
  readonly permanent: boolean;
}

/** Where the control files of the layout in `layout` lie. Touches nothing. */
export function controlFolder(layout: string, options: { readonly permanent: boolean }): ControlFolder {
  const folder = join(layout, '.imgkit');
  return { layout, folder, lock: join(folder, 'lock'), leases: join(folder, 'leases'), ingest: join(folder, 'ingest'), permanent: options.permanent };
}

/**
 * Makes the folder of the layout itself: for us alone when it is a store, as the umask has it otherwise. Where it is new, it lasts through a
 * power cut, with those above it that are. Throws `io-failed` or `disk-full`.
 */
export async function makeLayoutFolder(control: ControlFolder): Promise<void> {
  const first = await makeFolder(control.layout, control.permanent ? 0o700 : 0o777);
  if (first === undefined) return;
  const top = dirname(resolve(first));
  for (let folder = dirname(resolve(control.layout)); folder.length >= top.length; folder = dirname(folder)) {
    await syncFolder(folder);
    if (folder === top) break;
  }
}

/** Removes a folder if it is there and empty. True when it is not there any more. */
export async function removeIfEmpty(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
