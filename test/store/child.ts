import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('store-child.js', import.meta.url));

export interface Child {
  readonly process: ChildProcess;
  /** Resolves with stdout when the child ended with code 0, else rejects with its stderr. */
  readonly done: Promise<string>;
}

/** Starts store-child.js as a process of its own. Its temporary files go when it ends, also by being killed. */
export function startChild(...args: readonly (string | number)[]): Child {
  const scratch = mkdtempSync(join(tmpdir(), 'imgkit-child-'));
  const child = spawn(process.execPath, [SCRIPT, ...args.map(String)], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: scratch } });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const done = once(child, 'close').then(([code]) => {
    rmSync(scratch, { recursive: true, force: true });
    if (code === 0) return out;
    throw new Error(`${args.join(' ')}: ${String(code)} ${err}`);
  });
  done.catch(() => undefined);
  return { process: child, done };
}

/** Resolves when the child has printed something. */
export async function firstOutput(child: Child): Promise<void> {
  if (child.process.stdout !== null) await Promise.race([once(child.process.stdout, 'data'), child.done]);
}

/** As power cut would: no handler runs. */
export async function killHard(child: Child): Promise<void> {
  child.process.kill('SIGKILL');
  await child.done.catch(() => undefined);
}
