import { lstat, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import test from 'ava';
import { sameBytes } from '../content/bytes.js';
import { identityByHand, identityOf, inspect, verify, type Historied, type Listed } from '../helpers/facts.js';
import { dockerArchive, makeHandImages, type HandImages } from '../helpers/hand-image.js';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, layer, pack, sha256 } from '../helpers/image-builder.js';
import { layerEntries } from '../helpers/layer-entries.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { runOrThrow } from '../helpers/run.js';

const NAME = 'docker.io/library/app:1.0';
const OTHER = 'registry.example:5000/team/app:2.0';

let work: Workspace;
let images: HandImages;

const umoci = (...args: readonly string[]): Promise<string> => runOrThrow('umoci', args, { cwd: work.folder });

interface Stat {
  readonly history: readonly { readonly layer: { readonly digest: string; readonly size: number } | null; readonly diff_id?: string; readonly created_by?: string; readonly empty_layer?: boolean }[];
}

test.before(async () => {
  work = await createWorkspace();
  images = await makeHandImages();
  await dockerArchive(work.path('hand.tar'), [{ ...images.plain, tags: [NAME] }, { ...images.extended, tags: [OTHER] }]);
  await work.ok(['load', 'hand.tar']);
  await work.ok(['copy', 'hand.tar#app:1.0', 'oci:ours:1.0', '--compress', 'gzip']);
  await work.ok(['copy', `hand.tar#${OTHER}`, 'oci:ours:2.0', '--compress', 'gzip']);
});

test.after.always(async () => { await work?.remove(); });

test.serial('umoci lists the store and our layout', async (t) => {
  t.deepEqual((await umoci('ls', '--layout', work.store)).trim().split('\n').sort(), [NAME, OTHER]);
  t.deepEqual((await umoci('ls', '--layout', 'ours')).trim().split('\n').sort(), ['1.0', '2.0']);
});

test.serial('umoci stat sees our layers and our history', async (t) => {
  const stat = JSON.parse(await umoci('stat', '--json', '--image', 'ours:2.0')) as Stat;
  const ours = await inspect(work, 'oci:ours:2.0');
  const history = await work.json<Historied>(['history', 'oci:ours:2.0']);
  t.deepEqual(identityOf(ours), identityByHand(images.extended));
  t.deepEqual(stat.history.filter(({ layer }) => layer !== null).map(({ layer }) => ({ digest: layer?.digest, size: layer?.size })), ours.layers.map(({ descriptor: { digest, size } }) => ({ digest, size })));
  t.deepEqual(stat.history.map((step) => ({ by: step.created_by, empty: step.empty_layer ?? false })), history.lines.map((line) => ({ by: line.createdBy, empty: line.emptyLayer })).toReversed());
});

test.serial('umoci unpacks our layers: links, modes, whiteouts', async (t) => {
  await umoci('unpack', '--image', 'ours:2.0', 'bundle');
  const at = (path: string): string => work.path(`bundle/rootfs/${path}`);
  sameBytes(t, await readFile(at('bin/busybox')), await readFile('/bin/busybox'));
  t.is((await lstat(at('bin/sh'))).ino, (await lstat(at('bin/busybox'))).ino);
  t.is(await readlink(at('bin/ls')), 'busybox');
  t.is((await lstat(at('data/deep/secret'))).mode & 0o777, 0o600);
  t.is(await readFile(at('data/ünïcode.txt'), 'utf8'), 'grüße\n');
  await t.throwsAsync(lstat(at('data/gone')), { code: 'ENOENT' });
});

test.serial('umoci makes of layers about which engines do not agree what imgkit makes, as verify notes', async (t) => {
  const layered = (...layers: readonly (readonly string[])[]): Buffer => pack(hybridParts([named(image('app', { layers: layers.map((entries) => layer(layerEntries(...entries))) }), 'app:1')]));
  await writeFile(work.path('link.tar'), layered(['usr/', 'usr/lib/', 'lib -> usr/lib'], ['lib/x:text']));
  await writeFile(work.path('file.tar'), layered(['a:1'], ['a/b:1']));
  await writeFile(work.path('regiven.tar'), layered(['b/', 'b/x:1'], ['.wh.b', 'b/']));
  for (const [name, note] of [['link', /"lib", .* umoci and imgkit follow it/], ['file', /"a", .* umoci and imgkit refuse it/], ['regiven', /"b" .* umoci and imgkit do not/]] as const) {
    const { findings } = await verify(work, `${name}.tar`);
    t.true(findings.some(({ status, message }) => status === 'note' && note.test(message)), name);
    await work.ok(['copy', `${name}.tar`, `oci:${name}:1`]);
  }
  await umoci('unpack', '--image', 'link:1', 'linked');
  t.is(await readFile(work.path('linked/rootfs/usr/lib/x'), 'utf8'), await work.ok(['cat', 'link.tar', 'usr/lib/x']));
  await t.throwsAsync(umoci('unpack', '--image', 'file:1', 'filed'), { message: /not a directory/ });
  t.is((await work.imgkit(['files', 'file.tar'])).code, 3);
  await umoci('unpack', '--image', 'regiven:1', 'deleted');
  t.deepEqual(await readdir(work.path('deleted/rootfs/b')), []);
  t.notRegex(await work.ok(['files', 'regiven.tar']), /b\/x/);
});

test.serial('umoci garbage-collects our layout and removes nothing of it', async (t) => {
  const before = await verify(work, 'oci:ours');
  await umoci('gc', '--layout', 'ours');
  t.deepEqual(await verify(work, 'oci:ours'), before);
});

test.serial('we read a layer that umoci adds to our image, and its tags', async (t) => {
  await writeFile(work.path('added'), 'added\n');
  await umoci('insert', '--image', 'ours:1.0', '--tag', '1.1', work.path('added'), '/added');
  await umoci('config', '--image', 'ours:1.1', '--config.label', 'org.example.by=umoci', '--manifest.annotation', 'org.example.annotated=yes');
  const listed = await work.json<Listed>(['list', 'oci:ours']);
  t.deepEqual(listed.images.map(({ refName }) => refName).sort(), ['1.0', '1.1', '2.0']);
  t.true((await verify(work, 'oci:ours')).ok);
  const read = await inspect(work, 'oci:ours:1.1');
  t.deepEqual(read.layers.slice(0, -1).map(({ diffId }) => diffId), images.plain.layers.map(({ diffId }) => diffId));
  t.is(read.layers.length, images.plain.layers.length + 1);
  t.is(read.labels?.['org.example.by'], 'umoci');
  t.is(read.annotations?.['org.example.annotated'], 'yes');
  const stat = JSON.parse(await umoci('stat', '--json', '--image', 'ours:1.1')) as Stat;
  const history = await work.json<Historied>(['history', 'oci:ours:1.1']);
  t.is(history.lines.length, stat.history.length);

  await work.ok(['copy', 'oci:ours:1.1', 'from-umoci.tar']);
  t.is((await inspect(work, 'from-umoci.tar')).digest, read.digest);
  t.is(sha256(await runOrThrow('skopeo', ['inspect', '--raw', `oci-archive:${work.path('from-umoci.tar')}`])), read.digest);
});

test.serial('we read a layout that umoci made from nothing', async (t) => {
  await umoci('init', '--layout', 'theirs');
  await umoci('new', '--image', 'theirs:empty');
  await writeFile(work.path('only'), 'only\n');
  await umoci('insert', '--image', 'theirs:empty', '--tag', 'one', work.path('only'), '/only');
  const listed = await work.json<Listed>(['list', 'oci:theirs']);
  t.deepEqual(listed.images.map(({ refName, kind }) => ({ refName, kind })).sort((a, b) => (a.refName ?? '').localeCompare(b.refName ?? '')), [{ refName: 'empty', kind: 'image' }, { refName: 'one', kind: 'image' }]);
  t.true((await verify(work, 'oci:theirs')).ok);
  t.is((await inspect(work, 'oci:theirs:empty')).layers.length, 0);
  await work.ok(['copy', 'oci:theirs:one', 'docker-archive:one.tar:made/by:umoci']);
  t.is((await inspect(work, 'one.tar')).imageId, (await inspect(work, 'oci:theirs:one')).imageId);
  t.deepEqual((await inspect(work, 'one.tar')).names, ['docker.io/made/by:umoci']);
});

test.serial('every tag that umoci gives an image leads to it', async (t) => {
  await work.ok(['copy', 'hand.tar#app:1.0', 'oci:tagged:1.0', '--compress', 'gzip']);
  await umoci('tag', '--image', 'tagged:1.0', 'latest');
  t.deepEqual((await work.json<Listed>(['list', 'oci:tagged'])).images.map(({ refName }) => refName), ['1.0', 'latest']);
  t.is((await inspect(work, 'oci:tagged:latest')).digest, (await inspect(work, 'oci:tagged:1.0')).digest);
  await work.ok(['copy', 'oci:tagged', 'oci:again']);
  t.deepEqual((await umoci('ls', '--layout', 'again')).trim().split('\n').sort(), ['1.0', 'latest']);
});
