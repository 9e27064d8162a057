import { appendFile, copyFile, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import test from 'ava';
import { encrypt, keygen, load, sign, signImage, trustAdd, verify, type VerifyReport } from '../../src/index.js';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, layer, pack } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';

/** Who signed something, without a look at what it is. */
const scratch = makeScratch();
const keys = scratch.path('keys');
const signed = { keys: [`${keys}/ssh.pub`] };
const stranger = { keys: [`${keys}/stranger.pub`] };
const notes = scratch.writeNow('notes.txt', 'no archive\n');
const archive = scratch.writeNow('app.tar', pack(hybridParts([named(image('app', { layers: [layer('app')] }), 'app:1')])));
const checks = ({ findings }: VerifyReport): readonly string[] => findings.filter(({ status }) => status !== 'note').map(({ check, status }) => `${check} ${status}`);

test.before(async () => {
  for (const name of ['ssh', 'stranger']) await keygen({ type: 'ssh', name, folder: keys });
  for (const name of ['image', 'other']) await keygen({ type: 'cosign', name, folder: keys });
  const { publicLine } = await keygen({ type: 'age', folder: keys });
  await encrypt({ input: archive, output: scratch.path('app.tar.age'), recipients: [publicLine as string] });
  await sign({ files: [notes, scratch.path('app.tar.age')], key: `${keys}/ssh` });
});
test.after.always(() => scratch.remove());

test('a file of any kind, and one that is encrypted for somebody else', async (t) => {
  for (const target of [notes, scratch.path('app.tar.age')]) {
    const report = await verify({ target, signed, signatureOnly: true });
    t.like(report, { ok: true, signatureOnly: true, images: [], format: undefined });
    t.deepEqual(checks(report), ['signature ok', 'signed-file ok']);
    t.is(report.signatures?.length, 1);
    t.like(await verify({ target, signed: stranger, signatureOnly: true }), { ok: false, refused: true, signatures: undefined, signatureOnly: undefined });
  }
});

test('one that was changed, and one that nobody signed, whatever it holds', async (t) => {
  const changed = scratch.path('changed', 'notes.txt');
  await scratch.write('changed/notes.txt', '');
  for (const ending of ['', '.sha256', '.sha256.sig']) await copyFile(`${notes}${ending}`, `${changed}${ending}`);
  await appendFile(changed, 'x');
  const refused = await verify({ target: changed, signed, signatureOnly: true });
  t.deepEqual([checks(refused), refused.refused], [['signature ok', 'signed-file failed'], true]);
  await copyFile(scratch.path('app.tar.age'), scratch.path('unsigned.age'));
  for (const target of [await scratch.write('unsigned.txt', 'x'), scratch.path('unsigned.age'), archive]) {
    const report = await verify({ target, signed, signatureOnly: true });
    t.like(report, { ok: false, refused: true, images: [] }, target);
    t.true(checks(report).includes('signature failed'), target);
  }
});

test('from a host and from standard input all of it is read', async (t) => {
  const server = createServer(({ url }, response) => {
    void readFile(scratch.path(`.${url ?? ''}`)).then((bytes) => response.end(bytes), () => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve()).closeAllConnections()));
  const from = (name: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;
  t.deepEqual(checks(await verify({ target: from('notes.txt'), signed, signatureOnly: true })), ['signature ok', 'signed-file ok']);
  t.true((await verify({ target: from('notes.txt'), signed: stranger, signatureOnly: true })).refused);
  const sidecars = { statement: `${notes}.sha256`, signatures: [`${notes}.sha256.sig`] };
  const piped = (text: string): Promise<VerifyReport> => verify({ target: '-', stdin: Readable.from([Buffer.from(text)]), signed: { ...signed, ...sidecars }, signatureOnly: true });
  t.deepEqual(checks(await piped('no archive\n')), ['signature ok', 'signed-file ok']);
  t.like(await piped('no archive!'), { ok: false, refused: true });
  t.like(await piped('no arch'), { ok: false, refused: true });
});

test('images: their own signatures, and what the policy says of them, but nothing of their layers', async (t) => {
  const [storeFolder, trust] = [scratch.path('store'), scratch.path('trust')];
  await load({ from: archive, storeFolder });
  await signImage({ location: 'store:app:1', key: `${keys}/image.key`, storeFolder });
  await trustAdd({ folder: trust, files: [`${keys}/image.pub`] });
  const report = await verify({ target: 'store:app:1', storeFolder, signed: { trust }, signatureOnly: true });
  t.like(report, { ok: true, signatureOnly: true, format: 'store' });
  t.deepEqual(report.images.map(({ names }) => names), [['docker.io/library/app:1']]);
  t.false(checks(report).some((each) => each.startsWith('blob')));
  t.like(await verify({ target: 'store:app:1', storeFolder, signed: { keys: [`${keys}/other.pub`] }, signatureOnly: true }), { ok: false, refused: true });
  const policy = await scratch.write('policy.json', JSON.stringify({ version: 1, default: 'reject' }));
  await trustAdd({ folder: trust, files: [policy] });
  t.like(await verify({ target: 'store:app:1', storeFolder, signed: { trust }, signatureOnly: true }), { ok: false, refused: true, images: [] });
});

test('what is broken is a finding, and never thrown', async (t) => {
  const cut = await scratch.write('cut.tar', (await readFile(archive)).subarray(0, 3000));
  const layout = await scratch.write('broken/index.json', '{');
  await scratch.write('broken/oci-layout', '{"imageLayoutVersion":"1.0.0"}');
  for (const target of [cut, `oci:${dirname(layout)}`]) {
    const report = await verify({ target, signed, signatureOnly: true });
    t.like(report, { ok: false, images: [] }, target);
    t.true(checks(report).some((each) => each.endsWith('failed')), target);
  }
});

test('there must be somebody to trust, and nothing else to compare', async (t) => {
  await t.throwsAsync(verify({ target: notes, signatureOnly: true }), { code: 'usage', message: /somebody to trust/ });
  await t.throwsAsync(verify({ target: notes, signed, expect: `sha256:${'0'.repeat(64)}`, signatureOnly: true }), { code: 'usage', message: /expected digest/ });
});
