import { open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../content/sync-folder.js';
import { writeFully } from '../content/write-fully.js';
import { fromSystemError } from '../errors.js';
import type { ControlFolder } from './control-folder.js';

/**
 * Replaces the file `name` of the layout, whole or not at all, and makes that durable. Call it under the lock: thanks to it the draft can
 * have one fixed name in the control folder, which the next writer reuses when this one is killed. Throws `disk-full` or `io-failed`.
 */
export async function replaceFile(control: ControlFolder, name: string, text: string): Promise<void> {
  const draft = join(control.folder, `${name}.draft`);
  const target = join(control.layout, name);
  try {
    const handle = await open(draft, 'w', 0o600);
    try {
      await writeFully(handle, Buffer.from(text), 0, target);
      await handle.chmod(0o644);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, target);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw fromSystemError(error, target, 'writing it');
  }
  await syncFolder(control.layout);
}
