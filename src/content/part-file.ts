import { createHash, randomBytes } from 'node:crypto';
import { readdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isRunning, thisProcess } from './process-identity.js';

/** Bytes of the final name that a part's name repeats: file systems take 255 in all. */
const MOST_NAME = 200;
/** Machine, boot and pid namespace, hashed to that many digits, then the pid, then four that count: 24 in all. */
const DIGITS = { machine: 6, boot: 4, pidNamespace: 4, pid: 6 };
/** The end of the last id. It counts, so that no two ids of this process that are in use are the same; from anywhere, for other threads count too. */
let made = randomBytes(2).readUInt16BE();
const ID = /^([0-9a-f]{6})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{6})[0-9a-f]{4}$/;

/** A fresh private name beside `path` for what is to become it: `.NAME.ID.part`. The ID tells later processes who wrote it. */
export async function newPartPath(path: string): Promise<string> {
  return join(dirname(path), `${prefix(path)}${await newPartId()}.part`);
}

/** 24 digits that tell later processes who wrote what has them in its name, wherever it lies. */
export async function newPartId(): Promise<string> {
  const { machine, boot, pidNamespace } = await origin();
  const pid = process.pid.toString(16).padStart(DIGITS.pid, '0');
  made = (made + 1) % 0x10000;
  return `${machine}${boot}${pidNamespace}${pid}${made.toString(16).padStart(4, '0')}`;
}

/**
 * Who made an id: this process, one that runs, one that is gone, or one of another machine or container, of which nobody can tell from here.
 * Throws `io-failed` when this process cannot find out who it is, for too many files are open.
 */
export async function partWriter(id: string): Promise<'this' | 'running' | 'gone' | 'elsewhere'> {
  const [, machine, boot, pidNamespace, pid = ''] = ID.exec(id) ?? [];
  const here = await origin();
  if (machine !== here.machine) return 'elsewhere';
  if (boot !== here.boot) return 'gone';
  if (pidNamespace !== here.pidNamespace) return 'elsewhere';
  const number = Number.parseInt(pid, 16);
  if (number === process.pid) return 'this';
  return isRunning(number) ? 'running' : 'gone';
}

/**
 * Removes the parts of `path` that processes left which are gone: killed ones, and all from before this machine started. Parts of running
 * processes, of other machines and of other containers stay, for nobody can tell from here. Never throws: what cannot be removed stays.
 */
export async function removeDeadParts(path: string): Promise<void> {
  const folder = dirname(path);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(prefix(path)));
  for (const name of names) {
    const [, id] = /^([0-9a-f]{24})\.part$/.exec(name.slice(prefix(path).length)) ?? [];
    if (id !== undefined && (await partWriter(id).catch(() => 'elsewhere')) === 'gone') await unlink(join(folder, name)).catch(() => undefined);
  }
}

/** The name that a part is to have, for names as {@link newPartPath} makes them. */
export function finalName(part: string): string | undefined {
  return /^\.(.+)\.[0-9a-f]{24}\.part$/s.exec(part)?.[1];
}

async function origin(): Promise<{ readonly machine: string; readonly boot: string; readonly pidNamespace: string }> {
  const { host, machine, boot, pidNamespace } = await thisProcess();
  return { machine: digits(`${host} ${machine}`, DIGITS.machine), boot: digits(boot, DIGITS.boot), pidNamespace: digits(pidNamespace, DIGITS.pidNamespace) };
}

function digits(text: string, count: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, count);
}

function prefix(path: string): string {
  return `.${Buffer.from(basename(path)).subarray(0, MOST_NAME).toString()}.`;
}
