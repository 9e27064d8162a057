import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, layer, layerTar, pack } from '../helpers/image-builder.js';
import { commandPath, createWorkspace, type Workspace } from '../helpers/imgkit.js';

/** A workspace with an archive of some megabytes that do not compress, under a name of its own folder. */
export interface FaultLab extends Workspace {
  readonly input: string;
  /** A folder with nothing in it, for output. */
  readonly output: string;
  /** Starts `imgkit` without waiting for it. */
  start(args: readonly string[]): ChildProcess;
  /** Everything below the output folder and TMPDIR. */
  leftovers(): Promise<readonly string[]>;
}

export async function faultLab(t: ExecutionContext, mebibytes = 12): Promise<FaultLab> {
  const workspace = await createWorkspace();
  t.teardown(() => workspace.remove());
  const input = workspace.path('input.tar');
  const output = workspace.path('output');
  await mkdir(output);
  const layers = [1, 2, 3].map((i) => layer(layerTar(`part${i}`, randomBytes((mebibytes / 3) * 1024 * 1024))));
  await writeFile(input, pack(hybridParts([named(image('big', { layers }), 'big:1')])));
  return {
    ...workspace, input, output,
    start: (args) => spawn(process.execPath, [commandPath, ...args], {
      cwd: workspace.folder, stdio: 'ignore', env: { ...process.env, IMGKIT_HOME: workspace.home, TMPDIR: workspace.path('tmp') },
    }),
    leftovers: async () => [...(await readdir(output, { recursive: true })), ...(await readdir(workspace.path('tmp'), { recursive: true }))],
  };
}

/** Resolves as soon as `folder` holds a file below it whose path matches; undefined when the child ended before. */
export async function appears(folder: string, pattern: RegExp, child: ChildProcess): Promise<string | undefined> {
  while (child.exitCode === null && child.signalCode === null) {
    const found = (await readdir(folder, { recursive: true }).catch(() => [])).find((path) => pattern.test(path));
    if (found !== undefined) return found;
    await sleep(1);
  }
  return undefined;
}

/** The exit code, or the signal that ended it. */
export async function ended(child: ChildProcess): Promise<number | string> {
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once('close', resolve));
  return child.exitCode ?? child.signalCode ?? 'unknown';
}

/** A file system of `mebibytes` at `folder`, gone with the test; false where this user may not mount one. */
export function mountSmall(t: ExecutionContext, folder: string, mebibytes: number): boolean {
  mkdirSync(folder, { recursive: true });
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
  if (status !== 0) {
    t.log('not allowed to mount a tmpfs here; the same faults are made with ulimit -f in the next tests');
    t.pass();
    return false;
  }
  t.teardown(() => spawnSync('umount', ['-l', folder], { stdio: 'ignore' }));
  return true;
}

/** Files in the store's folder for unfinished blobs. */
export async function ingesting(lab: FaultLab): Promise<readonly string[]> {
  return readdir(join(lab.store, '.imgkit/ingest'), { recursive: true }).catch(() => []);
}
