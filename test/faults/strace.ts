import { readFile, rm } from 'node:fs/promises';
import { commandPath } from '../helpers/imgkit.js';
import { run, type RunOptions } from '../helpers/run.js';
import type { FaultLab } from './fault-lab.js';
import { runWithTracedPool } from './traced-pool.js';

/**
 * A kind of fault: which calls fail, and how. Only calls on the lab's files count: what Node does for itself is not ours to tell.
 * `write` is none of them: Node wakes its main thread with it, and imgkit writes to files at a place, with `pwrite64`.
 */
export interface InjectedFault {
  readonly calls: string;
  readonly effect: string;
  /** Only calls that look like this in the trace. Default: all. */
  readonly only?: RegExp;
  /** Names that Node also calls for itself, all the time: watched in the one thread of its asynchronous file calls only. */
  readonly pool?: true;
}

const WRITING = 'pwrite64,pwritev,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,ftruncate';
const CREATING = /^(?!openat)|O_CREAT/;

/** Every call that changes what is on the disk. */
export const KILLED: readonly InjectedFault[] = [
  { calls: WRITING, effect: 'signal=KILL' },
  { calls: 'openat,fchmod,rmdir', effect: 'signal=KILL', only: CREATING, pool: true },
];
export const FAILING: readonly InjectedFault[] = [
  { calls: 'pwrite64,pwritev', effect: 'error=ENOSPC' },
  { calls: 'pwrite64,pwritev', effect: 'error=EIO' },
  // A write of nothing, which is no error: the shortest of short writes.
  { calls: 'pwrite64,pwritev', effect: 'retval=0' },
  { calls: 'pread64,preadv', effect: 'error=EIO' },
  { calls: 'pread64,read,getdents64', effect: 'error=EIO', pool: true },
  { calls: 'fsync,fdatasync', effect: 'error=EIO' },
  { calls: 'rename,renameat,renameat2,link,linkat', effect: 'error=EXDEV' },
  { calls: 'mkdir,rename,renameat,renameat2,link,linkat', effect: 'error=EROFS' },
  { calls: 'mkdir,ftruncate', effect: 'error=ENOSPC' },
  { calls: 'unlink,unlinkat', effect: 'error=EIO' },
  { calls: 'openat', effect: 'error=EMFILE', pool: true },
  { calls: 'openat', effect: 'error=EROFS', only: CREATING, pool: true },
  { calls: 'close', effect: 'error=EIO', pool: true },
  { calls: 'statx,fchmod', effect: 'error=EACCES', pool: true },
];

export interface Injected {
  /** 137 when it was killed. */
  readonly code: number;
  /** On standard output and error; `send` tells what became of each target on the first. */
  readonly said: string;
  /** False when there were fewer calls than that, or another one was hit. */
  readonly hit: boolean;
}

/** One call of a run: strace counts for each name, and each thread, by itself. */
export interface Call {
  readonly name: string;
  readonly when: number;
}

/** Runs `imgkit` with that call failing. */
export async function runInjected(lab: FaultLab, { name, when }: Call, { effect, pool }: InjectedFault, args: readonly string[]): Promise<Injected> {
  const { code, said, log } = await traced(lab, name, ['-e', `inject=${name}:${effect}:when=${when}`], args, pool === true);
  const injected = log.split('\n').filter((line) => line.includes('(INJECTED)'));
  return { code, said, hit: code === 137 || (injected.length > 0 && injected.every((line) => touches(lab, line))) };
}

/** The calls of `fault` that a run makes that is not disturbed, in their order. */
export async function callsOf(lab: FaultLab, { calls, only, pool }: InjectedFault, args: readonly string[]): Promise<readonly Call[]> {
  const { code, said, log } = await traced(lab, calls, [], args, pool === true);
  if (code !== 0) throw new Error(`imgkit ${args.join(' ')} exited with ${code}: ${said}`);
  const counts = new Map<string, number>();
  const found = new Map<string, Call>();
  for (const [line, thread = '', name = ''] of log.matchAll(/^(?:(\d+) +)?(\w+)\(.*/gm)) {
    const when = (counts.get(`${thread} ${name}`) ?? 0) + 1;
    counts.set(`${thread} ${name}`, when);
    if (touches(lab, line) && only?.test(line.slice(line.indexOf(name))) !== false) found.set(`${name} ${when}`, { name, when });
  }
  return [...found.values()];
}

/** What strace says of `calls` in a run that is not disturbed. */
export async function traceOf(lab: FaultLab, calls: string, args: readonly string[]): Promise<string> {
  const { code, said, log } = await traced(lab, calls, [], args, false);
  if (code !== 0) throw new Error(`imgkit ${args.join(' ')} exited with ${code}: ${said}`);
  return log;
}

/** Every path starts from the working folder, which is the lab's too. */
function touches(lab: FaultLab, line: string): boolean {
  return line.replaceAll(/AT_FDCWD<[^>]*>/g, '').includes(lab.folder);
}

async function traced(lab: FaultLab, calls: string, more: readonly string[], args: readonly string[], pool: boolean): Promise<{ readonly code: number; readonly said: string; readonly log: string }> {
  const file = lab.path('strace.log');
  const trace = ['-qq', '-y', '-s', '0', '-o', file, '-e', `trace=${calls}`, ...more];
  const command = [commandPath, ...args, '--progress', 'none'];
  const settings: RunOptions = { cwd: lab.folder, env: { IMGKIT_HOME: lab.home, TMPDIR: lab.path('tmp'), UV_THREADPOOL_SIZE: '1', UV_USE_IO_URING: '0' } };
  // bash turns the signal into an exit code. No --seccomp-bpf: with it strace 6.1 injects no signals.
  const { code, stdout, stderr } = pool
    ? await runWithTracedPool(trace, command, settings)
    : await run('bash', ['-c', 'strace "$@"; exit $?', 'bash', '-f', ...trace, process.execPath, ...command], settings);
  const log = await readFile(file, 'utf8').catch(() => '');
  await rm(file, { force: true });
  return { code, said: `${stdout}${stderr}`, log };
}
