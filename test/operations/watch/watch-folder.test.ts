import { execFile } from 'node:child_process';
import { renameSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { digestOf } from '../../../src/content/digest.js';
import { ImgkitError } from '../../../src/errors.js';
import { thisProcess } from '../../../src/content/process-identity.js';
import { runOrThrow } from '../../helpers/run.js';
import { kinds, lab } from './lab.js';

test('a file with its checksum is taken at once, and once', async (t) => {
  const given = await lab(t);
  await given.put('a.tar', 'content', 'content');
  t.deepEqual({ ...(await given.look()) }, { accepted: 1, quarantined: 0, failed: 0 });
  t.deepEqual({ ...(await given.look()) }, { accepted: 0, quarantined: 0, failed: 0 });
  t.deepEqual(given.taken, ['content']);
  t.deepEqual(kinds(given.events), ['found', 'accepted']);
  t.deepEqual((await readdir(given.path('archive'))).sort(), ['a.tar', 'a.tar.sha256']);
  t.deepEqual(await readdir(given.path('incoming')), []);
});

test('in an archive folder that has the name already, the statement goes along with the new one; a signed one stays as it is', async (t) => {
  const given = await lab(t);
  await given.put('a.tar', 'first', 'first');
  await given.look();
  await given.put('a.tar', 'second', 'second');
  await given.look();
  const archive = given.path('archive');
  t.is(await runOrThrow('sha256sum', ['--quiet', '-c', 'a.tar.sha256', 'a.tar.2.sha256'], { cwd: archive }), '');
  await given.put('a.tar', 'third', 'third');
  await writeFile(join(given.drop, 'a.tar.sha256.sig'), 'SIG');
  await given.look();
  t.deepEqual((await readdir(archive)).sort(), ['a.tar', 'a.tar.2', 'a.tar.2.sha256', 'a.tar.3', 'a.tar.3.sha256', 'a.tar.3.sha256.sig', 'a.tar.sha256']);
  t.regex(await readFile(join(archive, 'a.tar.3.sha256'), 'utf8'), /  a\.tar\n$/);
  t.deepEqual(await readdir(given.path('incoming')), []);
});

test('a file without one is taken when it is the same at two looks, also of two processes', async (t) => {
  const given = await lab(t);
  await given.put('a.tar', 'half');
  await given.look();
  await given.put('a.tar', 'half and half');
  await given.look();
  t.deepEqual(given.taken, []);
  await given.look();
  t.deepEqual(given.taken, ['half and half']);
  await given.put('b.tar');
  for (let i = 0; i < 3; i++) await given.look({ requireChecksum: true });
  t.deepEqual(given.taken, ['half and half']);
});

test('part files, hidden files, checksums, folders and what is no archive are left alone', async (t) => {
  const given = await lab(t);
  for (const name of ['.a.tar.0123456789abcdef.part', '.hidden.tar', 'notes.txt', 'b.tar.sha256', ' space.tar', 'zero\u200bwidth.tar']) await given.put(name);
  await mkdir(join(given.drop, 'folder.tar'));
  for (let i = 0; i < 3; i++) await given.look();
  t.deepEqual(given.taken, []);
  t.deepEqual(given.events, []);
});

test('a folder that is called like the checksum says nothing: the file is taken as one without', async (t) => {
  const given = await lab(t);
  await given.put('a.tar');
  await mkdir(join(given.drop, 'a.tar.sha256'));
  t.deepEqual({ ...(await given.look()) }, { accepted: 0, quarantined: 0, failed: 0 });
  t.deepEqual({ ...(await given.look()) }, { accepted: 1, quarantined: 0, failed: 0 });
  await given.put('b.tar', 'content', 'content');
  await mkdir(join(given.drop, 'b.tar.sha256.sig'));
  t.deepEqual({ ...(await given.look()) }, { accepted: 1, quarantined: 0, failed: 0 });
});

test('the same bytes put there anew are known; other bytes under the same name are new', async (t) => {
  const given = await lab(t);
  await given.put('a.tar', 'one', 'one');
  await given.look();
  await utimes(join(given.drop, 'a.tar'), 1, 1);
  await given.look();
  t.deepEqual(kinds(given.events), ['found', 'accepted', 'known']);
  await given.put('a.tar', 'two', 'two');
  await given.look();
  t.deepEqual(given.taken, ['one', 'two']);
  t.deepEqual((await readdir(given.path('archive'))).sort(), ['a.tar', 'a.tar.2', 'a.tar.2.sha256', 'a.tar.sha256']);
});

test('earlier bytes that come again after others of that name are taken again: the sender went back; not so after others that were refused', async (t) => {
  const given = await lab(t);
  const file = join(given.drop, 'a.tar');
  await given.put('a.tar', 'one', 'one');
  await given.look();
  await rename(file, `${file}.old`);
  await rename(`${file}.sha256`, `${file}.old.sha256`);
  await given.put('a.tar', 'two', 'two');
  await given.look();
  // With the time that it had.
  await rename(`${file}.old`, file);
  await rename(`${file}.old.sha256`, `${file}.sha256`);
  await given.look();
  await given.look();
  t.deepEqual(given.taken, ['one', 'two', 'one']);
  await given.put('a.tar', 'bad', 'bad');
  await given.look();
  await given.put('a.tar', 'one', 'one');
  await given.look();
  await given.put('a.tar', 'bad', 'bad');
  await given.look();
  t.deepEqual(kinds(given.events).slice(6), ['found', 'quarantined', 'known', 'known']);
});

test('what is refused goes to quarantine with the reason, and is not tried again', async (t) => {
  const given = await lab(t);
  await given.put('broken.tar', 'bad', 'bad');
  await given.put('wrong.tar', 'damaged', 'whole');
  await given.put('good.tar', 'good', 'good');
  t.deepEqual({ ...(await given.look()) }, { accepted: 1, quarantined: 2, failed: 0 });
  t.deepEqual({ ...(await given.look()) }, { accepted: 0, quarantined: 0, failed: 0 });
  const quarantine = given.path('quarantine');
  t.deepEqual((await readdir(quarantine)).sort(), ['broken.tar', 'broken.tar.reason.json', 'broken.tar.reason.txt', 'wrong.tar', 'wrong.tar.reason.json', 'wrong.tar.reason.txt']);
  t.is(await readFile(join(quarantine, 'wrong.tar'), 'utf8'), 'damaged');
  t.like(JSON.parse(await readFile(join(quarantine, 'broken.tar.reason.json'), 'utf8')), { name: 'broken.tar', kept: true, digest: digestOf(Buffer.from('bad')), error: { code: 'tar-malformed' } });
  t.like(JSON.parse(await readFile(join(quarantine, 'wrong.tar.reason.json'), 'utf8')), { error: { code: 'digest-mismatch' } });
  t.deepEqual(await readdir(given.path('incoming')), []);
});

test('what is refused before it is fetched leaves its reason, and nobody says that it was kept', async (t) => {
  const given = await lab(t);
  await given.put('a.tar', 'x', 'x');
  await given.look({ checkStatement: async () => { throw new ImgkitError('signature-missing', 'a.tar.sha256: "a" is not\u001b[2J signed.'); } });
  const quarantine = given.path('quarantine');
  t.deepEqual((await readdir(quarantine)).toSorted(), ['a.tar.reason.json', 'a.tar.reason.txt']);
  t.like(JSON.parse(await readFile(join(quarantine, 'a.tar.reason.json'), 'utf8')), { kept: false });
  t.like(given.events.find(({ event }) => event === 'quarantined'), { path: undefined, reason: join(quarantine, 'a.tar.reason.txt') });
  t.regex(await readFile(join(quarantine, 'a.tar.reason.txt'), 'utf8'), /\na\.tar\.sha256: "a" is not\\x1b\[2J signed\.\n\(signature-missing\)\nNothing of it was kept\.\n$/);
});

test('what was refused and put there anew is looked at again where signatures are asked for: it may have been signed since', async (t) => {
  const given = await lab(t);
  await given.put('a.tar', 'x', 'x');
  const checkStatement = async (): Promise<void> => undefined;
  const refuse = async (): Promise<never> => { throw new ImgkitError('policy-refused', 'a.tar: is not signed.'); };
  for (const check of [undefined, checkStatement]) {
    await given.look({ checkStatement: check, accept: refuse });
    await utimes(join(given.drop, 'a.tar'), 1, check === undefined ? 1 : 2);
  }
  t.deepEqual(kinds(given.events), ['found', 'quarantined', 'found', 'quarantined']);
  await given.look();
  t.deepEqual(kinds(given.events).slice(4), ['known']);
  await utimes(join(given.drop, 'a.tar'), 1, 3);
  await given.look({ checkStatement });
  t.deepEqual(given.taken, ['x']);
});

test('without a quarantine folder nothing of it stays, and it is not tried again either', async (t) => {
  const given = await lab(t);
  await given.put('broken.tar', 'bad', 'bad');
  await given.put('wrong.tar', 'damaged', 'whole');
  await given.look({ quarantine: undefined });
  await given.look({ quarantine: undefined });
  t.deepEqual(kinds(given.events), ['found', 'quarantined', 'found', 'quarantined']);
  t.deepEqual(await readdir(given.path('incoming')), []);
});

test('what is no fault of the file is tried again', async (t) => {
  const given = await lab(t);
  await given.put('a.tar', 'later', 'later');
  t.is((await given.look()).failed, 1);
  t.is((await given.look()).failed, 1);
  t.is(await readFile(given.path('incoming/a.tar'), 'utf8'), 'later', 'it need not be fetched again');
});

test('a hook gets names through its environment and its input, never through the shell', async (t) => {
  const given = await lab(t);
  const name = '$(touch pwned);`touch pwned`.tar';
  await given.put(name, 'x', 'x');
  const out = given.path('hook');
  await given.look({ exec: `cat > '${out}'; printf %s "$IMGKIT_NAME" > '${out}.name'; exit 3` });
  t.is(await readFile(`${out}.name`, 'utf8'), name);
  t.like(JSON.parse(await readFile(out, 'utf8')), { name, digest: digestOf(Buffer.from('x')), into: 'store:' });
  t.deepEqual(given.events.at(-1), { event: 'exec', name, exit: 3 });
  await given.look();
  t.deepEqual(given.taken, ['x']);
});

test('a hook is run also where the names are more than an environment holds', async (t) => {
  const given = await lab(t);
  await given.put('a.tar', 'x', 'x');
  const out = given.path('hook');
  const names = Array.from({ length: 4000 }, (_, i) => `registry.example/${'n'.repeat(40)}/app:${i}`);
  await given.look({ exec: `cat > '${out}'; test -z "$IMGKIT_IMAGES"`, accept: async () => ({ images: [{ names, digest: digestOf(Buffer.from('x')) }] }) });
  t.deepEqual(given.events.at(-1), { event: 'exec', name: 'a.tar', exit: 0 });
  t.is((JSON.parse(await readFile(out, 'utf8')) as { images: { names: string[] }[] }).images[0]?.names.length, names.length);
});

test('a file whose name leaves no room for what is put beside it does not hold up the others', async (t) => {
  const given = await lab(t);
  const long = `${'l'.repeat(241)}.tar`;
  await given.put(long, 'bad');
  await given.put('z.tar', 'z', 'z');
  await given.look();
  t.deepEqual({ ...(await given.look()) }, { accepted: 0, quarantined: 1, failed: 0 });
  t.deepEqual(given.taken, ['z']);
  const kept = (await readdir(given.path('quarantine'))).toSorted();
  t.deepEqual(kept.map((name) => name.replace(/^l+/, '')), ['.tar', '.tar.reason.json', '.tar.reason.txt']);
  t.is((JSON.parse(await readFile(join(given.path('quarantine'), kept[1] ?? ''), 'utf8')) as { name: string }).name, long);
  t.deepEqual(await readdir(given.path('incoming')), []);
});

test('a quarantine that cannot be written to holds up only the file that belongs there', async (t) => {
  const given = await lab(t);
  await given.put('broken.tar', 'bad', 'bad');
  await given.put('good.tar', 'good', 'good');
  await writeFile(given.path('quarantine'), 'no folder');
  t.deepEqual({ ...(await given.look()) }, { accepted: 1, quarantined: 0, failed: 1 });
  t.deepEqual(given.taken, ['good']);
  await rm(given.path('quarantine'));
  t.deepEqual({ ...(await given.look()) }, { accepted: 0, quarantined: 1, failed: 0 });
});

test('a server that is away is waited for, and a signal ends the watch without an error', async (t) => {
  const given = await lab(t);
  await given.put('a.tar', 'x', 'x');
  await rename(given.drop, given.path('away'));
  const abort = new AbortController();
  const watching = given.look({
    once: false, signal: abort.signal,
    tell(event) {
      given.events.push(event);
      // In one step: else it may be looked at before its checksum is there.
      if (event.event === 'failed' && given.events.length === 2) renameSync(given.path('away'), given.drop);
      if (event.event === 'accepted') abort.abort();
    },
  });
  t.is((await watching).accepted, 1);
  t.deepEqual([...new Set(kinds(given.events))], ['failed', 'found', 'accepted', 'stopped']);
  t.deepEqual(given.taken, ['x']);
});

test('with --once a server that is away is an error, and so is a state file that is none', async (t) => {
  const given = await lab(t);
  await writeFile(given.path('state.json'), '{"version":2}');
  await t.throwsAsync(given.look(), { code: 'document-malformed', message: /--state/ });
  await rm(given.path('state.json'));
  await rm(given.drop, { recursive: true });
  await t.throwsAsync(given.look(), { code: 'file-not-found' });
});

test('two watchers with one state file: the second is told who has it, and a dead one is no hindrance', async (t) => {
  const given = await lab(t);
  await given.put('a.tar', 'content', 'content');
  const stop = new AbortController();
  const watching = given.look({ once: false, signal: stop.signal });
  while (given.taken.length === 0) await new Promise((resolve) => { setTimeout(resolve, 2); });
  const error = await t.throwsAsync(given.look(), { code: 'store-locked', message: /another watch works with this state file \(process \d+ on .*\); end that one, or name another file with --state/ });
  t.true(error?.message.includes(`process ${process.pid} on `));
  t.deepEqual({ ...(await given.look({ stateFile: given.path('other.json'), incoming: given.path('elsewhere'), archiveTo: undefined })) }, { accepted: 1, quarantined: 0, failed: 0 });
  stop.abort();
  await watching;
  t.deepEqual((await readdir(given.path('.'))).filter((name) => name.includes('.lock')), []);
  // What a watcher that was killed leaves.
  const dead = await new Promise<string>((resolve, reject) => { execFile(process.execPath, ['-e', 'console.log(process.pid)'], (failure, stdout) => (failure ? reject(failure) : resolve(stdout.trim()))); });
  await writeFile(given.path('state.json.lock'), JSON.stringify({ nonce: '0123456789abcdef', ...(await thisProcess()), pid: Number(dead) }));
  t.deepEqual({ ...(await given.look()) }, { accepted: 0, quarantined: 0, failed: 0 });
  t.deepEqual((await readdir(given.path('.'))).filter((name) => name.includes('.lock')), []);
});
