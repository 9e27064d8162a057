import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** The processes below `pid`, those of other groups and sessions too; none when it is undefined. */
export async function descendants(pid: number | undefined): Promise<readonly number[]> {
  if (pid === undefined) return [];
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    // The name of the program, in brackets, may hold brackets and spaces.
    const [, parent] = status.slice(status.lastIndexOf(')') + 2).split(' ');
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const found = [pid];
  for (const each of found) found.push(...[...parents].filter(([, parent]) => parent === each).map(([child]) => child));
  return found.slice(1);
}

/** Waits until a server has ended the processes of all its sessions, which write what they still hold after a connection was cut. */
export async function sessionsEnded(pid: number | undefined): Promise<void> {
  for (const deadline = Date.now() + 30_000; (await descendants(pid)).length > 0; await delay(10)) {
    if (Date.now() > deadline) throw new Error(`process ${pid} still has sessions: ${(await descendants(pid)).join(', ')}`);
  }
}
