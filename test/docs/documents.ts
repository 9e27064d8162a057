import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ExecutionContext } from 'ava';
import { makeImage } from '../../samples/make-image.js';
import { makeIndex } from '../../samples/make-index.js';
import { run, type RunResult } from '../helpers/run.js';

const root = resolve(import.meta.dirname, '../../..');

/** One fenced block of a document. */
export interface Block {
  /** What follows the fence: `sh runnable`. */
  readonly info: string;
  readonly lines: readonly string[];
}

/** README.md and every page under docs and docs/guides, as paths from the root of the project. */
export async function documentNames(): Promise<readonly string[]> {
  return ['README.md', ...(await readdir(join(root, 'docs'), { recursive: true })).filter((name) => name.endsWith('.md')).sort().map((name) => `docs/${name}`)];
}

export function readDocument(name: string): Promise<string> {
  return readFile(join(root, name), 'utf8');
}

export function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(([, info = '', body = '']) => ({ info, lines: body.trimEnd().split('\n') }));
}

/** The rows of every table in `text`, cell by cell, without headings. */
export function rowsOf(text: string): readonly (readonly string[])[] {
  return text.split('\n').filter((line) => line.startsWith('| ')).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
}

/** Runs a line of a document in a shell that knows `imgkit`. */
export type Shell = (line: string) => Promise<RunResult>;

/** A temporary folder with the archives that the documents speak of, and a shell in it. */
export async function openShell(t: ExecutionContext): Promise<Shell> {
  const folder = await mkdtemp(join(tmpdir(), 'imgkit-docs-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const cwd = join(folder, 'work');
  await mkdir(cwd);
  await makeImage({ output: join(cwd, 'hello.tar') });
  await makeImage({ output: join(cwd, 'newer.tar'), version: '1.3.0' });
  await makeIndex({ output: join(cwd, 'multi.oci') });
  await symlink(join(root, 'dist/cli/main.js'), join(folder, 'imgkit'));
  const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, IMGKIT_HOME: join(folder, 'home'), DOCKER_HOST: `unix://${folder}/none.sock` };
  return (line) => run('sh', ['-c', line], { cwd, env });
}
