import { readFile, writeFile } from 'node:fs/promises';
import test from 'ava';
import { containerListing } from '../helpers/container-listing.js';
import { docker, startDockerd, type Dockerd } from '../helpers/dockerd.js';
import { buildBusyboxImages, type BusyboxImages } from '../helpers/engine-image.js';
import { inspect, verify, type Historied, type Listed, type Moved } from '../helpers/facts.js';
import { sha256 } from '../helpers/image-builder.js';
import { createWorkspace, fileSha256, type Workspace } from '../helpers/imgkit.js';
import { runOrThrow } from '../helpers/run.js';

let work: Workspace;
/** Where the images were built, and a clean engine that loads them. */
let builder: Dockerd;
let receiver: Dockerd;
let images: BusyboxImages;
let all: readonly string[];
let listings: ReadonlyMap<string, readonly string[]>;

const full = (name: string): string => `docker.io/${name}`;
const at = ({ host }: Dockerd): { env: Record<string, string> } => ({ env: { DOCKER_HOST: host } });

async function idsIn(engine: Dockerd, names: readonly string[]): Promise<readonly string[]> {
  const ids = await docker(engine.host, ['image', 'inspect', '--format', '{{.Id}}', ...names]);
  return ids.trim().split('\n');
}

async function namesIn(engine: Dockerd): Promise<readonly string[]> {
  const lines = await docker(engine.host, ['images', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}}']);
  return lines.split('\n').filter((line) => line !== '').sort();
}

async function clear(engine: Dockerd): Promise<void> {
  const ids = new Set((await docker(engine.host, ['images', '--quiet', '--no-trunc'])).split('\n').filter((id) => id !== ''));
  if (ids.size > 0) await docker(engine.host, ['image', 'rm', '--force', ...ids]);
  if ((await docker(engine.host, ['images', '--all', '--quiet'])).trim() !== '') throw new Error('the receiving engine is not clean');
}

test.before(async () => {
  work = await createWorkspace();
  [builder, receiver] = await Promise.all([startDockerd(), startDockerd()]);
  images = await buildBusyboxImages(builder);
  all = [images.base, images.layers, images.shared, images.config, images.whiteout];
  const listed = new Map<string, readonly string[]>();
  for (const name of [images.layers, images.whiteout]) listed.set(name, await containerListing(builder.host, name, work.folder));
  listings = listed;
  await work.ok(['save', ...all.map((name) => `docker-daemon:${name}`), '-o', 'all.tar'], at(builder));
  await work.ok(['copy', 'all.tar', 'zstd.tar', '--compress', 'zstd']);
});

test.after.always(async () => {
  await Promise.all([builder?.stop(), receiver?.stop()]);
  await work?.remove();
});

test.serial('two images that share layers: saved by name, verified, loaded, listed', async (t) => {
  const names = [images.layers, images.shared];
  const ids = await idsIn(builder, names);
  const saved = await work.json<Moved>(['save', ...names.map((name) => `docker-daemon:${name}`), '-o', 'both.tar'], at(builder));
  t.deepEqual(saved.images.map(({ imageId }) => imageId), ids);
  t.deepEqual(saved.images.map(({ names: given }) => given), names.map((name) => [full(name)]));

  await work.ok(['save', ...names.map((name) => `docker-daemon:${name}`), '-o', 'both-again.tar'], at(builder));
  t.is(await fileSha256(work.path('both-again.tar')), await fileSha256(work.path('both.tar')));

  const report = await verify(work, 'both.tar');
  t.true(report.ok);
  t.deepEqual(report.findings.filter(({ status }) => status === 'failed'), []);

  const layers = new Set((await Promise.all(names.map((name) => inspect(work, `both.tar#${name}`)))).flatMap((image) => image.layers.map(({ diffId }) => diffId)));
  const entries = (await runOrThrow('tar', ['-tf', work.path('both.tar')])).trimEnd().split('\n');
  t.is(new Set(entries).size, entries.length);
  // Two configs, two manifests, and every shared layer once.
  t.is(entries.filter((entry) => /^blobs\/sha256\/./.test(entry)).length, 4 + layers.size);

  const loaded = await work.json<Moved>(['load', 'both.tar']);
  t.deepEqual(loaded.images.map(({ imageId }) => imageId), ids);
  const listed = await work.json<Listed>(['list']);
  for (const [i, name] of names.entries()) {
    const found = listed.images.find((image) => image.names.includes(full(name)));
    t.is(found?.imageId, ids[i]);
    t.is((await inspect(work, name)).imageId, ids[i]);
  }
});

test.serial('an image saved by its ID has no name and the same content', async (t) => {
  const [id] = await idsIn(builder, [images.config]);
  for (const written of [id, id?.slice('sha256:'.length, 'sha256:'.length + 12)]) {
    const saved = await work.json<Moved>(['save', `docker-daemon:${written}`, '-o', 'by-id.tar'], at(builder));
    t.deepEqual(saved.images.map(({ names, imageId }) => ({ names, imageId })), [{ names: [], imageId: id }], written);
  }
  t.true((await verify(work, 'by-id.tar')).ok);
  t.is((await inspect(work, 'by-id.tar')).imageId, id);
});

test.serial('inspect says what docker inspect says', async (t) => {
  const [theirs] = JSON.parse(await docker(builder.host, ['image', 'inspect', images.config])) as [{ Id: string; Created: string; Architecture: string; Os: string; Config: Record<string, unknown>; RootFS: { Layers: string[] } }];
  const ours = await inspect(work, `all.tar#${images.config}`);
  t.is(ours.imageId, theirs.Id);
  t.is(ours.created, theirs.Created);
  t.deepEqual({ os: ours.platform?.os, architecture: ours.platform?.architecture }, { os: theirs.Os, architecture: theirs.Architecture });
  t.deepEqual(ours.layers.map(({ diffId }) => diffId), theirs.RootFS.Layers);
  t.deepEqual(ours.labels, theirs.Config['Labels'] as Record<string, string>);
  const config = ours.config as Record<string, unknown>;
  for (const key of ['Env', 'Cmd', 'Entrypoint', 'ExposedPorts', 'Volumes', 'User', 'WorkingDir', 'Healthcheck', 'StopSignal']) {
    t.truthy(theirs.Config[key], key);
    t.deepEqual(config[key], theirs.Config[key], key);
  }
});

for (const key of ['config', 'whiteout'] as const) {
  test.serial(`history agrees with docker history: ${key}`, async (t) => {
    const name = images[key];
    const theirs = (await docker(builder.host, ['history', '--no-trunc', '--human=false', '--format', '{{json .}}', name])).trim().split('\n')
      .map((line) => JSON.parse(line) as { ID: string; CreatedBy: string; CreatedAt: string; Comment: string; Size: string });
    const ours = await work.json<Historied>(['history', `docker-daemon:${name}`], at(builder));
    t.is(ours.lines[0]?.id, theirs[0]?.ID);
    t.deepEqual(new Set(ours.lines.slice(1).map(({ id }) => id)), new Set(['<missing>']));
    t.deepEqual(
      ours.lines.map(({ createdBy, comment, created }) => ({ createdBy, comment: comment ?? '', created: Math.floor(Date.parse(created ?? '') / 1000) })),
      theirs.map(({ CreatedBy, Comment, CreatedAt }) => ({ createdBy: CreatedBy, comment: Comment, created: Date.parse(CreatedAt) / 1000 })),
    );
    // The engine counts the bytes of files, we those of the layer: they agree on which steps have none.
    for (const [i, line] of ours.lines.entries()) {
      if (line.emptyLayer) t.is(theirs[i]?.Size, '0', line.createdBy);
      else t.true(line.size > Number(theirs[i]?.Size), line.createdBy);
    }
  });
}

const variants: readonly (readonly [name: string, args: readonly string[], from?: string])[] = [
  ['hybrid', []],
  ['docker', ['--format', 'docker']],
  ['hybrid with gzip layers', ['--compress', 'gzip']],
  ['docker with gzip around it', ['--format', 'docker', '--compress-archive', 'gzip']],
  ['hybrid of zstd layers made gzip', ['--compress', 'gzip'], 'zstd.tar'],
];
for (const [variant, args, from = 'all.tar'] of variants) {
  test.serial(`docker load reads what we write: ${variant}`, async (t) => {
    const file = `${variant.replaceAll(' ', '-')}.tar`;
    await clear(receiver);
    await work.ok(['copy', from, file, ...args]);
    t.true((await verify(work, file)).ok);
    await docker(receiver.host, ['load', '--input', work.path(file)]);
    t.deepEqual(await namesIn(receiver), [...all].sort());
    t.deepEqual(await idsIn(receiver, all), await idsIn(builder, all));
    for (const [name, listing] of listings) {
      t.true(listing.some((line) => /[a-f0-9]{64} bin\/busybox$/.test(line)));
      t.deepEqual(await containerListing(receiver.host, name, work.folder), listing, name);
    }
  });
}

test.serial('the engine takes an archive, a pipe and a new name through its socket', async (t) => {
  await clear(receiver);
  const loaded = await work.json<Moved>(['load', 'all.tar', '--into', 'docker-daemon:'], at(receiver));
  t.is(loaded.images.length, all.length);
  t.deepEqual(await namesIn(receiver), [...all].sort());
  t.deepEqual(await idsIn(receiver, all), await idsIn(builder, all));
  t.deepEqual(await containerListing(receiver.host, images.whiteout, work.folder), listings.get(images.whiteout) ?? []);

  await work.ok(['copy', `all.tar#${images.shared}`, 'docker-daemon:renamed/app:2'], at(receiver));
  t.deepEqual(await idsIn(receiver, ['renamed/app:2']), await idsIn(builder, [images.shared]));

  const piped = await work.shell(`DOCKER_HOST=${builder.host} imgkit save docker-daemon:${images.layers} -o - | imgkit load - --into docker-daemon:`, at(receiver));
  t.is(piped.code, 0, piped.stderr);
});

test.serial('what an engine cannot hold is left out, and told: a name with a digest, an artifact', async (t) => {
  await work.ok(['save', `docker-daemon:${images.base}`, '-o', 'base.tar'], at(builder));
  await work.ok(['copy', 'base.tar', 'oci:mixed:imgkit/tagged:1']);
  const file = work.path('mixed/index.json');
  const { manifests: [image], ...index } = JSON.parse(await readFile(file, 'utf8')) as { manifests: [{ digest: string }] };
  const pinned = `docker.io/imgkit/pinned@${image.digest}`;
  const unknown = { mediaType: 'application/x-unknown', digest: sha256('{}'), size: 2 };
  await writeFile(work.path(`mixed/blobs/sha256/${unknown.digest.slice('sha256:'.length)}`), '{}');
  await writeFile(file, JSON.stringify({ ...index, manifests: [image, { ...image, annotations: { 'io.containerd.image.name': pinned } }, unknown] }));
  const moved = await work.json<Moved & { readonly notes: readonly { readonly subject: string; readonly message: string }[] }>(['load', 'oci:mixed', '--into', 'docker-daemon:'], at(receiver));
  t.deepEqual(moved.images.map(({ names }) => names), [['docker.io/imgkit/tagged:1']]);
  t.deepEqual(moved.notes.filter(({ message }) => /left out/.test(message)).map(({ subject }) => subject), [pinned, unknown.digest]);
  t.deepEqual(await idsIn(receiver, ['imgkit/tagged:1']), await idsIn(builder, [images.base]));
  await clear(receiver);
});

test.serial('zstd layers: what the engine cannot read is refused before it is sent, with the way out', async (t) => {
  await clear(receiver);
  t.true((await verify(work, 'zstd.tar')).ok);
  // Engines before 23.0 have no zstd: docker load fails, and so does a layer that the zstd command made.
  const api = (await docker(receiver.host, ['version', '--format', '{{.Server.APIVersion}}'])).trim();
  t.is(api, '1.41', 'another engine than the 20.10 of Debian 12: look again what it does with zstd');
  await t.throwsAsync(docker(receiver.host, ['load', '--input', work.path('zstd.tar')]), { message: /invalid tar header/ });
  const refused = await work.imgkit(['load', 'zstd.tar', '--into', 'docker-daemon:'], at(receiver));
  t.is(refused.code, 5);
  t.regex(refused.stderr, /^imgkit: The Docker engine at .* \(API 1\.41\) cannot read the zstd layers of .*--compress gzip.*\.\n$/m);
  t.deepEqual(await namesIn(receiver), []);
  await work.ok(['load', 'zstd.tar', '--into', 'docker-daemon:', '--compress', 'none'], at(receiver));
  t.deepEqual(await idsIn(receiver, all), await idsIn(builder, all));
});

test.serial('list docker-daemon: shows what docker images shows', async (t) => {
  const listed = await work.json<Listed>(['list', 'docker-daemon:'], at(builder));
  const theirs = (await docker(builder.host, ['images', '--no-trunc', '--format', '{{.ID}} {{.Repository}}:{{.Tag}}'])).trim().split('\n').sort();
  t.deepEqual(listed.images.flatMap(({ imageId, names }) => names.map((name) => `${imageId} ${name.replace(/^docker\.io\//, '')}`)).sort(), theirs);
  t.is(theirs.length, all.length);
});

test.serial('what docker save writes, shared layers as symlinks, is read in place', async (t) => {
  const names = [images.layers, images.shared, images.whiteout];
  await docker(builder.host, ['save', '--output', work.path('engine.tar'), ...names]);
  t.regex(await runOrThrow('tar', ['-tvf', work.path('engine.tar')]), /^l.* -> \.\.\/[a-f0-9]{64}\/layer\.tar$/m);
  const report = await verify(work, 'engine.tar');
  t.is(report.format, 'docker-archive');
  const listed = await work.json<Listed>(['list', 'engine.tar']);
  // The engine writes the images in another order each time.
  const ids = await idsIn(builder, names);
  const wanted = names.map((name, i) => `${full(name)} ${ids[i]}`).sort();
  const named = ({ images: found }: { readonly images: readonly { readonly names: readonly string[]; readonly imageId?: string | undefined }[] }): readonly string[] =>
    found.map((image) => `${image.names.join()} ${image.imageId}`).sort();
  t.deepEqual(named(listed), wanted);
  t.deepEqual(new Set(listed.images.map(({ manifestOrigin }) => manifestOrigin)), new Set(['synthesized']));
  const fromPipe = await work.shell('cat engine.tar | imgkit load - --json --store piped');
  t.is(fromPipe.code, 0, fromPipe.stderr);
  t.deepEqual(named(JSON.parse(fromPipe.stdout) as Moved), wanted);
});

test.serial('what docker save writes, read by skopeo from our copy, has the same config bytes', async (t) => {
  const [id] = await idsIn(builder, [images.config]);
  await work.ok(['copy', `docker-daemon:${images.config}`, 'oci-archive:config.tar'], at(builder));
  const config = await runOrThrow('skopeo', ['inspect', '--config', '--raw', `oci-archive:${work.path('config.tar')}`]);
  t.is(config, await work.ok(['inspect', 'config.tar', '--config']));
  t.is((await inspect(work, 'config.tar')).imageId, id);
});

test.serial('an absent image is the answer no; an absent engine is exit 5; both say what to do', async (t) => {
  const absent = await work.imgkit(['save', 'docker-daemon:imgkit/absent:9', '-o', 'absent.tar'], at(builder));
  t.is(absent.code, 1);
  t.regex(absent.stderr, /^imgkit: The Docker engine has no image imgkit\/absent:9 \(.+\); `imgkit list docker-daemon:` shows what it has\.\n$/);
  await t.throwsAsync(readFile(work.path('absent.tar')), { code: 'ENOENT' });

  for (const args of [['save', `docker-daemon:${images.base}`, '-o', 'down.tar'], ['list', 'docker-daemon:'], ['load', 'both.tar', '--into', 'docker-daemon:']]) {
    const down = await work.imgkit(args, { env: { DOCKER_HOST: `unix://${work.path('no-socket')}` } });
    t.is(down.code, 5, args.join(' '));
    t.regex(down.stderr, /^imgkit: The Docker engine at unix:\/\/\S+no-socket cannot be reached: there is no such socket; .*DOCKER_HOST.*\.\n$/);
    t.is(down.stdout, '');
  }
  await t.throwsAsync(readFile(work.path('down.tar')), { code: 'ENOENT' });
});
