import test from 'ava';
import { identityByHand, identityOf, inspect, verify, type Listed } from '../helpers/facts.js';
import { dockerArchive, makeHandImages, type HandImages } from '../helpers/hand-image.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { runOrThrow } from '../helpers/run.js';

const NAME = 'docker.io/library/app:1.0';
const OTHER = 'registry.example:5000/team/app:2.0';

let work: Workspace;
let images: HandImages;

/** podman with a storage of its own; its name is short, as podman takes no runroot above 50 characters. */
function podman(storage: string, ...args: readonly string[]): Promise<string> {
  const place = ['--root', work.path(`${storage}/root`), '--runroot', work.path(`${storage}/run`), '--tmpdir', work.path(`${storage}/tmp`)];
  return runOrThrow('podman', [...place, '--storage-driver', 'vfs', '--events-backend=none', '--cgroup-manager=cgroupfs', ...args], { cwd: work.folder, env: { TMPDIR: work.path('tmp') } });
}

async function imagesIn(storage: string): Promise<readonly string[]> {
  const lines = await podman(storage, 'images', '--no-trunc', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}');
  return lines.trim().split('\n').sort();
}

test.before(async () => {
  work = await createWorkspace();
  images = await makeHandImages();
  await dockerArchive(work.path('hand.tar'), [{ ...images.plain, tags: [NAME] }, { ...images.extended, tags: [OTHER] }]);
  await work.ok(['load', 'hand.tar']);
});

test.after.always(async () => { await work?.remove(); });

const written = [
  { title: 'hybrid', storage: 'a', args: [] },
  { title: 'hybrid with gzip layers', storage: 'b', args: ['--compress', 'gzip'] },
  { title: 'hybrid with zstd layers', storage: 'c', args: ['--compress', 'zstd'] },
  { title: 'oci', storage: 'd', args: ['--format', 'oci'] },
  { title: 'oci with gzip layers', storage: 'j', args: ['--format', 'oci', '--compress', 'gzip'] },
  { title: 'oci with zstd layers', storage: 'k', args: ['--format', 'oci', '--compress', 'zstd'] },
  { title: 'docker', storage: 'e', args: ['--format', 'docker'] },
  { title: 'gzip around it', storage: 'l', args: ['--compress-archive', 'gzip'] },
] as const;
for (const { title, storage, args } of written) {
  test.serial(`podman load gives the full name and the same image: ${title}`, async (t) => {
    const file = `${storage}.tar`;
    await work.ok(['save', ...args, `store:${OTHER}`, '-o', file]);
    const loaded = await podman(storage, 'load', '--quiet', '--input', file);
    t.is(loaded.trim(), `Loaded image: ${OTHER}`);
    t.deepEqual(await imagesIn(storage), [`${OTHER} ${images.extended.imageId}`]);
    t.deepEqual(JSON.parse(await podman(storage, 'image', 'inspect', '--format', '{{json .RootFS.Layers}}', OTHER)), images.extended.layers.map(({ diffId }) => diffId));
  });
}

test.serial('podman load gives the full name of an image of Docker Hub', async (t) => {
  await work.ok(['save', `store:${NAME}`, '-o', 'hub.tar']);
  t.is((await podman('i', 'load', '--quiet', '--input', 'hub.tar')).trim(), `Loaded image: ${NAME}`);
  t.deepEqual(await imagesIn('i'), [`${NAME} ${images.plain.imageId}`]);
});

for (const [format, storage] of [['docker', 'f'], ['hybrid', 'm']] as const) {
  test.serial(`podman load takes every image of two, under its full name: ${format}`, async (t) => {
    await work.ok(['save', '--format', format, `store:${NAME}`, `store:${OTHER}`, '-o', `two-${format}.tar`]);
    await podman(storage, 'load', '--quiet', '--input', `two-${format}.tar`);
    // It reads a hybrid of more than one name as a docker archive, and puts localhost/ before names in RepoTags without a host.
    t.deepEqual(await imagesIn(storage), [`${NAME} ${images.plain.imageId}`, `${OTHER} ${images.extended.imageId}`]);
  });
}

for (const [format, storage] of [['docker-archive', 'g'], ['oci-archive', 'h']] as const) {
  test.serial(`we read what podman saves: ${format}`, async (t) => {
    await podman('s', 'load', '--quiet', '--input', 'hand.tar');
    await podman('s', 'save', '--quiet', '--format', format, '--output', `podman-${format}.tar`, OTHER);
    const report = await verify(work, `podman-${format}.tar`);
    t.is(report.format, format);
    const read = await inspect(work, `podman-${format}.tar`);
    t.deepEqual(read.names, [OTHER]);
    t.deepEqual(identityOf(read).diffIds, identityByHand(images.extended).diffIds);
    // For an OCI archive podman writes the config anew.
    if (format === 'docker-archive') t.is(read.imageId, images.extended.imageId);
    await work.ok(['copy', `podman-${format}.tar`, `back-${format}.tar`]);
    await podman(storage, 'load', '--quiet', '--input', `back-${format}.tar`);
    t.deepEqual(await imagesIn(storage), [`${OTHER} ${read.imageId}`]);
  });
}

test.serial('we read the archive of many images that podman save -m writes', async (t) => {
  await podman('s', 'load', '--quiet', '--input', 'hand.tar');
  await podman('s', 'save', '--quiet', '--multi-image-archive', '--output', 'multi.tar', NAME, OTHER);
  t.true((await verify(work, 'multi.tar')).ok);
  const listed = await work.json<Listed>(['list', 'multi.tar']);
  t.deepEqual(listed.images.map(({ names, imageId }) => `${names.join()} ${imageId}`).sort(), [`${NAME} ${images.plain.imageId}`, `${OTHER} ${images.extended.imageId}`].sort());
  for (const [name, image] of [[NAME, images.plain], [OTHER, images.extended]] as const) {
    t.deepEqual(identityOf(await inspect(work, `docker-archive:multi.tar:${name}`)), identityByHand(image));
  }
});
