import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { copy, type ProgressEvent } from '../../src/index.js';
import { named, ociParts } from '../helpers/archive-parts.js';
import { image, index, layer, pack, type BuiltDocument } from '../helpers/image-builder.js';
import { startFakeRegistry } from '../helpers/registry.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const REFUSED = { code: 'tag-would-move', message: /already names sha256:/ } as object;
const plain = (title: string): ReturnType<typeof image> => image(title, { layers: [layer('base'), layer(title)] });
const app = plain('app');
const both = (...images: readonly ReturnType<typeof image>[]): BuiltDocument => index(images.map(({ descriptor }, i) => ({ ...descriptor, platform: { os: 'linux', architecture: ['amd64', 'arm64', 's390x'][i] } })), images);
const archive = (name: string, document: BuiltDocument): Promise<string> => scratch.write(`${name}.tar`, pack(ociParts([named(document, 'app:1')])));

/** Copies, and says in which phases work was done. */
async function phasesOf(from: string, to: string, options: Partial<Parameters<typeof copy>[0]>): Promise<{ readonly phases: ReadonlySet<string>; readonly error: unknown }> {
  const phases = new Set<string>();
  const onProgress = ({ phase }: ProgressEvent): void => void phases.add(phase);
  const error = await copy({ from, to, onProgress, ...options }).then(() => undefined, (thrown: unknown) => thrown);
  return { phases, error };
}

const OTHERS: readonly (readonly [title: string, there: BuiltDocument, wanted: BuiltDocument])[] = [
  ['another image', plain('other'), app],
  ['the image as it is before its layers change', app, app],
  ['an index', both(app, plain('arm')), app],
  ['an index of more platforms', both(app, plain('arm'), plain('big')), both(app, plain('arm'))],
];
for (const [i, [title, there, wanted]] of OTHERS.entries()) {
  test(`a tag that names ${title} is kept before layers are compressed for nothing: a store`, async (t) => {
    const storeFolder = scratch.path(`store-${i}`);
    await copy({ from: await archive(`there-${i}`, there), to: 'store:app:1', storeFolder });
    const { phases, error } = await phasesOf(await archive(`wanted-${i}`, wanted), 'store:app:1', { storeFolder, compress: 'gzip' });
    t.like(error, { code: 'tag-would-move' });
    t.regex((error as Error).message, /^docker\.io\/library\/app:1 already names sha256:.*\(--force\)/);
    t.false(phases.has('compress'), [...phases].join());
    const forced = await phasesOf(scratch.path(`wanted-${i}.tar`), 'store:app:1', { storeFolder, compress: 'gzip', force: true });
    t.is(forced.error, undefined);
    t.true(forced.phases.has('compress'));
    const again = await phasesOf(scratch.path(`wanted-${i}.tar`), 'store:app:1', { storeFolder, compress: 'gzip' });
    t.is(again.error, undefined, 'what it comes to is there already');
  });

  test(`a tag that names ${title} is kept before layers are compressed for nothing: a registry`, async (t) => {
    const registry = await startFakeRegistry();
    t.teardown(() => registry.close());
    const to = `docker://${registry.host}/app:1`;
    const network = { insecureRegistries: [registry.host] };
    await copy({ from: await archive(`pushed-${i}`, there), to, network });
    const { phases, error } = await phasesOf(await archive(`push-${i}`, wanted), to, { network, compress: 'gzip' });
    t.like(error, { code: 'tag-would-move' });
    t.false(phases.has('compress'), [...phases].join());
    await copy({ from: scratch.path(`push-${i}.tar`), to, network, compress: 'gzip', force: true });
    await t.notThrowsAsync(copy({ from: scratch.path(`push-${i}.tar`), to, network, compress: 'gzip' }));
  });
}

for (const [target, code] of [['none/x.tar', 'file-not-found'], ['none/x.tar.gz', 'file-not-found'], ['docker-archive:none/x.tar', 'file-not-found'], ['./', 'io-failed'], ['oci:a-file/layout', 'io-failed'], ['store:app:2', 'io-failed']] as const) {
  test(`${target}: where nothing can be written, nothing is read for it`, async (t) => {
    await scratch.write('a-file', Buffer.alloc(1));
    const to = target.startsWith('store:') ? target : target.replace(/[^:]*$/, (path) => scratch.path(path));
    let asked = false;
    const stdin = new Readable({ read: () => void (asked = true) });
    await t.throwsAsync(copy({ from: '-', to, stdin, storeFolder: scratch.path('a-file/store') }), { code } as object);
    t.false(asked);
  });
}

test('one whose config is the same may still become another image, which shows at the end', async (t) => {
  const storeFolder = scratch.path('late');
  const from = await archive('late', app);
  await copy({ from, to: 'store:app:1', storeFolder, compress: 'gzip', compressLevel: 1 });
  const { phases, error } = await phasesOf(from, 'store:app:1', { storeFolder, compress: 'gzip', compressLevel: 9 });
  t.true(phases.has('compress'));
  t.like(error, { code: 'tag-would-move' });
});

test('a size that was guessed wrong moves no tag', async (t) => {
  const storeFolder = scratch.path('guessed');
  const { tar } = layer('members', {});
  const half = tar.length / 2;
  const packed = layer(tar, { gzip: true, stored: Buffer.concat([gzipSync(tar.subarray(0, half)), gzipSync(tar.subarray(half))]) });
  const from = await archive('guessed', image('app', { layers: [packed] }));
  for (const to of ['store:app:1', 'store:app:1']) await copy({ from, to, storeFolder, compress: 'none' });
  t.pass();
  await t.throwsAsync(copy({ from, to: 'store:app:1', storeFolder }), REFUSED);
});
