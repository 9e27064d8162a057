import { createHash, randomBytes } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** Names one running process for good: pids are reused, a pid with its start time and boot is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat; empty where there is no /proc. */
  readonly startTime: string;
  readonly host: string;
  /** Tells two machines of one host name apart: a hash of the machine id, which is nobody's business, or of the boot where there is none. */
  readonly machine: string;
  readonly boot: string;
  /** Containers of one host share its boot, not its pids. */
  readonly pidNamespace: string;
}

/** `unknown`: it runs where we cannot look (another machine, another container). */
export type Liveness = 'alive' | 'dead' | 'unknown';

let own: Promise<ProcessIdentity> | undefined;

/** The identity of this process. Never throws. */
export function thisProcess(): Promise<ProcessIdentity> {
  own ??= identify();
  return own;
}

/** A name nobody else has: 16 hexadecimal digits. */
export function newNonce(): string {
  return randomBytes(8).toString('hex');
}

/** Whether the process that wrote `identity` still runs. A zombie counts as dead: it cannot hold anything any more. */
export async function liveness(identity: ProcessIdentity): Promise<Liveness> {
  const me = await thisProcess();
  if (identity.host !== me.host || identity.machine !== me.machine) return 'unknown';
  if (identity.boot !== me.boot) return 'dead';
  if (identity.pidNamespace !== me.pidNamespace) return 'unknown';
  if (identity.startTime !== '') return (await startTimeOf(identity.pid)) === identity.startTime ? 'alive' : 'dead';
  return isRunning(identity.pid) ? 'alive' : 'dead';
}

/** `value`, read from a file of ours, when it has the shape of an identity. */
export function asProcessIdentity(value: unknown): ProcessIdentity | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, startTime, host, machine, boot, pidNamespace } = value as Record<string, unknown>;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (typeof startTime !== 'string' || typeof host !== 'string' || typeof machine !== 'string') return undefined;
  if (typeof boot !== 'string' || typeof pidNamespace !== 'string') return undefined;
  return { pid, startTime, host, machine, boot, pidNamespace };
}

async function identify(): Promise<ProcessIdentity> {
  const [startTime, machineId, boot, pidNamespace] = await Promise.all([
    startTimeOf(process.pid),
    text(() => readFile('/etc/machine-id', 'utf8')),
    text(() => readFile('/proc/sys/kernel/random/boot_id', 'utf8')),
    text(() => readlink('/proc/self/ns/pid')),
  ]);
  return { pid: process.pid, startTime, host: hostname(), machine: machineName(machineId, boot), boot, pidNamespace };
}

/** Images of machines often come with an empty id: then another boot may be another machine, whose processes are not to be judged from here. */
export function machineName(machineId: string, boot: string): string {
  const known = machineId === '' ? boot : machineId;
  return known === '' ? '' : createHash('sha256').update(`imgkit ${known}`).digest('hex').slice(0, 12);
}

/** Empty when there is no such process, it is a zombie, or there is no /proc. */
async function startTimeOf(pid: number): Promise<string> {
  const stat = await text(() => readFile(`/proc/${String(pid)}/stat`, 'latin1'));
  // The command name, in parentheses, may hold anything, spaces and parentheses included.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  return state === 'Z' || state === 'X' ? '' : (fields[19] ?? '');
}

/** True when `pid` is taken, by whichever process. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function text(read: () => Promise<string>): Promise<string> {
  try {
    return (await read()).trim();
  } catch {
    return '';
  }
}
