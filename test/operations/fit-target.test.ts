import test from 'ava';
import { copy, digest, files, inspect, list, load, verify, type MoveResult } from '../../src/index.js';
import { indexJson, named, ociParts } from '../helpers/archive-parts.js';
import { artifact, blobPath, image, index, layer, pack, TYPES, type BuiltImage, type Json } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';

/** What a target cannot hold is refused or left out, and told; what is legally not here stays as it is. */
const scratch = makeScratch();
test.after.always(() => scratch.remove());

const app = image('app');
const arm = image('arm', { config: (value) => ({ ...value, architecture: 'arm64' }) });
const thing = artifact('application/x-thing', 'content');
let count = 0;
const out = (): string => scratch.path(`out${(count += 1)}.tar`);
const notesOf = ({ notes }: MoveResult): string => notes.map(({ subject, message }) => `${subject}: ${message}`).join('\n');

/** A Windows image, whose base layer is not in the archive. */
function windows(family: 'oci' | 'docker'): { readonly file: string; readonly built: BuiltImage; readonly base: string } {
  const mediaType = family === 'oci' ? `${TYPES.oci.layer.replace('.v1.tar', '.nondistributable.v1.tar')}+gzip` : `${TYPES.docker.layer.replace('.diff.tar', '.foreign.diff.tar')}.gzip`;
  const stored = layer('base', { gzip: true, mediaType });
  const base = { ...stored, descriptor: { ...stored.descriptor, urls: ['https://example.com/base'] } };
  const built = image('app', { family, layers: [base, layer('top', { gzip: true, family })] });
  const parts = ociParts([named(built, 'windows:1')]).filter(([path]) => path !== blobPath(base.descriptor.digest));
  return { file: scratch.writeNow(`windows-${family}.tar`, pack(parts)), built, base: base.descriptor.digest };
}

for (const family of ['oci', 'docker'] as const) {
  const { file, built, base } = windows(family);

  test(`${family}: who looks into an image whose layer is away by right is not told to get it again`, async (t) => {
    t.not([...(await files({ location: file, layer: '2' })).entries].length, 0);
    for (const wanted of [undefined, '1']) await t.throwsAsync(files({ location: file, layer: wanted }), { code: 'blob-missing', message: /: sha256:[0-9a-f]{64}: this layer is not here, which is legal/ } as object);
  });

  test(`${family}: a layer that may not be distributed stays away, whatever the others become`, async (t) => {
    for (const compress of ['none', 'gzip', 'zstd'] as const) {
      const to = out();
      const moved = await copy({ from: file, to, compress, allPlatforms: true });
      t.regex(notesOf(moved), /1 layer not here \(first sha256:[a-f0-9]{64}\), for its publisher does not let others distribute it/);
      t.true((await verify({ target: to })).ok, compress);
      const { layers, imageId } = await inspect({ location: to });
      t.is(imageId, built.configDescriptor.digest as never);
      t.deepEqual(layers.map(({ descriptor, absent }) => [descriptor.digest === base, absent]), [[true, true], [false, undefined]]);
    }
  });

  test(`${family}: list and verify tell what is absent, and that it is legal`, async (t) => {
    t.deepEqual((await list({ location: file })).images[0]?.absentLayers, [base as never]);
    const closure = (await verify({ target: file })).findings.filter(({ check }) => check === 'closure');
    t.deepEqual(closure.map(({ status, message }) => [status, message.replace(/:.*/, '')]), [['note', 'a layer that is not here'], ['ok', '3 blobs named, all but 1 layer here']]);
  });

  for (const compress of [undefined, 'gzip', 'zstd'] as const) {
    test(`${family}: a docker archive needs every layer (${compress ?? 'as it is'})`, async (t) => {
      const to = out();
      await t.throwsAsync(copy({ from: file, to, format: 'docker', compress }), { code: 'blob-missing', message: /publisher does not let others distribute it, and docker archives and engines need every layer/ } as object);
      t.deepEqual(await scratch.tree(to.slice(scratch.folder.length + 1)), []);
    });
  }
}

test('a docker archive of artifacts alone would hold nothing, and is refused', async (t) => {
  const from = await scratch.write('thing.tar', pack(ociParts([named(thing)])));
  await t.throwsAsync(copy({ from, to: out(), format: 'docker' }), { code: 'image-not-found', message: /no runnable image to move/ } as object);
});

test('a platform is taken of images; an artifact that is named along with them is for none', async (t) => {
  const from = await scratch.write('several.tar', pack(ociParts([named(index([app.descriptor, arm.descriptor].map((descriptor, i) => ({ ...descriptor, platform: { os: 'linux', architecture: ['amd64', 'arm64'][i] } })), [app, arm]), 'app:1'), named(thing, 'thing:1')])));
  const { images } = await copy({ from, to: out(), platform: 'linux/arm64' });
  t.deepEqual(images.map(({ digest: id }) => id), [arm.descriptor.digest, thing.descriptor.digest] as never);
  await t.throwsAsync(copy({ from, to: out(), platform: 'linux/s390x' }), { code: 'image-not-found', message: /: docker\.io\/library\/app:1: no image for linux\/s390x; it has linux\/amd64, linux\/arm64/ } as object);
});

test('of images that share a name in a layout, the platform chooses', async (t) => {
  const folder = scratch.path('flat');
  const platforms = [app, arm].map(({ descriptor }, i) => ({ ...descriptor, platform: { os: 'linux', architecture: ['amd64', 'arm64'][i] }, annotations: { 'org.opencontainers.image.ref.name': 'app' } }));
  for (const [digest, bytes] of [...app.blobs, ...arm.blobs]) await scratch.write(`flat/blobs/${digest.replace(':', '/')}`, bytes);
  await scratch.write('flat/oci-layout', '{"imageLayoutVersion":"1.0.0"}');
  await scratch.write('flat/index.json', JSON.stringify({ schemaVersion: 2, manifests: platforms }));
  t.is((await inspect({ location: `oci:${folder}:app`, platform: 'linux/arm64' })).digest, arm.descriptor.digest as never);
  t.is((await inspect({ location: `oci:${folder}:app`, platform: 'amd64' })).digest, app.descriptor.digest as never);
  await t.throwsAsync(inspect({ location: `oci:${folder}:app`, platform: 'linux/s390x' }), { code: 'image-ambiguous' });
  const { images } = await copy({ from: `oci:${folder}:app`, to: `oci-archive:${out()}:app:arm`, platform: 'linux/arm64' });
  t.deepEqual(images.map(({ digest: id }) => id), [arm.descriptor.digest] as never);
});

const pinned = `docker.io/library/pinned@${app.descriptor.digest}`;
const PINNED = scratch.writeNow('pinned.tar', pack(ociParts([named(app, pinned)])));
const namesIn = async (location: string): Promise<readonly string[]> => (await list({ location })).images.flatMap(({ names }) => names);

test('a name with a digest stays with the image of that digest', async (t) => {
  const [same, changed, docker] = [out(), out(), out()];
  t.is(notesOf(await copy({ from: PINNED, to: same })), '');
  t.deepEqual(await namesIn(same), [pinned]);
  const moved = await copy({ from: PINNED, to: changed, compress: 'none' });
  t.regex(notesOf(moved), new RegExp(`${pinned}: the image has the digest ${moved.images[0]?.digest ?? ''} at the target, so this name is left out`));
  t.deepEqual([moved.images[0]?.names, await namesIn(changed)], [[], []]);
  await copy({ from: PINNED, to: docker, format: 'docker' });
  t.deepEqual(await namesIn(docker), []);
});

for (const to of [`store:x@${app.descriptor.digest}`, `docker-archive:/tmp/x.tar:x@${app.descriptor.digest}`, `docker-daemon:x@${app.descriptor.digest}`]) {
  test(`${to.replace(/:.*/, '')}: a new name takes a tag, not a digest`, async (t) => {
    await t.throwsAsync(copy({ from: PINNED, to, storeFolder: scratch.path('store') }), { code: 'reference-invalid', message: /takes a tag, not a digest/ } as object);
  });
}

test('a bare ref name is shown where it is, and the store says that it has no place for it', async (t) => {
  const { manifests: [entry] } = indexJson([named(app)]) as { manifests: readonly Json[] };
  const from = await scratch.layout('layout', ociParts([named(app)], { schemaVersion: 2, manifests: [{ ...entry, annotations: { 'org.opencontainers.image.ref.name': 'latest' } }] }));
  const location = `oci:${from}`;
  t.deepEqual([(await inspect({ location })).refName, (await digest({ target: location })).images[0]?.refName, (await verify({ target: location })).images[0]?.refName], ['latest', 'latest', 'latest']);
  const kept = await copy({ from: location, to: out() });
  t.deepEqual([kept.images[0]?.refName, kept.notes], ['latest', []]);
  const stored = await load({ from: location, storeFolder: scratch.path('store') });
  t.is(stored.images[0]?.refName, undefined);
  t.regex(notesOf(stored), /^latest: is no full name such as app:1/);
});
