import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { makeImage } from '../../samples/make-image.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { run, runOrThrow } from '../helpers/run.js';

const NAME = 'docker.io/library/hello:1.2.0';
let work: Workspace;
let child: ChildProcess;
let socket = '';

const ctr = (...args: readonly string[]): Promise<string> => runOrThrow('ctr', ['--address', socket, ...args], { cwd: work.folder });

test.before(async () => {
  work = await createWorkspace();
  socket = work.path('containerd.sock');
  await writeFile(work.path('config.toml'), [
    'version = 2', `root = "${work.path('root')}"`, `state = "${work.path('state')}"`, `disabled_plugins = ["io.containerd.grpc.v1.cri"]`,
    '[grpc]', `  address = "${socket}"`, '[plugins."io.containerd.internal.v1.opt"]', `  path = "${work.path('opt')}"`, '',
  ].join('\n'));
  child = spawn('containerd', ['--config', work.path('config.toml'), '--log-level', 'error'], { stdio: 'ignore' });
  for (const deadline = Date.now() + 60_000; (await run('ctr', ['--address', socket, 'version'])).code !== 0; await delay(200)) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`containerd did not start (${child.exitCode})`);
  }
  await makeImage({ output: work.path('hello.tar') });
});
test.after.always(async () => {
  if (child?.exitCode === null) {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
  }
  await work?.remove();
});

const written = [
  ['hybrid', []],
  ['hybrid with gzip layers', ['--compress', 'gzip']],
  ['hybrid with zstd layers', ['--compress', 'zstd']],
  ['oci', ['--format', 'oci']],
  ['oci with gzip layers', ['--format', 'oci', '--compress', 'gzip']],
  ['oci with zstd layers', ['--format', 'oci', '--compress', 'zstd']],
  ['docker', ['--format', 'docker']],
] as const;
for (const [title, args] of written) {
  test.serial(`ctr images import gives the full name and the same content: ${title}`, async (t) => {
    // A namespace of its own: names and content of the others are not seen.
    const space = title.replaceAll(' ', '-');
    const file = `${space}.tar`;
    await work.ok(['copy', 'hello.tar', file, ...args]);
    await ctr('--namespace', space, 'images', 'import', '--no-unpack', file);
    t.deepEqual((await ctr('--namespace', space, 'images', 'list', '--quiet')).trim().split('\n'), [NAME]);
    const [, digest = ''] = /(sha256:[0-9a-f]{64})/.exec(await ctr('--namespace', space, 'images', 'list')) ?? [];
    const manifest = JSON.parse(await ctr('--namespace', space, 'content', 'get', digest)) as { config: { digest: string }; layers: { digest: string; size: number }[] };
    t.is(manifest.config.digest, (await work.json<{ imageId: string }>(['inspect', file])).imageId);
    if (title !== 'docker') t.is(digest, (await work.json<{ digest: string }>(['inspect', file])).digest);
    // Everything that the manifest names is there: containerd checked its digest when it came in.
    t.regex(await ctr('--namespace', space, 'images', 'check'), new RegExp(`^${NAME}.* complete \\(3/3\\)`, 'm'));
  });
}

test.serial('what ctr exports is read: an image may be listed under its ID and under its digest as well', async (t) => {
  const { imageId, digest } = await work.json<{ imageId: string; digest: string }>(['inspect', 'hello.tar']);
  await ctr('--namespace', 'export', 'images', 'import', '--no-unpack', 'hello.tar');
  for (const name of [imageId, `docker.io/library/hello@${digest}`]) await ctr('--namespace', 'export', 'images', 'tag', NAME, name);
  await ctr('--namespace', 'export', 'images', 'export', 'exported.tar', NAME, imageId, `docker.io/library/hello@${digest}`);
  const { images } = await work.json<{ images: readonly { names: readonly string[]; imageId: string }[] }>(['list', 'exported.tar']);
  t.deepEqual(images.map(({ names, imageId: id }) => [names[0], names.length, id]), [[NAME, 2, imageId]]);
  await work.ok(['load', 'exported.tar']);
});
