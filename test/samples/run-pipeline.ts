import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ExecutionContext } from 'ava';
import { makeImage } from '../../samples/make-image.js';
import { inspect, keygen, trustAdd } from '../../src/index.js';
import { run, type RunResult } from '../helpers/run.js';

const NAME = 'registry.acme.example/app';

/** A place where a pipeline finds what it expects on its machine, with a folder as drop server and a store at the far side. */
export interface PipelineLab {
  readonly folder: string;
  /** What the pipelines' variables are here; `docker-daemon:` is an archive, and the store, and docker says what it is told. */
  readonly variables: Readonly<Record<string, string>>;
  run(command: string, args: readonly string[]): Promise<RunResult>;
  /** Throws unless the far side has the image with the labels that the pipeline gives. */
  checkArrival(): Promise<void>;
}

export async function openPipelineLab(t: ExecutionContext): Promise<PipelineLab> {
  const folder = await mkdtemp(join(tmpdir(), 'imgkit-pipeline-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const path = (name: string): string => join(folder, name);
  for (const name of ['bin', 'work', 'drop']) await mkdir(path(name));
  await symlink(resolve(import.meta.dirname, '../../cli/main.js'), path('bin/imgkit'));
  await writeFile(path('bin/docker'), '#!/bin/sh\necho "docker $*"\n', { mode: 0o755 });
  await makeImage({ output: path('work/built.tar') });
  await keygen({ type: 'ssh', folder: path('keys'), name: 'release' });
  await trustAdd({ folder: path('trust'), files: [path('keys/release.pub')], identity: 'release@acme.example' });
  await copyFile(path('keys/release'), path('keys/drop'));
  const REVISION = '0123456789abcdef0123456789abcdef01234567';
  const variables = {
    NAME, VERSION: 'v1.2.0', REVISION, GIT_COMMIT: REVISION, BUILD_ID: '4711',
    SOURCE: 'built.tar', DROP: `file://${path('drop')}/`, INTO: 'store:', TRUST: path('trust'), QUARANTINE: path('refused'),
    SIGNING_KEY: path('keys/release'), SSH_KEY: path('keys/drop'), DROP_SSH_KEY: path('keys/drop'), KNOWN_HOSTS: path('known_hosts'), KEYS: path('work/temporary'),
  };
  const env = { ...variables, PATH: `${path('bin')}:${process.env['PATH'] ?? ''}`, IMGKIT_HOME: path('home'), TMPDIR: folder };
  return {
    folder, variables,
    run: (command, args) => run(command, args, { cwd: path('work'), env }),
    async checkArrival() {
      const { about, names } = await inspect({ location: `store:${NAME}:v1.2.0`, storeFolder: path('home/store') });
      const labels = new Map(about.map(({ field, value }) => [field, value]));
      t.deepEqual(names, [`${NAME}:v1.2.0`]);
      t.deepEqual([labels.get('version'), labels.get('revision')], ['v1.2.0', REVISION]);
    },
  };
}
