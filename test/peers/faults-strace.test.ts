import { access, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { faultLab, type FaultLab } from '../faults/fault-lab.js';
import { commandPath } from '../helpers/imgkit.js';
import { run, type RunResult } from '../helpers/run.js';

/**
 * Kinds of failing calls. Not `write`: Node wakes its own threads with it; what we write at a place is `pwrite64`. Short
 * writes are made with ulimit -f (test/faults): strace's `retval` skips the call, so it makes a disk that lies.
 */
const FAULTS = [
  'pwrite64,pwritev:error=ENOSPC', 'fsync,fdatasync:error=EIO', 'rename,renameat,renameat2:error=EXDEV',
  'pwrite64,fsync,rename,unlink:signal=KILL', 'unlink:error=EIO',
] as const;
/** The last call is known by a run that is not hit; this ends a sweep that never comes to it. */
const MOST_CALLS = 60;

/** The first calls one by one, then every fourth: `npm run campaign` takes them all. */
function next(when: number): number {
  return when < 6 ? when + 1 : when + 4;
}

/** Runs `imgkit` with its `when`th call of that kind failing. */
async function runInjected(lab: FaultLab, inject: string, when: number, args: readonly string[]): Promise<RunResult & { readonly hit: boolean }> {
  const log = lab.path(`strace-${when}.log`);
  const calls = inject.slice(0, inject.indexOf(':'));
  const trace = ['-f', '-qq', '-o', log, '-e', `trace=${calls}`, '-e', `inject=${inject}:when=${when}`];
  const result = await run('bash', ['-c', 'strace "$@"; exit $?', 'bash', ...trace, process.execPath, commandPath, ...args, '--progress', 'none'], {
    cwd: lab.folder, env: { IMGKIT_HOME: lab.home, TMPDIR: lab.path('tmp'), UV_THREADPOOL_SIZE: '1' },
  });
  const text = await readFile(log, 'utf8').catch(() => '');
  await rm(log, { force: true });
  return { ...result, hit: /\(INJECTED\)|killed by SIGKILL/.test(text) };
}

for (const fault of FAULTS) {
  test.serial(`save: every ${fault} in turn: the final name is absent, or verifies`, async (t) => {
    t.timeout(590_000);
    const lab = await faultLab(t, 1.5);
    const path = join(lab.output, 'out.tar');
    let hits = 0;
    for (let when = 1; when <= MOST_CALLS; when = next(when)) {
      const { code, stderr, hit } = await runInjected(lab, fault, when, ['save', lab.input, '-o', path]);
      const there = await access(path).then(() => true, () => false);
      if (there) await lab.ok(['verify', path]);
      if (!hit) break;
      hits += 1;
      if (code === 0) t.true(there);
      t.notRegex(stderr, /\n\s+at /);
      // A folder entry that cannot be removed stays.
      if (code !== 137 && !fault.startsWith('unlink')) t.deepEqual((await readdir(lab.output)).filter((name) => name !== 'out.tar'), [], `call ${when}: ${stderr}`);
      await rm(lab.output, { recursive: true });
      await mkdir(lab.output);
    }
    t.log(`${hits} calls`);
    t.true(hits > 0 || fault.startsWith('unlink'), 'no call was hit');
  });

  test.serial(`load: every ${fault} in turn: the store verifies, and the next load succeeds`, async (t) => {
    t.timeout(590_000);
    const lab = await faultLab(t, 1.5);
    let hits = 0;
    for (let when = 1; when <= MOST_CALLS; when = next(when)) {
      const { code, stderr, hit } = await runInjected(lab, fault, when, ['load', lab.input]);
      if (!hit) break;
      hits += 1;
      t.true(code !== 1 && code !== 3, `call ${when}: ${code}: ${stderr}`);
      t.notRegex(stderr, /\n\s+at /);
      await lab.ok(['load', lab.input]);
      await lab.ok(['verify', 'store:']);
      await rm(lab.home, { recursive: true });
    }
    t.log(`${hits} calls`);
    t.true(hits > 0, 'no call was hit');
  });
}
