import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { ImgkitError } from '../../../src/errors.js';
import { findComplete } from '../../../src/operations/watch/find-complete.js';
import { EMPTY_STATE } from '../../../src/operations/watch/watch-state.js';
import { runOrThrow } from '../../helpers/run.js';
import { kinds, lab, type Lab } from './lab.js';

/** A look during which `change` happens once a file was found. */
const lookAndChange = (given: Lab, change: () => void, more: Parameters<Lab['look']>[0] = {}): ReturnType<Lab['look']> => given.look({
  ...more,
  tell(event) {
    given.events.push(event);
    if (event.event === 'found') change();
  },
});

test('an upload whose checksum came first is not judged while it grows, however often it is looked at', async (t) => {
  const given = await lab(t);
  const whole = 'one two three';
  await given.put('a.tar', 'one', whole);
  for (const more of [' two', ' th']) {
    t.deepEqual({ ...(await lookAndChange(given, () => appendFileSync(join(given.drop, 'a.tar'), more))) }, { accepted: 0, quarantined: 0, failed: 1 });
    t.deepEqual(await readdir(given.path('incoming')), []);
  }
  t.like(given.events.at(-1), { event: 'failed', name: 'a.tar', error: { code: 'network-failed' } });
  await t.throwsAsync(readdir(given.path('quarantine')), { code: 'ENOENT' });
  appendFileSync(join(given.drop, 'a.tar'), 'ree');
  t.is((await given.look()).accepted, 1);
  t.deepEqual(given.taken, [whole]);
  t.deepEqual(await readdir(given.path('incoming')), []);
});

test('a checksum that is still being written is waited for, as half an archive is, and judged when it stays as it is', async (t) => {
  const given = await lab(t);
  const beside = join(given.drop, 'a.tar.sha256');
  await given.put('a.tar', 'content', 'content');
  const whole = await readFile(beside, 'utf8');
  for (const length of [0, 20, 68]) {
    await writeFile(beside, whole.slice(0, length));
    t.deepEqual({ ...(await given.look()) }, { accepted: 0, quarantined: 0, failed: 1 }, `${length} characters`);
  }
  t.like(given.events.at(-1), { event: 'failed', name: 'a.tar', error: { code: 'network-failed' } });
  await writeFile(beside, whole);
  t.is((await given.look()).accepted, 1);
  t.deepEqual({ ...(await given.look()) }, { accepted: 0, quarantined: 0, failed: 0 });
  // One that stays broken is refused.
  await given.put('b.tar', 'later', 'later');
  await given.put('c.tar', 'content', '');
  await writeFile(join(given.drop, 'c.tar.sha256'), 'half');
  t.deepEqual({ ...(await given.look({ requireChecksum: true })) }, { accepted: 0, quarantined: 0, failed: 2 });
  t.deepEqual({ ...(await given.look({ requireChecksum: true })) }, { accepted: 0, quarantined: 1, failed: 1 });
  t.like(JSON.parse(await readFile(given.path('state.json'), 'utf8')), { pending: {} });
});

test('an upload that is replaced while it is fetched is taken at the next look, and the old one is not called wrong', async (t) => {
  const given = await lab(t);
  await given.put('a.tar', 'old', 'old');
  // As `send --force` does: the checksum goes first and comes last.
  await lookAndChange(given, () => rmSync(join(given.drop, 'a.tar.sha256')));
  t.deepEqual(kinds(given.events), ['found', 'failed']);
  await given.put('a.tar', 'new', 'new');
  t.is((await given.look()).accepted, 1);
  t.deepEqual(given.taken, ['new']);
});

test('a file that is taken away while it is fetched is no file that was refused', async (t) => {
  const given = await lab(t);
  await given.put('a.tar', 'content', 'content');
  t.is((await lookAndChange(given, () => { for (const name of ['a.tar', 'a.tar.sha256']) rmSync(join(given.drop, name)); })).failed, 1);
  t.deepEqual({ ...(await given.look()) }, { accepted: 0, quarantined: 0, failed: 0 });
  await t.throwsAsync(readdir(given.path('quarantine')), { code: 'ENOENT' });
});

test('a signature that comes after the checksum has the file looked at again', async (t) => {
  const given = await lab(t);
  await given.put('a.tar', 'x', 'x');
  const checkStatement: NonNullable<Parameters<Lab['look']>[0]>['checkStatement'] = async (sidecars) => {
    if (sidecars?.signatures.size !== 1) throw new ImgkitError('signature-missing', 'a.tar: is not signed.');
  };
  t.is((await given.look({ checkStatement })).quarantined, 1);
  t.deepEqual({ ...(await given.look({ checkStatement })) }, { accepted: 0, quarantined: 0, failed: 0 });
  await writeFile(join(given.drop, 'a.tar.sha256.sig'), 'SIG');
  t.is((await given.look({ checkStatement })).accepted, 1);
  // One that comes while the file is being refused, too.
  await given.put('b.tar', 'y', 'y');
  t.is((await lookAndChange(given, () => writeFileSync(join(given.drop, 'b.tar.sha256.sig'), 'SIG'), { checkStatement: async () => { throw new ImgkitError('signature-missing', 'b.tar: is not signed.'); } })).failed, 1);
});

test('of two files of one name each has its own reason in the quarantine, the one that was not kept too', async (t) => {
  const given = await lab(t);
  await given.put('a.tar', 'bad', 'bad');
  await given.look();
  await given.put('a.tar', 'unsigned', 'unsigned');
  await given.look({ checkStatement: async () => { throw new ImgkitError('signature-missing', 'a.tar: is not signed.'); } });
  await given.put('a.tar', 'bad again', 'bad again');
  await given.look();
  const quarantine = given.path('quarantine');
  const names = ['a.tar', 'a.tar.2', 'a.tar.3'];
  t.deepEqual((await readdir(quarantine)).toSorted(), ['a.tar', 'a.tar.2.reason.json', 'a.tar.2.reason.txt', 'a.tar.3', 'a.tar.3.reason.json', 'a.tar.3.reason.txt', 'a.tar.reason.json', 'a.tar.reason.txt']);
  const reasons = await Promise.all(names.map(async (name) => JSON.parse(await readFile(join(quarantine, `${name}.reason.json`), 'utf8')) as { kept: boolean; error: { code: string } }));
  t.deepEqual(reasons.map(({ kept, error }) => [kept, error.code]), [[true, 'tar-malformed'], [false, 'signature-missing'], [true, 'tar-malformed']]);
});

test('a checksum that somebody left in the archive folder does not come to stand beside another file', async (t) => {
  const given = await lab(t);
  await given.put('a.tar', 'first', 'first');
  await given.look();
  await rm(given.path('archive/a.tar'));
  await given.put('a.tar', 'second', 'second');
  await given.look();
  t.deepEqual((await readdir(given.path('archive'))).toSorted(), ['a.tar.2', 'a.tar.2.sha256', 'a.tar.sha256']);
  t.is(await runOrThrow('sha256sum', ['--quiet', '-c', 'a.tar.2.sha256'], { cwd: given.path('archive') }), '');
});

test('what was fetched of an upload that was taken away does not stay; what is awaited does', async (t) => {
  const given = await lab(t);
  const long = `${'ü'.repeat(115)}.tar`;
  await given.put('gone.tar', 'later', 'later');
  await given.put(long, 'later', 'later');
  t.is((await given.look()).failed, 2);
  const part = (name: string): string => given.path(`incoming/.${name}.0123456789abcdef.part`);
  for (const name of ['gone.tar', 'ü'.repeat(100)]) for (const suffix of ['', '.json']) await writeFile(`${part(name)}${suffix}`, 'half');
  await mkdir(given.path('incoming/folder'));
  for (const name of ['gone.tar', 'gone.tar.sha256']) await rm(join(given.drop, name));
  t.is((await given.look()).failed, 1);
  t.deepEqual((await readdir(given.path('incoming'))).toSorted(), [part('ü'.repeat(100)), `${part('ü'.repeat(100))}.json`].map((path) => path.slice(given.path('incoming/').length)).concat('folder', long, `${long}.sha256`).toSorted());
});

test('the state does not grow with the files that somebody puts there', (t) => {
  const entries = Array.from({ length: 10_100 }, (_, i) => ({ name: `${i}.tar`, kind: 'file' as const, size: 1, modified: new Date(0) }));
  const { pending } = findComplete(entries, EMPTY_STATE, false);
  t.is(Object.keys(pending).length, 10_000);
  const state = { ...EMPTY_STATE, remembered: Object.entries(pending).map(([name, key]) => ({ name, key, digest: 'none', outcome: 'accepted' as const, at: '' })) };
  t.is(Object.keys(findComplete(entries, state, false).pending).length, 100, 'the others have their turn');
});

test('where a listing has names only, an upload is complete when the server says the same of it twice, and a new one of its name is seen', async (t) => {
  const given = await lab(t);
  const { serveFolder } = await import('./serve-folder.js');
  const url = await serveFolder(t, given.drop);
  await given.put('a.tar', 'half');
  await given.look({ url });
  await given.put('a.tar', 'half and half');
  await given.look({ url });
  t.deepEqual(given.taken, []);
  await given.look({ url });
  await given.put('b.tar', 'one', 'one');
  await given.look({ url });
  await given.put('b.tar', 'two', 'two');
  // Of the same size, and not within one tick of the clock of the disk.
  await utimes(join(given.drop, 'b.tar.sha256'), 1, 1);
  await given.look({ url });
  t.deepEqual(given.taken, ['half and half', 'one', 'two']);
  // And half of one whose checksum came first is not judged.
  await given.put('c.tar', 'half', 'half and half');
  await lookAndChange(given, () => appendFileSync(join(given.drop, 'c.tar'), ' and'), { url });
  t.deepEqual(kinds(given.events).slice(-2), ['found', 'failed']);
});

test('a file that the server lists and lets nobody read holds up no other', async (t) => {
  const given = await lab(t);
  const { serveFolder } = await import('./serve-folder.js');
  const url = await serveFolder(t, given.drop);
  await given.put('a.tar');
  await given.put('b.tar', 'other', 'other');
  await chmod(join(given.drop, 'a.tar'), 0o600);
  t.deepEqual({ ...(await given.look({ url })) }, { accepted: 1, quarantined: 0, failed: 0 });
  t.deepEqual({ ...(await given.look({ url })) }, { accepted: 0, quarantined: 0, failed: 1 });
  t.like(given.events.at(-1), { event: 'failed', name: 'a.tar', error: { code: 'remote-refused' } });
  await chmod(join(given.drop, 'a.tar'), 0o644);
  await given.look({ url });
  await given.look({ url });
  t.deepEqual(given.taken, ['other', 'a.tar']);
});
