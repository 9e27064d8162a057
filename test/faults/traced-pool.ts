import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { RunOptions, RunResult } from '../helpers/run.js';

/** The program waits here until it is watched: see wait-for-tracer.ts. */
const GATE = new URL('./wait-for-tracer.js', import.meta.url).href;

/**
 * Runs `node` with `args`, while `strace` with `trace` watches the one thread that makes its asynchronous file calls, from the
 * first line of the program on. Unlike `strace -f` it sees nothing of Node's own start, so a count of calls is one of the program's.
 */
export async function runWithTracedPool(trace: readonly string[], args: readonly string[], { cwd, env }: RunOptions): Promise<RunResult> {
  const child = spawn(process.execPath, ['--import', GATE, ...args], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const ended = exitCode(child);
  const [stdout, stderr] = [text(child.stdout as Readable), text(child.stderr as Readable)];
  const thread = await text(child.stdio[3] as Readable);
  if (!/^\d+$/.test(thread)) throw new Error(`node ended before it could be watched: ${await stderr}`);
  const tracer = spawn('strace', [...trace, '-p', thread], { stdio: ['ignore', 'ignore', 'pipe'] });
  const complaints = text(tracer.stderr as Readable);
  const traced = exitCode(tracer);
  const code = await ended;
  await traced;
  if (code === 97) throw new Error(`strace did not come: ${await complaints}`);
  return { code, stdout: await stdout, stderr: await stderr };
}

/** As a shell has it: 137 for SIGKILL. */
async function exitCode(child: ChildProcess): Promise<number> {
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return code ?? (signal === 'SIGKILL' ? 137 : 128);
}
