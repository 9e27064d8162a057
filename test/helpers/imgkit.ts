import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, runOrThrow, type RunOptions, type RunResult } from './run.js';

/** The command as an installation brings it. */
export const commandPath = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

/** A temporary folder with a store of its own, and the command set up to use it. */
export interface Workspace {
  readonly folder: string;
  /** `IMGKIT_HOME`. */
  readonly home: string;
  /** The store's OCI layout. */
  readonly store: string;
  path(name: string): string;
  /** Runs `imgkit` and resolves with its exit code, whatever it is. */
  imgkit(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Runs `imgkit`, which must exit with 0; resolves with its stdout. */
  ok(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Runs `imgkit ... --json`, which must exit with 0; resolves with the document. */
  json<T>(args: readonly string[], options?: RunOptions): Promise<T>;
  /** Runs a line of bash in the folder, with `imgkit` on the PATH; any failing part of a pipe fails it. */
  shell(line: string, options?: RunOptions): Promise<RunResult>;
  remove(): Promise<void>;
}

export async function createWorkspace(): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), 'imgkit-peer-'));
  const home = join(folder, 'home');
  const bin = join(folder, 'bin');
  const temp = join(folder, 'tmp');
  await Promise.all([mkdir(bin), mkdir(temp)]);
  await symlink(commandPath, join(bin, 'imgkit'));
  await symlink(process.execPath, join(bin, 'node'));
  const settings = (options: RunOptions): RunOptions => ({
    cwd: folder,
    ...options,
    env: { IMGKIT_HOME: home, TMPDIR: temp, NO_COLOR: '1', PATH: `${bin}:${process.env['PATH'] ?? ''}`, ...options.env },
  });
  const ok = (args: readonly string[], options: RunOptions = {}): Promise<string> => runOrThrow(process.execPath, [commandPath, ...args], settings(options));
  return {
    folder, home, ok,
    store: join(home, 'store'),
    path: (name) => join(folder, name),
    imgkit: (args, options = {}) => run(process.execPath, [commandPath, ...args], settings(options)),
    json: async <T>(args: readonly string[], options: RunOptions = {}) => JSON.parse(await ok([...args, '--json'], options)) as T,
    shell: (line, options = {}) => run('bash', ['-o', 'pipefail', '-c', line], settings(options)),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** `sha256:<hex>` of a file. */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return `sha256:${hash.digest('hex')}`;
}
