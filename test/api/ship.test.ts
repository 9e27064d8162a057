import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { copy, digest, fetch, inspect, list, listFolder, load, save, send, verify, watch, type WatchEvent } from '../../src/index.js';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, layer, pack, sha256 } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const app = image('app', { layers: [layer('base', { gzip: true }), layer('app', { gzip: true })] });
const archive = scratch.writeNow('app.tar', pack(hybridParts([named(app, 'app:1.9.6')])));
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function folderUrl(name: string): Promise<string> {
  await mkdir(scratch.path(name), { recursive: true });
  return `${pathToFileURL(scratch.path(name)).href}/`;
}

test('save straight to a host: the archive, then its checksum; a taken name is refused', async (t) => {
  const url = `${await folderUrl('a b')}x%23y.tar`;
  const saved = await save({ images: [archive], output: url });
  t.is(saved.images[0]?.digest, app.descriptor.digest as never);
  const bytes = await readFile(scratch.path('a b', 'x#y.tar'));
  t.regex(await readFile(scratch.path('a b', 'x#y.tar.sha256'), 'utf8'), new RegExp(`^${hash(bytes)}  x#y\\.tar$`, 'm'));
  t.deepEqual(await scratch.tree('a b'), ['x#y.tar', 'x#y.tar.sha256']);
  await t.throwsAsync(save({ images: [archive], output: url }), { code: 'remote-refused' });
  await save({ images: [archive], output: url, force: true });
  const local = scratch.path('local.tar');
  await save({ images: [archive], output: local });
  t.is(hash(await readFile(local)), hash(bytes), 'the same bytes as in a file');
});

test('every way of looking works on a URL, and so does loading from it', async (t) => {
  const url = `${await folderUrl('look')}app.tar`;
  await save({ images: [archive], output: url });
  await save({ images: [archive], output: url.replace('.tar', '.tar.gz') });
  const storeFolder = scratch.path('store-url');
  for (const location of [url, url.replace('.tar', '.tar.gz'), `${url}#app:1.9.6`]) {
    t.is((await inspect({ location })).digest, app.descriptor.digest as never);
    t.is((await list({ location })).images.length, 1);
    t.true((await verify({ target: location })).ok);
    t.is((await load({ from: location, storeFolder })).images[0]?.digest, app.descriptor.digest as never);
    await copy({ from: location, to: scratch.path('copied.tar') });
    t.is(sha256(await readFile(scratch.path('copied.tar'))), sha256(await readFile(scratch.path('look/app.tar'))));
  }
  await copy({ from: url, to: `docker-archive:${scratch.path('docker.tar')}` });
  t.true((await verify({ target: scratch.path('docker.tar') })).ok);
  const file = sha256(await readFile(scratch.path('look/app.tar')));
  t.is((await digest({ target: url })).file, file as never);
  t.is((await verify({ target: url, expect: file })).matched, 'file');
  await t.throwsAsync(inspect({ location: `${url}#other:1` }), { code: 'image-not-found' });
  await t.throwsAsync(inspect({ location: `${url}x` }), { code: 'file-not-found' });
  await t.throwsAsync(inspect({ location: await folderUrl('look') }), { code: 'location-invalid' });
});

test('a layer that is damaged at the host does not get into the store', async (t) => {
  const url = `${await folderUrl('damaged')}app.tar`;
  await save({ images: [archive], output: url });
  const path = scratch.path('damaged/app.tar');
  const bytes = await readFile(path);
  const stored = app.layers[1]?.stored as Buffer;
  const at = bytes.indexOf(stored) + stored.length - 9;
  bytes[at] = (bytes[at] as number) ^ 1;
  await writeFile(path, bytes);
  const storeFolder = scratch.path('store-damaged');
  await t.throwsAsync(load({ from: url, storeFolder }), { code: 'digest-mismatch' });
  t.deepEqual((await list({ storeFolder })).images, []);
  await truncate(path, 1024);
  await t.throwsAsync(load({ from: url, storeFolder }), { code: 'tar-truncated' });
});

test('send to several folders, list them, fetch from one', async (t) => {
  const [one, two] = [await folderUrl('one'), await folderUrl('two')];
  const { deliveries, ok } = await send({ files: [archive], to: [one, two, `${await folderUrl('one')}none/`], retries: 0 });
  t.false(ok);
  t.deepEqual(deliveries.map(({ status, proof, error }) => [status, proof, error?.code]), [['sent', 'hash', undefined], ['sent', 'hash', undefined], ['failed', undefined, 'file-not-found']]);
  t.is(hash(await readFile(scratch.path('two/app.tar'))), hash(await readFile(archive)));
  await scratch.write('one/.other.tar.0123456789abcdef.part', 'x');
  const folder = await listFolder({ url: one });
  t.deepEqual(folder.files.map(({ name, complete, signatures, size }) => ({ name, complete, signatures, size })), [{ name: 'app.tar', complete: true, signatures: [], size: (await readFile(archive)).length }]);
  t.is(folder.parts.length, 1);
  const fetched = await fetch({ url: `${one}app.tar`, output: `${scratch.folder}/in.tar` });
  t.is(hash(await readFile(fetched.path)), hash(await readFile(archive)));
  await t.throwsAsync(send({ files: [archive, archive], to: [`${one}x.tar`] }), { code: 'usage' });
  await t.throwsAsync(send({ files: [archive], to: ['nowhere'] }), { code: 'usage' });
  await t.throwsAsync(fetch({ url: one }), { code: 'usage' });
});

test('save refuses a name that leaves no room for its checksum', async (t) => {
  const url = await folderUrl('long');
  await t.throwsAsync(save({ images: [archive], output: `${url}${'l'.repeat(249)}` }), { code: 'location-invalid', message: /at most 248/ });
  t.deepEqual(await scratch.tree('long'), []);
});

test('send refuses what would get another name than is meant', async (t) => {
  const url = await folderUrl('slips');
  await mkdir(scratch.path('again'), { recursive: true });
  await writeFile(scratch.path('again/app.tar'), 'another');
  const refused = async (to: string, files: readonly string[] = [archive], message = /./): Promise<void> => void (await t.throwsAsync(send({ files, to: [to] }), { code: 'usage', message }));
  await refused(`${url}app#1.tar`, [archive], /%23/);
  await refused('https://drop.example/pub/?X-Amz-Signature=secret', [archive], /^(?!.*secret).*presigned/);
  await refused(url, [archive, scratch.path('again/app.tar')], /called app\.tar/);
  t.deepEqual(await scratch.tree('slips'), []);
});

test('watch: verified and loaded, or quarantined', async (t) => {
  const url = await folderUrl('watched');
  const storeFolder = scratch.path('home/store');
  await send({ files: [archive], to: [url] });
  const bytes = await readFile(archive);
  await writeFile(scratch.path('watched/cut.tar'), bytes.subarray(0, 5000));
  await writeFile(scratch.path('watched/cut.tar.sha256'), `${hash(bytes.subarray(0, 5000))}  cut.tar\n`);
  const events: WatchEvent[] = [];
  const result = await watch({ url, storeFolder, once: true, quarantine: scratch.path('bad'), onEvent: (event) => void events.push(event) });
  t.deepEqual({ ...result }, { accepted: 1, quarantined: 1, failed: 0 });
  t.deepEqual(events.map(({ event }) => event), ['watching', 'found', 'accepted', 'found', 'quarantined']);
  t.is((await inspect({ location: 'app:1.9.6', storeFolder })).digest, app.descriptor.digest as never);
  t.deepEqual((await scratch.tree('bad')), ['cut.tar', 'cut.tar.reason.json', 'cut.tar.reason.txt']);
  await t.throwsAsync(watch({ url: url.slice(0, -1), once: true }), { code: 'usage' });
  await t.throwsAsync(watch({ url: './here', once: true }), { code: 'usage', message: /^"\.\/here" is no URL/ });
  for (const where of ['archiveTo', 'quarantine'] as const) {
    await t.throwsAsync(watch({ url, storeFolder: scratch.path('untouched'), once: true, [where]: archive }), { code: 'usage', message: /is no folder/ });
  }
  t.false(existsSync(scratch.path('untouched')));
});

test('watch: two users of one host may see two folders, and each has a state of its own', async (t) => {
  const drop = scratch.path('drop-of-users');
  await mkdir(drop);
  const { serveFolder } = await import('../operations/watch/serve-folder.js');
  const { host } = new URL(await serveFolder(t, drop));
  for (const user of ['a@', 'b@', '']) await watch({ url: `http://${user}${host}/`, storeFolder: scratch.path('home-of-users/store'), once: true, requireChecksum: false });
  await writeFile(scratch.path('drop-of-users/later.tar'), 'x');
  for (const user of ['a@', 'b@', '']) await watch({ url: `http://${user}${host}/`, storeFolder: scratch.path('home-of-users/store'), once: true });
  t.is((await scratch.tree('home-of-users/watch')).filter((name) => name.endsWith('.json')).length, 3);
});

test('watch: the reason says what is wrong, by the name at the host', async (t) => {
  const url = await folderUrl('damaged');
  const bytes = pack(hybridParts([named(image('plain', { layers: [layer('base'), layer('plain')] }), 'plain:1')]));
  const flipped = Buffer.from(bytes);
  const body = bytes.indexOf('plain\nplain\n');
  t.true(body > 0);
  flipped[body] = (flipped[body] as number) ^ 1;
  for (const [name, content] of [['cut.tar', bytes.subarray(0, 5000)], ['flip.tar', flipped]] as const) {
    await writeFile(scratch.path('damaged', name), content);
    await writeFile(scratch.path('damaged', `${name}.sha256`), `${hash(content)}  ${name}\n`);
  }
  const told: Readonly<Record<string, unknown>>[] = [];
  await watch({ url, storeFolder: scratch.path('damaged-home/store'), once: true, onEvent: (event) => void (event.event === 'quarantined' && told.push({ ...event.error, name: event.name })) });
  t.deepEqual(told.map(({ name, code }) => [name, code]), [['cut.tar', 'document-malformed'], ['flip.tar', 'digest-mismatch']]);
  t.regex(String(told[0]?.['message']), /^archive-structure: cut\.tar: /);
  t.notRegex(JSON.stringify(told), /incoming/);
});

test('a password before a host of another kind, or a signature behind it, is not repeated, wherever it is typed', async (t) => {
  for (const url of ['scp://me:hunter2@drop.example/a.tar', 's3://drop.example/a.tar?X-Amz-Signature=hunter2']) {
    for (const work of [send({ files: [archive], to: [url] }), fetch({ url }), watch({ url: `${url}/` }), listFolder({ url }), save({ images: [archive], output: url })]) {
      const error = await t.throwsAsync(work);
      t.notRegex(`${error?.message} ${JSON.stringify(error)}`, /hunter2/);
    }
  }
  await t.throwsAsync(fetch({ url: 'https://drop.example/a.tar#app:1' }), { code: 'usage', message: /%23/ });
});

test('a watch is refused a target that is none, or that keeps only what came last, before a file is blamed for it', async (t) => {
  const url = await folderUrl('into');
  await save({ images: [archive], output: `${url}a.tar` });
  for (const into of ['nosuch:foo/', 'docker://UPPER', 'all.tar', 'docker-archive:all.tar', 'oci-archive:all.oci', `${url}all.tar`]) {
    const events: WatchEvent[] = [];
    await t.throwsAsync(watch({ url, into, once: true, stateFile: scratch.path('into.json'), onEvent: (event) => events.push(event) }), { name: 'ImgkitError' }, into);
    t.deepEqual(events, [], into);
  }
  t.deepEqual(await scratch.tree('into'), ['a.tar', 'a.tar.sha256']);
});
