import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { ImgkitError } from '../../../src/errors.js';
import { moveFile } from '../../../src/operations/watch/move-file.js';
import { quarantineFile } from '../../../src/operations/watch/quarantine.js';
import { forgetOldest, type Remembered } from '../../../src/operations/watch/watch-state.js';
import { Waits } from '../../../src/operations/watch/waits.js';
import { tempFolder } from '../../content/temp.js';
import { kinds, lab } from './lab.js';

const COUNT = 8;

test('several watches that keep their files in one folder lose none', async (t) => {
  const labs = await Promise.all(Array.from({ length: COUNT }, () => lab(t)));
  const archiveTo = labs[0]?.path('archive');
  const quarantine = labs[0]?.path('quarantine') ?? '';
  for (const [i, given] of labs.entries()) {
    await given.put('a.tar', `good ${i}`, `good ${i}`);
    await given.put('b.tar', `bad ${i}`, `bad ${i}`);
  }
  await Promise.all(labs.map((given) => given.look({ archiveTo, quarantine })));
  const kept = (await readdir(archiveTo ?? '')).filter((name) => !name.endsWith('.sha256'));
  t.deepEqual((await Promise.all(kept.map((name) => readFile(join(archiveTo ?? '', name), 'utf8')))).sort(), labs.map((_, i) => `good ${i}`));
  const refused = (await readdir(quarantine)).filter((name) => !name.includes('.reason.'));
  t.deepEqual((await Promise.all(refused.map((name) => readFile(join(quarantine, name), 'utf8')))).sort(), labs.map((_, i) => `bad ${i}`));
  t.is((await readdir(quarantine)).length, COUNT * 3);
});

test('a name that is taken is not given away, and many reasons at once have one file each', async (t) => {
  const folder = await tempFolder(t);
  for (const name of ['a', 'b']) await writeFile(join(folder, name), name);
  t.false(await moveFile(join(folder, 'a'), join(folder, 'b')));
  t.is(await readFile(join(folder, 'b'), 'utf8'), 'b');
  t.true(await moveFile(join(folder, 'a'), join(folder, 'c')));
  t.deepEqual((await readdir(folder)).sort(), ['b', 'c']);
  await mkdir(join(folder, 'q'));
  const reasons = await Promise.all(Array.from({ length: COUNT }, () => quarantineFile(join(folder, 'gone'), join(folder, 'q'), { name: 'a.tar', url: 'sftp://host/a.tar', error: new ImgkitError('signature-missing', 'none.') })));
  t.is(new Set(reasons.map(({ reason }) => reason)).size, COUNT);
  t.is((await readdir(join(folder, 'q'))).length, COUNT * 2);
});

test('a file that fails again and again waits longer and longer, and no other waits with it', (t) => {
  const arrival = (name: string): { file: { name: string; complete: boolean; signatures: string[] }; key: string } => ({ file: { name, complete: true, signatures: [] }, key: name });
  const [bad, good] = [arrival('bad.tar'), arrival('good.tar')];
  const waits = new Waits(1000);
  const due = (now: number): readonly string[] => waits.due([bad, good], now).map(({ file }) => file.name);
  t.deepEqual(due(0), ['bad.tar', 'good.tar']);
  waits.failed(bad, 0);
  t.deepEqual(due(1999), ['good.tar']);
  t.deepEqual(due(2000), ['bad.tar', 'good.tar']);
  waits.failed(bad, 2000);
  t.deepEqual(due(5999), ['good.tar']);
  for (let i = 0; i < 20; i += 1) waits.failed(bad, 6000);
  t.deepEqual(due(6000 + 5 * 60_000 - 1), ['good.tar']);
  t.deepEqual(due(6000 + 5 * 60_000), ['bad.tar', 'good.tar']);
  waits.failed(bad, 0);
  waits.due([good], 0);
  t.deepEqual(due(0), ['bad.tar', 'good.tar'], 'it was taken away, and put there anew');
});

test('what the folder has is never forgotten; of what it had, the oldest is', (t) => {
  const remembered = ['a', 'b', 'a', 'c', 'd', 'e'].map((name, i): Remembered => ({ name, digest: String(i), key: String(i), outcome: 'accepted', at: '' }));
  const left = (listed: readonly string[], most: number): readonly string[] => forgetOldest(remembered, new Set(listed), most).map(({ digest }) => digest);
  t.deepEqual(left([], 6), ['0', '1', '2', '3', '4', '5']);
  t.deepEqual(left([], 4), ['2', '3', '4', '5']);
  t.deepEqual(left(['a'], 3), ['2', '4', '5']);
  t.deepEqual(left(['a', 'b', 'c', 'd', 'e'], 2), ['1', '2', '3', '4', '5']);
});

test('the same bytes put there again and again are remembered once', async (t) => {
  const given = await lab(t);
  const { utimes } = await import('node:fs/promises');
  await given.put('a.tar', 'x', 'x');
  for (let i = 1; i < 4; i += 1) {
    await given.look();
    await utimes(join(given.drop, 'a.tar'), i, i);
  }
  t.deepEqual(kinds(given.events), ['found', 'accepted', 'known', 'known']);
  t.is((JSON.parse(await readFile(given.path('state.json'), 'utf8')) as { remembered: unknown[] }).remembered.length, 1);
});

test('a command that does not end is ended, and the watch goes on', async (t) => {
  const given = await lab(t);
  await given.put('a.tar', 'x', 'x');
  await given.put('b.tar', 'y', 'y');
  await given.look({ exec: 'sleep 600; true', execTimeout: 100 });
  t.deepEqual(given.events.filter(({ event }) => event === 'exec'), ['a.tar', 'b.tar'].map((name) => ({ event: 'exec', name, exit: 'timeout' })) as never);
});

test('a wrong key of ours is no fault of the file', async (t) => {
  const given = await lab(t);
  await given.put('a.tar', 'x', 'x');
  for (const code of ['key-exposed', 'key-malformed'] as const) t.is((await given.look({ accept: async () => { throw new ImgkitError(code, 'identity.txt: others can read it.'); } })).failed, 1);
  t.is((await given.look()).accepted, 1);
});

test('a trust folder that cannot be read is no fault of the file either', async (t) => {
  const given = await lab(t);
  await given.put('a.tar', 'x', 'x');
  const broken = async (): Promise<never> => { throw new ImgkitError('document-malformed', 'trust/trust.json: is no JSON.'); };
  t.is((await given.look({ requireReady: broken, checkStatement: broken })).failed, 1);
  t.is((await given.look()).accepted, 1);
  t.deepEqual(kinds(given.events), ['found', 'failed', 'found', 'accepted']);
});
