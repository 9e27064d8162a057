import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { digestHex } from '../../../src/content/digest.js';
import { sendFile, type Sent } from '../../../src/operations/ship/send-file.js';
import { faultyTransport, targetOf } from './faulty-transport.js';
import { delivered, lab, OPTIONS, SIZE, type Lab } from './send-lab.js';

/** Sends once with `transport`, and meanwhile, when it comes to `step`, sends all of it once more. */
async function interleaved(given: Lab, step: 'stat' | 'write' | 'hash' | 'rename', when: 'before' | 'after', again = given.drop): Promise<readonly Sent[]> {
  const transport = faultyTransport();
  const sent: Sent[] = [];
  let once = true;
  const other = async (): Promise<void> => {
    if (!once) return;
    once = false;
    sent.push(await sendFile(given.file, await targetOf(faultyTransport(), join(again, 'app.tar')), OPTIONS));
  };
  const work = (name: 'stat' | 'write' | 'hash' | 'rename') => async (...args: readonly never[]): Promise<never> => {
    if (name === step && when === 'before') await other();
    const result = await (transport[name] as (...all: readonly never[]) => Promise<never>)(...args);
    if (name === step && when === 'after') await other();
    return result;
  };
  const target = await targetOf({ ...transport, stat: work('stat') as never, write: work('write') as never, hash: work('hash') as never, rename: work('rename') as never }, join(given.drop, 'app.tar'));
  sent.push(await sendFile(given.file, target, OPTIONS));
  return sent;
}

for (const step of ['stat', 'write', 'hash', 'rename'] as const) {
  for (const when of ['before', 'after'] as const) {
    test(`two send one file to one place, the second ${when} the first comes to ${step}: it is whole`, async (t) => {
      const given = await lab(t, 300_000);
      const both = await interleaved(given, step, when);
      t.deepEqual(both.map(({ status }) => status).filter((status) => status === 'sent').length, 1);
      await delivered(t, given);
    });
  }
}

test('two names of one folder, as a link and as /~/, are no reason to take the part away that is being written', async (t) => {
  const given = await lab(t, 300_000);
  await symlink(given.drop, `${given.drop}-again`);
  const both = await interleaved(given, 'write', 'after', `${given.drop}-again`);
  t.deepEqual(both.map(({ status }) => status), ['sent', 'already-there']);
  await delivered(t, given);
});

/** The name that `part` would have as that of the process `pid`. */
function ofProcess(part: string, pid: number): string {
  return part.replace(/[0-9a-f]{6}(?=[0-9a-f]{4}\.part$)/, pid.toString(16).padStart(6, '0'));
}

test('the part of a process that runs is left alone; that of one which is gone is continued', async (t) => {
  const given = await lab(t);
  const half = given.bytes.subarray(0, 700_000);
  await writeFile(ofProcess(given.part, process.ppid), half);
  const { sentBytes, notes } = await given.send();
  t.is(sentBytes, SIZE);
  t.regex(notes.join(), /another process sends the same file/);
  t.true((await readFile(ofProcess(given.part, process.ppid))).equals(half));
  await rm(given.drop, { recursive: true });
  await mkdir(given.drop);
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  await writeFile(ofProcess(given.part, gone), half);
  t.is((await given.send()).sentBytes, SIZE - half.length);
  await delivered(t, given);
});

test('where nothing can be continued, as over HTTP, no part stays: not of a send that failed, and not of a process that was killed', async (t) => {
  const given = await lab(t, 300_000);
  const abilities = { append: false, hash: false, partial: 'never' } as const;
  await t.throwsAsync(given.send({ abilities, failChange: 1 }), { code: 'network-failed', message: /rename app.tar/ });
  t.deepEqual(await readdir(given.drop), []);
  await writeFile(ofProcess(given.part, spawnSync(process.execPath, ['-e', '']).pid), given.bytes);
  t.like(await given.send({ abilities }), { sentBytes: 300_000, notes: [] });
  await delivered(t, given);
});

test('the part of another machine is continued when it rests, and left alone when it grows', async (t) => {
  const given = await lab(t);
  const part = join(given.drop, `.app.tar.${digestHex(given.file.digest).slice(0, 16)}${'0'.repeat(24)}.part`);
  await writeFile(part, given.bytes.subarray(0, 700_000));
  const transport = faultyTransport();
  let size = 700_000;
  const growing = await targetOf({ ...transport, stat: async (path: string) => (path === part ? { kind: 'file', size: (size += 1) } : transport.stat(path)) }, join(given.drop, 'app.tar'));
  t.is((await sendFile(given.file, growing, OPTIONS)).sentBytes, SIZE);
  t.is((await readFile(part)).length, 700_000);
  await rm(join(given.drop, 'app.tar'));
  t.is((await given.send()).sentBytes, SIZE - 700_000);
  await delivered(t, given);
});
