import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, layer, layerTar, pack } from '../helpers/image-builder.js';
import { commandPath, type Workspace } from '../helpers/imgkit.js';
import { run } from '../helpers/run.js';
import { Random } from '../hostile/fuzz-mutations.js';

export interface StoreLoad {
  readonly processes: number;
  /** No round begins after this many milliseconds. */
  readonly milliseconds: number;
  readonly seed: number;
  /** SIGKILL about one command in so many. Default: none. */
  readonly killOneIn?: number;
}

export interface StoreLoadResult {
  readonly commands: number;
  readonly killed: number;
  /** One line for each broken rule. */
  readonly problems: readonly string[];
}

/** Images of different processes share a layer, so that collecting garbage has something to get wrong. */
const SHARED = layer(layerTar('shared', 'x'.repeat(300_000)));

/**
 * Several processes load, tag, save, remove and collect in the one store of `workspace` for a while. What a process loaded and
 * did not remove must be there at the end, whatever the others did, and `imgkit verify store:` must find nothing.
 */
export async function loadStore(workspace: Workspace, load: StoreLoad): Promise<StoreLoadResult> {
  const end = Date.now() + load.milliseconds;
  const result = { commands: 0, killed: 0, problems: [] as string[] };
  const expected = await Promise.all(Array.from({ length: load.processes }, (_, i) => worker(workspace, load, i, end, result)));
  const store = await workspace.imgkit(['verify', 'store:']);
  if (store.code !== 0) result.problems.push(`the store does not verify: ${store.stdout}${store.stderr}`);
  const names = new Set((await workspace.ok(['list', 'store:', '--quiet'])).split('\n').map((line) => line.replace(/@.*$/, '')));
  for (const name of expected.flat()) if (!names.has(name)) result.problems.push(`${name} is lost`);
  await workspace.ok(['gc']);
  for (const name of expected.flat()) await workspace.ok(['verify', name]).catch((error: unknown) => result.problems.push(String(error)));
  return result;
}

/** One process after the other, with images of its own; resolves with the names that must be there. */
async function worker(workspace: Workspace, { seed, killOneIn = 0 }: StoreLoad, number: number, end: number, result: { commands: number; killed: number; readonly problems: string[] }): Promise<readonly string[]> {
  const random = new Random(seed + number);
  const kept = new Set<string>();
  /** Milliseconds that each command took the last time: kills are spread over them. */
  const lasted = new Map<string | undefined, number>();
  for (let round = 0; Date.now() < end || round === 0; round += 1) {
    const name = `w${number}r${round % 5}`;
    const file = workspace.path(`${name}.tar`);
    const tar = pack(hybridParts([named(image(name, { layers: [SHARED, layer(layerTar(`${name}-${round}`, `${round}`.repeat(20_000)))] }), `${name}:1`)]));
    await writeFile(file, tar);
    const full = (tag: string): string => `docker.io/library/${name}:${tag}`;
    const steps: readonly (readonly [args: readonly string[], then: () => void])[] = [
      [['load', file, '--force'], () => kept.add(full('1'))],
      [['tag', `${name}:1`, `${name}:2`, '--force'], () => kept.add(full('2'))],
      [['save', `${name}:2`, '-o', workspace.path(`${name}.out.tar`)], () => undefined],
      ...(random.below(2) === 0 ? [[['rm', `${name}:2`], () => kept.delete(full('2'))] as const] : []),
      ...(random.below(2) === 0 ? [[['gc'], () => undefined] as const] : []),
    ];
    for (const [args, then] of steps) {
      result.commands += 1;
      const twice = killOneIn > 0 && random.below(killOneIn) === 0;
      // It may have ended before or after its work: run it again, and then it is known.
      if (twice && (await killed(workspace, args, random.below(lasted.get(args[0]) ?? 600)))) result.killed += 1;
      const start = Date.now();
      const { code, stderr } = await workspace.imgkit(args);
      lasted.set(args[0], Date.now() - start);
      const gone = twice && args[0] === 'rm' && code === 1;
      if (code === 0 || gone) then();
      else result.problems.push(`${args.join(' ')} exited with ${code}: ${stderr.trim()}`);
    }
  }
  return [...kept];
}

/** Runs a command and ends it with SIGKILL after a while; false when it was faster. */
async function killed(workspace: Workspace, args: readonly string[], after: number): Promise<boolean> {
  const child: ChildProcess = spawn(process.execPath, [commandPath, ...args], { cwd: workspace.folder, stdio: 'ignore', env: { ...process.env, IMGKIT_HOME: workspace.home, TMPDIR: workspace.path('tmp') } });
  const timer = setTimeout(() => child.kill('SIGKILL'), after);
  const signal = await new Promise<string | null>((resolve) => child.once('close', (_, name) => resolve(name)));
  clearTimeout(timer);
  return signal === 'SIGKILL';
}

/** Kilobytes of memory that a command took at most, by GNU time's `%M` or the shell's own `/proc`. */
export async function peakKilobytes(workspace: Workspace, args: readonly string[]): Promise<number> {
  const report = join(workspace.folder, 'time.txt');
  const { code, stderr } = await run('/usr/bin/time', ['-f', '%M', '-o', report, process.execPath, commandPath, ...args, '--progress', 'none'], { cwd: workspace.folder, env: { IMGKIT_HOME: workspace.home, TMPDIR: workspace.path('tmp') }, timeout: 1_200_000 });
  if (code !== 0) throw new Error(`imgkit ${args.join(' ')} exited with ${code}: ${stderr}`);
  const { stdout } = await run('cat', [report]);
  return Number(stdout.trim());
}
