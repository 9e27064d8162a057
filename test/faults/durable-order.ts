import { dirname, resolve } from 'node:path';
import type { FaultCommand } from './fault-commands.js';
import type { FaultLab } from './fault-lab.js';
import { traceOf } from './strace.js';

const CALLS = 'write,pwrite64,pwritev,copy_file_range,sendfile,ftruncate,fallocate,fsync,fdatasync,rename,renameat,renameat2,link,linkat,mkdir,mkdirat';

export interface OrderResult {
  /** Final names and folders that were given. */
  readonly names: number;
  /** One line for each broken rule. */
  readonly problems: readonly string[];
}

/**
 * What a power cut could leave, judged from the order of the calls of a run that is not disturbed, for no test can cut the power: a file has its
 * bytes on the disk (fsync) before it has its final name; a folder has its new names on the disk before the end, and before index.json names
 * what is in it. Locks and leases need not outlive their process.
 */
export async function durableOrder(lab: FaultLab, command: FaultCommand): Promise<OrderResult> {
  await command.reset();
  const problems: string[] = [];
  let names = 0;
  /** Files with bytes, and folders with the name that is not on the disk yet. */
  const dirty = new Set<string>();
  const unsynced = new Map<string, string>();
  const give = (path: string): void => {
    names += 1;
    unsynced.set(dirname(path), path);
  };
  for (const { call, paths } of parse(await traceOf(lab, CALLS, command.args), lab)) {
    const [first, second] = paths;
    if (first === undefined || isFleeting(second ?? first, lab)) continue;
    if (call === 'fsync' || call === 'fdatasync') {
      dirty.delete(first);
      unsynced.delete(first);
    } else if (call.startsWith('mkdir')) give(first);
    else if (second === undefined) dirty.add(first);
    else {
      if (dirty.has(first)) problems.push(`${command.name}: ${second} has its name before its bytes are on the disk`);
      if (second.endsWith('/index.json')) for (const [folder, path] of unsynced) if (folder !== dirname(second)) problems.push(`${command.name}: ${second} is there before ${path} is on the disk`);
      give(second);
    }
  }
  for (const [folder, path] of unsynced) problems.push(`${command.name}: ${folder} is not synced after ${path} came into it`);
  return { names, problems };
}

interface TracedCall {
  readonly call: string;
  /** Of the lab, in their order: of a call on a descriptor, one. */
  readonly paths: readonly string[];
}

function* parse(log: string, lab: FaultLab): Generator<TracedCall> {
  for (const [line, call = ''] of log.matchAll(/^(?:\d+ +)?(\w+)\(.*/gm)) {
    if (/ = -1 E/.test(line)) continue;
    const own = line.replaceAll(/AT_FDCWD<[^>]*>/g, '');
    const found = /^(?:\d+ +)?(?:rename|link|mkdir)/.test(line) ? [...own.matchAll(/"([^"]+)"/g)] : [...own.matchAll(/\d+<([^>]+)>/g)].slice(0, 1);
    const paths = found.map(([, path = '']) => resolve(lab.folder, path)).filter((path) => path === lab.folder || path.startsWith(`${lab.folder}/`));
    if (paths.length > 0) yield { call, paths };
  }
}

const isFleeting = (path: string, lab: FaultLab): boolean => /\/\.imgkit(?:\/|$)|\.lock$/.test(path) || path.startsWith(`${lab.path('tmp')}/`);
