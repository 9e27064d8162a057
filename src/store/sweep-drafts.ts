import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbandoned, readLockFile, removeAbandoned } from '../content/lock-file.js';
import { finalName, removeDeadParts } from '../content/part-file.js';
import type { ControlFolder } from './control-folder.js';

/**
 * Removes what killed processes left beside the lock: drafts, and rights to remove a lock that is gone. Call it under the lock, and before
 * writing any draft of one's own. Files of running processes stay.
 */
export async function sweepDrafts(control: ControlFolder): Promise<void> {
  for (const name of await readdir(control.folder)) {
    const path = join(control.folder, name);
    const final = finalName(name);
    if (final !== undefined) await removeDeadParts(join(control.folder, final));
    // `index.json.draft` and the like belong to whoever holds the lock, and that is the caller.
    if (name.endsWith('.draft')) await unlink(path).catch(() => undefined);
    const holder = name.startsWith('break-') ? await readLockFile(path) : undefined;
    if (holder !== undefined && (await isAbandoned(holder))) await removeAbandoned(path, holder);
  }
}
