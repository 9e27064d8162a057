import { readFile } from 'node:fs/promises';
import test from 'ava';
import { identityByHand, identityOf, inspect, verify, type Listed } from '../helpers/facts.js';
import { dockerArchive, makeHandImages, type HandImages } from '../helpers/hand-image.js';
import { sha256 } from '../helpers/image-builder.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { runOrThrow } from '../helpers/run.js';

const NAME = 'docker.io/library/app:1.0';
const OTHER = 'registry.example:5000/team/app:2.0';

let work: Workspace;
let images: HandImages;

const skopeo = (...args: readonly string[]): Promise<string> => runOrThrow('skopeo', ['--insecure-policy', '--tmpdir', work.path('tmp'), ...args], { cwd: work.folder });
const layerTypes = async (location: string): Promise<readonly string[]> => (await inspect(work, location)).layers.map(({ descriptor }) => descriptor.mediaType);

test.before(async () => {
  work = await createWorkspace();
  images = await makeHandImages();
  await dockerArchive(work.path('hand.tar'), [{ ...images.plain, tags: [NAME] }, { ...images.extended, tags: [OTHER] }]);
  await work.ok(['load', 'hand.tar']);
});

test.after.always(async () => { await work?.remove(); });

interface Reading {
  readonly file: string;
  readonly args: readonly string[];
  readonly locations: readonly string[];
}

const readings: readonly Reading[] = [
  { file: 'hybrid.tar', args: [], locations: ['oci-archive:hybrid.tar', 'docker-archive:hybrid.tar'] },
  { file: 'gzip.tar', args: ['--compress', 'gzip'], locations: ['oci-archive:gzip.tar', 'docker-archive:gzip.tar'] },
  { file: 'zstd.tar', args: ['--compress', 'zstd'], locations: ['oci-archive:zstd.tar'] },
  { file: 'docker.tar', args: ['--format', 'docker'], locations: ['docker-archive:docker.tar'] },
  { file: 'oci.tar', args: ['--format', 'oci'], locations: ['oci-archive:oci.tar'] },
  { file: 'oci-gzip.tar', args: ['--format', 'oci', '--compress', 'gzip'], locations: ['oci-archive:oci-gzip.tar'] },
  { file: 'oci-zstd.tar', args: ['--format', 'oci', '--compress', 'zstd'], locations: ['oci-archive:oci-zstd.tar'] },
];
for (const { file, args, locations } of readings) {
  test(`skopeo reads what we write: ${file}`, async (t) => {
    await work.ok(['save', ...args, `store:${NAME}`, '-o', file]);
    const ours = await inspect(work, file);
    t.deepEqual(identityOf(ours), identityByHand(images.plain));
    for (const location of locations) {
      const config = await skopeo('inspect', '--config', '--raw', location);
      t.is(sha256(config), images.plain.imageId, location);
      if (location.startsWith('oci')) {
        const manifest = await skopeo('inspect', '--raw', location);
        t.is(sha256(manifest), ours.digest, location);
        t.is(manifest, await work.ok(['inspect', file, '--raw']));
      } else {
        t.deepEqual(JSON.parse(await skopeo('list-tags', location)), { Tags: [NAME] });
      }
      // A copy reads every layer and checks its digest.
      const copy = `dir:copy-${location.replaceAll(/\W/g, '-')}`;
      await skopeo('copy', location, copy);
      t.is(sha256(await skopeo('inspect', '--config', '--raw', copy)), images.plain.imageId, location);
    }
  });
}

test('skopeo opens the store as an OCI layout', async (t) => {
  for (const [name, image] of [[NAME, images.plain], [OTHER, images.extended]] as const) {
    const location = `oci:${work.store}:${name}`;
    t.is(sha256(await skopeo('inspect', '--config', '--raw', location)), image.imageId);
    t.is(sha256(await skopeo('inspect', '--raw', location)), (await inspect(work, `store:${name}`)).digest);
    await skopeo('copy', location, `dir:store-${image.layers.length}`);
  }
});

test('skopeo finds every image of an archive by the names we gave', async (t) => {
  await work.ok(['save', `store:${NAME}`, `store:${OTHER}`, '-o', 'both.tar']);
  t.deepEqual(JSON.parse(await skopeo('list-tags', 'docker-archive:both.tar')), { Tags: [NAME, OTHER] });
  for (const [name, image] of [[NAME, images.plain], [OTHER, images.extended]] as const) {
    for (const kind of ['docker-archive', 'oci-archive']) {
      t.is(sha256(await skopeo('inspect', '--config', '--raw', `${kind}:both.tar:${name}`)), image.imageId, `${kind} ${name}`);
    }
  }
});

interface Writing {
  readonly title: string;
  /** Where skopeo writes; read back by us. */
  readonly location: string;
  readonly options: readonly string[];
  readonly names: readonly string[];
  readonly layerType: RegExp;
}

const writings: readonly Writing[] = [
  { title: 'docker-archive', location: `docker-archive:s-docker.tar:${NAME}`, options: [], names: [NAME], layerType: /layer\.v1\.tar$/ },
  { title: 'docker-archive with more tags', location: `docker-archive:s-tags.tar:${NAME}`, options: ['--additional-tag', OTHER], names: [NAME, OTHER], layerType: /layer\.v1\.tar$/ },
  { title: 'oci-archive', location: `oci-archive:s-oci.tar:${NAME}`, options: [], names: [NAME], layerType: /tar\+gzip$/ },
  { title: 'oci-archive with a bare tag', location: 'oci-archive:s-tag.tar:1.0', options: [], names: [], layerType: /tar\+gzip$/ },
  { title: 'oci-archive, zstd', location: `oci-archive:s-zstd.tar:${NAME}`, options: ['--dest-compress', '--dest-compress-format', 'zstd'], names: [NAME], layerType: /tar\+zstd$/ },
  { title: 'oci layout', location: `oci:s-layout:${NAME}`, options: [], names: [NAME], layerType: /tar\+gzip$/ },
  { title: 'oci layout, zstd', location: `oci:s-layout-zstd:${NAME}`, options: ['--dest-compress', '--dest-compress-format', 'zstd'], names: [NAME], layerType: /tar\+zstd$/ },
];
for (const { title, location, options, names, layerType } of writings) {
  test(`we read what skopeo writes and convert it to each: ${title}`, async (t) => {
    await skopeo('copy', ...options, `docker-archive:hand.tar:${OTHER}`, location);
    const [kind, path = ''] = location.split(':');
    const source = kind === 'oci' ? `oci:${path}` : path;
    const theirs = { imageId: sha256(await skopeo('inspect', '--config', '--raw', location)), diffIds: images.extended.layers.map(({ diffId }) => diffId) };
    t.true((await verify(work, source)).ok);
    const read = await inspect(work, location.includes('s-tags') ? source : location);
    t.deepEqual(identityOf(read), theirs);
    t.deepEqual(read.names, names);
    for (const type of await layerTypes(source)) t.regex(type, layerType);
    const stored = kind !== 'docker-archive';
    t.is(read.manifestOrigin, stored ? 'stored' : 'synthesized');
    if (stored) t.is(read.digest, sha256(await skopeo('inspect', '--raw', location)));

    const stem = title.replaceAll(/\W+/g, '-');
    for (const [target, back] of [[`docker-archive:${stem}.docker.tar`, `${stem}.docker.tar`], [`oci-archive:${stem}.oci.tar`, `${stem}.oci.tar`], [`oci:${stem}.layout`, `oci:${stem}.layout`], [`${stem}.tar`, `${stem}.tar`]] as const) {
      await work.ok(['copy', source, target]);
      t.true((await verify(work, back)).ok, target);
      const converted = await inspect(work, back);
      t.deepEqual(identityOf(converted), theirs, target);
      if (stored && !target.startsWith('docker-archive:')) t.is(converted.digest, read.digest, target);
      const peer = target.includes(':') ? target : `oci-archive:${target}`;
      // An index names an image once per name; skopeo then wants to know which one.
      const which = names.length > 1 && peer.startsWith('oci') ? `:${OTHER}` : '';
      t.is(sha256(await skopeo('inspect', '--config', '--raw', `${peer}${which}`)), theirs.imageId, target);
    }
  });
}

test('a tag of skopeo names the image it is in a layout of many', async (t) => {
  for (const [tag, name] of [['1.0', NAME], ['2.0', OTHER]] as const) await skopeo('copy', `docker-archive:hand.tar:${name}`, `oci:many:${tag}`);
  const listed = await work.json<Listed>(['list', 'oci:many']);
  t.deepEqual(listed.images.map(({ refName }) => refName), ['1.0', '2.0']);
  const wanted = sha256(await skopeo('inspect', '--raw', 'oci:many:2.0'));
  t.is((await inspect(work, 'oci:many:2.0')).digest, wanted);
  await work.ok(['copy', 'oci:many:2.0', `docker-archive:picked.tar:${OTHER}`]);
  t.deepEqual(JSON.parse(await skopeo('list-tags', 'docker-archive:picked.tar')), { Tags: [OTHER] });
});

test('skopeo adds an image to a layout of ours, and we to one of its', async (t) => {
  await work.ok(['copy', `store:${NAME}`, 'oci:mixed:ours']);
  await skopeo('copy', `docker-archive:hand.tar:${OTHER}`, 'oci:mixed:theirs');
  await work.ok(['copy', `store:${OTHER}`, 'oci:mixed:again']);
  const listed = await work.json<Listed>(['list', 'oci:mixed']);
  t.deepEqual(listed.images.map(({ refName }) => refName).sort(), ['again', 'ours', 'theirs']);
  t.true((await verify(work, 'oci:mixed')).ok);
  for (const [ref, image] of [['ours', images.plain], ['again', images.extended]] as const) {
    t.is(sha256(await skopeo('inspect', '--config', '--raw', `oci:mixed:${ref}`)), image.imageId, ref);
  }
  t.true((await readFile(work.path('mixed/index.json'), 'utf8')).includes('theirs'));
});
