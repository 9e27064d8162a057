import { writeFile } from 'node:fs/promises';
import test from 'ava';
import { inspect, verify } from '../helpers/facts.js';
import { sha256 } from '../helpers/image-builder.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { runOrThrow } from '../helpers/run.js';

const NAME = 'localhost/annotated:1.0';
const ANNOTATIONS = { 'org.opencontainers.image.title': 'An annotated image', 'org.opencontainers.image.version': '1.0', 'org.example.odd': 'a=b, "quoted" grüße' };

let work: Workspace;

const buildah = (...args: readonly string[]): Promise<string> =>
  runOrThrow('buildah', ['--root', work.path('b/root'), '--runroot', work.path('b/run'), '--storage-driver', 'vfs', ...args], { cwd: work.folder, env: { TMPDIR: work.path('tmp') } });

test.before(async () => {
  work = await createWorkspace();
  const container = (await buildah('from', 'scratch')).trim();
  for (const [name, text] of [['one', 'one\n'], ['two', 'two\n']] as const) {
    await writeFile(work.path(name), text);
    await buildah('copy', '--add-history', container, name, `/${name}`);
  }
  await buildah('config', '--label', 'org.example.by=buildah', ...Object.entries(ANNOTATIONS).flatMap(([key, value]) => ['--annotation', `${key}=${value}`]), container);
  await buildah('commit', '--quiet', '--format', 'oci', container, NAME);
  await buildah('push', '--quiet', NAME, `oci-archive:${work.path('built.tar')}:${NAME}`);
});

test.after.always(async () => { await work?.remove(); });

test.serial('an image with annotations is read, and they are shown', async (t) => {
  t.true((await verify(work, 'built.tar')).ok);
  const read = await inspect(work, 'built.tar');
  const raw = await runOrThrow('skopeo', ['inspect', '--raw', `oci-archive:${work.path('built.tar')}`]);
  t.is(read.digest, sha256(raw));
  t.is(read.format, 'oci-archive');
  t.deepEqual(read.names, [NAME]);
  t.is(read.labels?.['org.example.by'], 'buildah');
  const { annotations } = JSON.parse(raw) as { annotations: Record<string, string> };
  for (const [key, value] of Object.entries(ANNOTATIONS)) {
    t.is(annotations[key], value);
    t.is(read.annotations?.[key], value);
  }
  t.deepEqual(read.about.filter(({ from }) => from === 'org.opencontainers.image.title').map(({ value }) => value), ['An annotated image']);
  t.true((await work.ok(['inspect', 'built.tar'])).includes('org.example.odd: a=b, "quoted" grüße\n'));
});

test.serial('annotations survive load, save and the way back into buildah', async (t) => {
  const before = await inspect(work, 'built.tar');
  await work.ok(['load', 'built.tar']);
  await work.ok(['save', `store:${NAME}`, '-o', 'again.tar']);
  const after = await inspect(work, 'again.tar');
  t.is(after.digest, before.digest);
  t.deepEqual(after.names, [NAME]);
  t.is(await runOrThrow('skopeo', ['inspect', '--raw', `oci-archive:${work.path('again.tar')}`]), await runOrThrow('skopeo', ['inspect', '--raw', `oci-archive:${work.path('built.tar')}`]));
  const id = (await buildah('pull', '--quiet', `oci-archive:${work.path('again.tar')}`)).trim();
  t.is(before.imageId, `sha256:${id}`);
});

test.serial('a docker archive of buildah has the same layers', async (t) => {
  await buildah('push', '--quiet', '--format', 'v2s2', NAME, `docker-archive:${work.path('docker.tar')}:${NAME}`);
  t.true((await verify(work, 'docker.tar')).ok);
  const read = await inspect(work, 'docker.tar');
  t.deepEqual(read.names, [NAME]);
  t.is(read.imageId, sha256(await runOrThrow('skopeo', ['inspect', '--config', '--raw', `docker-archive:${work.path('docker.tar')}`])));
  t.deepEqual(read.layers.map(({ diffId }) => diffId), (await inspect(work, 'built.tar')).layers.map(({ diffId }) => diffId));
});
