import { readFile, rm } from 'node:fs/promises';
import { commandPath } from '../helpers/imgkit.js';
import { run } from '../helpers/run.js';
import type { FaultLab } from './fault-lab.js';

/** A kind of fault: which calls fail, and how. Not `write`: Node wakes its own threads with it; at a place we write with `pwrite64`. */
export interface InjectedFault {
  readonly calls: string;
  readonly effect: string;
}

const WRITING = 'pwrite64,pwritev,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,ftruncate';
export const KILLED: InjectedFault = { calls: WRITING, effect: 'signal=KILL' };
export const FAILING: readonly InjectedFault[] = [
  { calls: 'pwrite64,pwritev', effect: 'error=ENOSPC' },
  { calls: 'pwrite64,pwritev', effect: 'error=EIO' },
  { calls: 'pread64,preadv', effect: 'error=EIO' },
  { calls: 'fsync,fdatasync', effect: 'error=EIO' },
  { calls: 'rename,renameat,renameat2,link,linkat', effect: 'error=EXDEV' },
  { calls: 'mkdir,rename,renameat,renameat2,link,linkat', effect: 'error=EROFS' },
  { calls: 'mkdir,ftruncate', effect: 'error=ENOSPC' },
];

export interface Injected {
  /** 137 when it was killed. */
  readonly code: number;
  readonly stderr: string;
  /** False when there were fewer calls than that. */
  readonly hit: boolean;
}

/** One call of a run: strace counts for each name, and each thread, by itself. */
export interface Call {
  readonly name: string;
  readonly when: number;
}

/** Runs `imgkit` with that call failing. */
export async function runInjected(lab: FaultLab, { name, when }: Call, effect: string, args: readonly string[]): Promise<Injected> {
  const { code, stderr, log } = await traced(lab, name, ['-e', `inject=${name}:${effect}:when=${when}`], args);
  return { code, stderr, hit: /\(INJECTED\)|killed by SIGKILL/.test(log) };
}

/** The calls that a run makes that is not disturbed, in their order. */
export async function callsOf(lab: FaultLab, calls: string, args: readonly string[]): Promise<readonly Call[]> {
  const { code, stderr, log } = await traced(lab, calls, [], args);
  if (code !== 0) throw new Error(`imgkit ${args.join(' ')} exited with ${code}: ${stderr}`);
  const counts = new Map<string, number>();
  const found = new Map<string, Call>();
  for (const [, thread = '', name = ''] of log.matchAll(/^(\d+) +(\w+)\(/gm)) {
    const when = (counts.get(`${thread} ${name}`) ?? 0) + 1;
    counts.set(`${thread} ${name}`, when);
    found.set(`${name} ${when}`, { name, when });
  }
  return [...found.values()];
}

async function traced(lab: FaultLab, calls: string, more: readonly string[], args: readonly string[]): Promise<{ readonly code: number; readonly stderr: string; readonly log: string }> {
  const file = lab.path('strace.log');
  const trace = ['-f', '-qq', '-o', file, '-e', `trace=${calls}`, ...more];
  // bash turns the signal into an exit code.
  const { code, stderr } = await run('bash', ['-c', 'strace "$@"; exit $?', 'bash', ...trace, process.execPath, commandPath, ...args, '--progress', 'none'], {
    cwd: lab.folder, env: { IMGKIT_HOME: lab.home, TMPDIR: lab.path('tmp'), UV_THREADPOOL_SIZE: '1' },
  });
  const log = await readFile(file, 'utf8').catch(() => '');
  await rm(file, { force: true });
  return { code, stderr, log };
}
