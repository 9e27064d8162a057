import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fromSystemError } from '../errors.js';

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

/** Makes the folder of the layout itself: for us alone when it is a store, as the umask has it otherwise. Throws `io-failed` or `disk-full`. */
export async function makeLayoutFolder(control: ControlFolder): Promise<void> {
  try {
    await mkdir(control.layout, { recursive: true, mode: control.permanent ? 0o700 : 0o777 });
  } catch (error) {
    throw fromSystemError(error, control.layout, 'making the folder');
  }
}

/** Makes a folder under the control folder, 0700, and its parents. Throws `io-failed` or `disk-full`. */
export async function makePrivate(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw fromSystemError(error, folder, 'making the folder');
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
