import type { ChildProcess } from 'node:child_process';
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

/**
 * SIGKILL for a process and everything below it, and for its group when it leads one (`detached`): sessions of servers may be in groups of
 * their own. Waits for the end of all: one that is still dying holds its sockets, so that what connects meanwhile is reset, not refused.
 */
export async function killTree(child: ChildProcess): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) resolve();
    else child.once('exit', () => resolve());
  });
  const below = await descendants(child.pid);
  if (child.pid !== undefined) for (const pid of [-child.pid, child.pid, ...below]) killNow(pid);
  await ended;
  for (const deadline = Date.now() + 30_000; (await running(below)).length > 0; await delay(5)) {
    if (Date.now() > deadline) throw new Error(`killed, and still there: ${(await running(below)).join(', ')}`);
  }
}

/** Those that are there and have not ended; what nobody has waited for yet has ended. */
async function running(pids: readonly number[]): Promise<readonly number[]> {
  const states = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => /\) [^ZX]/.test(states[index] ?? ''));
}

/** SIGKILL, for a group when negative; never mind whether it is there. */
export function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended, or leads no group.
  }
}
