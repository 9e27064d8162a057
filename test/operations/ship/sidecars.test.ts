import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { digestHex } from '../../../src/content/digest.js';
import { plainSidecars } from '../../../src/operations/ship/commit-upload.js';
import { sendFile } from '../../../src/operations/ship/send-file.js';
import { uploadStream } from '../../../src/operations/ship/upload-stream.js';
import { faultyTransport, targetOf } from './faulty-transport.js';
import { delivered, lab, OPTIONS, type Lab } from './send-lab.js';

const beside = (given: Lab, suffix: string): string => join(given.drop, `app.tar.sha256${suffix}`);

test('a checksum and signatures that an older file left, which is gone, go before the new one has the name', async (t) => {
  const given = await lab(t, 300_000);
  await writeFile(beside(given, ''), `${'0'.repeat(64)}  app.tar\n`);
  await writeFile(beside(given, '.sig'), 'of the older one');
  const { log } = await given.send();
  t.deepEqual(log.filter((each) => /^(?:remove|rename)/.test(each)).slice(0, 2), ['remove app.tar.sha256', 'remove app.tar.sha256.sig']);
  await delivered(t, given);
});

test('straight to a host, too', async (t) => {
  const given = await lab(t, 1000);
  await writeFile(beside(given, ''), 'half');
  await writeFile(beside(given, '.minisig'), 'of the older one');
  const once = async function* (): AsyncGenerator<Uint8Array> {
    yield given.bytes;
  };
  await uploadStream(await targetOf(faultyTransport(), join(given.drop, 'app.tar')), once(), { force: false, verify: 'auto' });
  await delivered(t, given);
});

test('a statement of somebody else that says the same stays, with the signatures over it, also when it came first', async (t) => {
  const given = await lab(t, 300_000);
  const theirs = `# release 1.9.6\n${digestHex(given.file.digest)}  app.tar\n`;
  await writeFile(beside(given, ''), theirs);
  await writeFile(beside(given, '.sig'), 'SIG');
  for (const status of ['sent', 'already-there'] as const) {
    t.is((await given.send()).status, status);
    t.deepEqual((await readdir(given.drop)).sort(), ['app.tar', 'app.tar.sha256', 'app.tar.sha256.sig']);
    t.is(await readFile(beside(given, ''), 'utf8'), theirs);
  }
});

test('one that is signed here takes the place of theirs, and their signatures go', async (t) => {
  const given = await lab(t, 300_000);
  await given.send();
  await writeFile(beside(given, ''), `# other words\n${digestHex(given.file.digest)}  app.tar\n`);
  await writeFile(beside(given, '.sig'), 'over the other words');
  const ours = plainSidecars('app.tar', given.file.digest, given.file.size);
  await writeFile(`${given.file.path}.sha256`, ours.statement);
  await writeFile(`${given.file.path}.sha256.minisig`, 'MINISIG');
  t.is((await given.send()).status, 'already-there');
  t.deepEqual((await readdir(given.drop)).sort(), ['app.tar', 'app.tar.sha256', 'app.tar.sha256.minisig']);
  t.is(await readFile(beside(given, ''), 'utf8'), Buffer.from(ours.statement).toString());
});

test('a second run changes nothing', async (t) => {
  const given = await lab(t, 300_000);
  await given.send();
  t.deepEqual((await given.send()).log, []);
});

test('a name that receivers leave alone is refused, too', async (t) => {
  const given = await lab(t, 1000);
  for (const name of ['a\\b.tar', 'bell\u0007.tar']) await t.throwsAsync(async () => sendFile(given.file, await targetOf(faultyTransport(), join(given.drop, name)), OPTIONS), { code: name.startsWith('a') ? 'location-invalid' : 'usage' });
  t.deepEqual(await readdir(given.drop), []);
});

test('a name that leaves no room for what is put beside it is refused before the first byte', async (t) => {
  const given = await lab(t, 1000);
  for (const [length, code] of [[248, undefined], [249, 'location-invalid']] as const) {
    const target = await targetOf(faultyTransport(), join(given.drop, `${'l'.repeat(length - 4)}.tar`));
    if (code === undefined) t.is((await sendFile(given.file, target, OPTIONS)).status, 'sent');
    else await t.throwsAsync(sendFile(given.file, target, OPTIONS), { code, message: /at most 248/ });
    t.is((await readdir(given.drop)).length, code === undefined ? 2 : 0);
    await rm(given.drop, { recursive: true });
    await mkdir(given.drop);
  }
});

test('what killed processes left of other files of this name goes when there is one; of running ones, and of other machines, it stays', async (t) => {
  const once = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from('made on the way');
  };
  for (const how of ['send', 'upload'] as const) {
    const given = await lab(t, 300_000);
    const part = (pid: number): string => given.part.replace(/\.[0-9a-f]{16}/, '.0123456789abcdef').replace(/[0-9a-f]{6}(?=[0-9a-f]{4}\.part$)/, pid.toString(16).padStart(6, '0'));
    const elsewhere = join(given.drop, `.app.tar.0123456789abcdef${'0'.repeat(24)}.part`);
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    for (const path of [part(gone), part(process.ppid), elsewhere]) await writeFile(path, 'half');
    if (how === 'send') await given.send();
    else await uploadStream(await targetOf(faultyTransport(), join(given.drop, 'app.tar')), once(), { force: false, verify: 'auto' });
    t.deepEqual((await readdir(given.drop)).filter((name) => name.endsWith('.part')).map((name) => join(given.drop, name)).sort(), [part(process.ppid), elsewhere].sort(), how);
  }
});

test('who takes the name for another file meanwhile keeps it, and what stands beside it', async (t) => {
  const given = await lab(t, 300_000);
  const transport = faultyTransport();
  const theirs = `${'0'.repeat(64)}  app.tar\n`;
  const write = async (...args: readonly never[]): Promise<void> => {
    await (transport.write as (...all: readonly never[]) => Promise<void>)(...args);
    await writeFile(join(given.drop, 'app.tar'), 'another file');
    await writeFile(beside(given, ''), theirs);
    await writeFile(beside(given, '.sig'), 'over theirs');
  };
  const target = await targetOf({ ...transport, write: write as never }, join(given.drop, 'app.tar'));
  const once = async function* (): AsyncGenerator<Uint8Array> {
    yield given.bytes;
  };
  for (const work of [() => sendFile(given.file, target, OPTIONS), () => uploadStream(target, once(), { force: false, verify: 'auto' })]) {
    await rm(given.drop, { recursive: true });
    await mkdir(given.drop);
    await t.throwsAsync(work(), { code: 'remote-refused', message: /there is a file of this name already/ } as object);
    t.is(await readFile(join(given.drop, 'app.tar'), 'utf8'), 'another file');
    t.is(await readFile(beside(given, ''), 'utf8'), theirs);
    t.is(await readFile(beside(given, '.sig'), 'utf8'), 'over theirs');
  }
});
