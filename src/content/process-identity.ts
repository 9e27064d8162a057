import { createHash, randomBytes } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { fromSystemError } from '../errors.js';

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

/** What reading says where a process is gone, or a system has no such file. Anything else, too few descriptors say, tells nothing about a process. */
const ABSENT = new Set(['ENOENT', 'ESRCH', 'ENOTDIR', 'EACCES', 'EPERM', 'EINVAL', 'ENOSYS']);

let own: Promise<ProcessIdentity> | undefined;

/** The identity of this process. Throws `io-failed` when it cannot be found out now, for too many files are open. */
export async function thisProcess(): Promise<ProcessIdentity> {
  own ??= identify();
  try {
    return await own;
  } catch (error) {
    own = undefined;
    throw error;
  }
}

/** A name nobody else has: 16 hexadecimal digits. */
export function newNonce(): string {
  return randomBytes(8).toString('hex');
}

/**
 * Whether the process that wrote `identity` still runs. A zombie counts as dead: it cannot hold anything any more. Throws `io-failed` when
 * that cannot be found out now, so that nothing of a living process is taken for a dead one's.
 */
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
  // One after the other: they then need one free descriptor, and not four.
  const startTime = await startTimeOf(process.pid);
  const machineId = await text('/etc/machine-id');
  const boot = await text('/proc/sys/kernel/random/boot_id');
  const pidNamespace = await text('/proc/self/ns/pid', readlink);
  return { pid: process.pid, startTime, host: hostname(), machine: machineName(machineId, boot), boot, pidNamespace };
}

/** Images of machines often come with an empty id: then another boot may be another machine, whose processes are not to be judged from here. */
export function machineName(machineId: string, boot: string): string {
  const known = machineId === '' ? boot : machineId;
  return known === '' ? '' : createHash('sha256').update(`imgkit ${known}`).digest('hex').slice(0, 12);
}

/** Empty when there is no such process, it is a zombie, or there is no /proc. */
async function startTimeOf(pid: number): Promise<string> {
  const stat = await text(`/proc/${String(pid)}/stat`);
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

/** Latin-1, for the name of a command is any bytes. */
async function text(path: string, read: (path: string, encoding: 'latin1') => Promise<string> = readFile): Promise<string> {
  try {
    return (await read(path, 'latin1')).trim();
  } catch (error) {
    if (ABSENT.has((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw fromSystemError(error, path, 'finding out which processes run');
  }
}
