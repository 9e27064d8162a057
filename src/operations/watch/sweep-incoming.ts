import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of a name that all names made of it begin with, after a dot or two. */
const TELLING = 150;

/**
 * Removes from the private folder of a watcher what belongs to none of the `awaited` files: of an upload that was taken away or replaced before
 * it was here nobody will ask again, and it may be large. What cannot be removed now may be at the next look.
 */
export async function sweepIncoming(folder: string, awaited: readonly string[]): Promise<void> {
  const beginnings = awaited.map((name) => Buffer.from(name).subarray(0, TELLING).toString().replace(/\ufffd+$/, ''));
  for (const name of await readdir(folder).catch(() => [])) {
    if (!beginnings.some((each) => name.includes(each))) await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}
