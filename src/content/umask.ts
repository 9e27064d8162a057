import { readFile } from 'node:fs/promises';

/**
 * What the permissions of new files lack. Where the system tells it, it is only read: `process.umask()` sets it to 0 for a moment, and what
 * another thread makes then, Node's own for files among them, everybody may change.
 */
export async function currentUmask(): Promise<number> {
  const status = await readFile('/proc/self/status', 'latin1').catch(() => '');
  const [, digits] = /^Umask:\s*([0-7]{1,4})$/m.exec(status) ?? [];
  return digits === undefined ? process.umask() : Number.parseInt(digits, 8);
}
