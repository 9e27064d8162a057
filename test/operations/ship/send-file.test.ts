import { randomBytes } from 'node:crypto';
import { appendFile, link, mkdir, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { digestHex, digestOf } from '../../../src/content/digest.js';
import { ImgkitError } from '../../../src/errors.js';
import { fetchFile } from '../../../src/operations/ship/fetch-file.js';
import { explainMissingFolder } from '../../../src/operations/ship/missing-folder.js';
import { sendFile, type Sent } from '../../../src/operations/ship/send-file.js';
import { runOrThrow } from '../../helpers/run.js';
import { faultyTransport, targetOf } from './faulty-transport.js';
import { delivered, lab, OPTIONS, SIZE } from './send-lab.js';

test('a temporary name, a proof, the name, and the statement last', async (t) => {
  const given = await lab(t);
  const { log, proof, status, sentBytes } = await given.send();
  t.deepEqual([status, proof, sentBytes], ['sent', 'hash', SIZE]);
  t.regex(log[0] ?? '', /^write \.app\.tar\.[0-9a-f]{40}\.part 0$/);
  t.is(log[1], 'rename app.tar');
  t.regex(log[2] ?? '', /^write \.app\.tar\.sha256\.[0-9a-f]{40}\.part 0$/);
  t.is(log[3], 'rename app.tar.sha256');
  t.is(log.length, 4);
  await delivered(t, given);
});

test('what a killed process left goes with the next run: the part of a file that has its name, half a statement', async (t) => {
  const given = await lab(t);
  const { log } = await given.send();
  const [, statementPart = ''] = /^write (\S+) 0$/.exec(log[2] ?? '') ?? [];
  await link(join(given.drop, 'app.tar'), given.part);
  await rm(join(given.drop, 'app.tar.sha256'));
  await writeFile(join(given.drop, statementPart), 'half');
  t.is((await given.send()).status, 'already-there');
  await delivered(t, given);
});

for (const hash of [true, false]) {
  test(`cut anywhere, then run again: identical, ${hash ? 'by the hash of the server' : 'read back'}`, async (t) => {
    const given = await lab(t);
    for (const at of [0, 1, 65_536, 262_144, 262_145, 600_000, 1_048_576, SIZE - 1, SIZE]) {
      await t.throwsAsync(given.send({ cutWriteAfter: at, abilities: { hash } }), { code: 'network-failed' });
      t.deepEqual((await readdir(given.drop)).filter((name) => !name.startsWith('.')), [], 'nothing under the final name');
      const again = await given.send({ abilities: { hash } });
      const statement = (await readFile(join(given.drop, 'app.tar.sha256'))).length;
      if (at > 262_144 || (hash && at > 0)) t.is(again.sent, SIZE - at + statement, `only the rest after ${at}`);
      if (at > 262_144) t.regex(again.notes.join(), new RegExp(`continued at byte ${at}: .*${hash ? 'hash of the part file is right' : 'read back'}`));
      await delivered(t, given);
      await rm(given.drop, { recursive: true });
      await mkdir(given.drop);
    }
  });
}

for (const [what, bend] of [
  ['a hole of NULs', (part: Buffer) => part.fill(0, 400_000, 408_192)],
  ['a changed byte', (part: Buffer) => part.fill(1 ^ (part[10] as number), 10, 11)],
  ['a longer file', (part: Buffer) => Buffer.concat([part, Buffer.alloc(SIZE)])],
] as const) {
  for (const hash of [true, false]) {
    test(`a part file with ${what} is not continued (${hash ? 'hash' : 'no hash'})`, async (t) => {
      const given = await lab(t);
      await writeFile(given.part, bend(Buffer.from(given.bytes.subarray(0, 700_000))));
      const { notes, sentBytes } = await given.send({ abilities: { hash } });
      t.regex(notes.join(), /started anew: /);
      t.is(sentBytes, SIZE);
      await delivered(t, given);
    });
  }
}

test('a server that cannot continue a file gets all of it, and that is said', async (t) => {
  const given = await lab(t);
  await writeFile(given.part, given.bytes.subarray(0, 700_000));
  t.regex((await given.send({ abilities: { append: false } })).notes.join(), /cannot continue/);
  await delivered(t, given);
});

test('a failure at any step leaves nothing wrong, and the next run finishes', async (t) => {
  for (let failChange = 0; failChange < 4; failChange++) {
    const given = await lab(t, 300_000);
    await t.throwsAsync(given.send({ failChange }), { code: 'network-failed' });
    const names = await readdir(given.drop);
    t.false(names.includes('app.tar.sha256'), 'no marker before all is there');
    if (names.includes('app.tar')) t.true((await readFile(join(given.drop, 'app.tar'))).equals(given.bytes));
    const again = await given.send();
    t.is(again.status, failChange < 2 ? 'sent' : 'already-there');
    const left = (await readdir(given.drop)).filter((name) => !/^\.app\.tar\.sha256\..*\.part$/.test(name)).sort();
    t.deepEqual(left, ['app.tar', 'app.tar.sha256']);
  }
});

for (const [what, appended] of [['hashed before', true], ['hashed after', false]] as const) {
  test(`a part file that the server still writes to, ${what} it grew, is looked at again and continued`, async (t) => {
    const given = await lab(t);
    const at = [400_000, 700_000, 800_000];
    await writeFile(given.part, given.bytes.subarray(0, at[0]));
    const transport = faultyTransport();
    const grow = async (): Promise<void> => {
      const [from = 0, to] = at;
      if (to !== undefined) await appendFile(await given.partNow(), given.bytes.subarray(from, to));
      at.shift();
    };
    const slow = {
      ...transport,
      async hash(path: string) {
        if (appended) await grow();
        const found = await transport.hash(path);
        if (!appended) await grow();
        return found;
      },
    };
    const { status, sentBytes, notes } = await sendFile(given.file, await targetOf(slow, join(given.drop, 'app.tar')), OPTIONS);
    t.deepEqual([status, sentBytes], ['sent', SIZE - 800_000]);
    t.regex(notes.join(), /continued at byte 800000: /);
    await delivered(t, given);
  });
}

test('a part file that never stops to grow is not continued', async (t) => {
  const given = await lab(t);
  await writeFile(given.part, given.bytes.subarray(0, 400_000));
  const transport = faultyTransport();
  let looks = 0;
  const target = await targetOf({ ...transport, stat: async (path: string) => {
    const there = await transport.stat(path);
    return there && path.endsWith('.part') && !transport.log.some((line) => line.startsWith('write')) ? { ...there, size: 300_000 + (looks += 1) } : there;
  } }, join(given.drop, 'app.tar'));
  const { sentBytes, notes } = await sendFile(given.file, target, OPTIONS);
  t.is(sentBytes, SIZE);
  t.regex(notes.join(), /started anew: the part file there does not stop to change/);
  await delivered(t, given);
});

test('bytes that change on the way are found, and the part file goes', async (t) => {
  const given = await lab(t);
  const bend = (chunk: Uint8Array): Uint8Array => chunk.map((byte, i) => (i === 7 ? byte ^ 1 : byte));
  for (const faults of [{ bend }, { bend, abilities: { hash: false } }]) {
    await t.throwsAsync(given.send(faults, { verify: faults.abilities === undefined ? 'auto' : 'readback' }), { code: 'digest-mismatch' });
    t.deepEqual(await readdir(given.drop), []);
  }
});

test('proofs: what was asked for, or a refusal before the first byte', async (t) => {
  const given = await lab(t, 300_000);
  await t.throwsAsync(given.send({ abilities: { hash: false } }, { verify: 'hash' }), { code: 'location-unsupported', message: /readback/ });
  t.deepEqual(await readdir(given.drop), []);
  for (const verify of ['size', 'hash', 'readback'] as const) {
    t.is((await given.send({}, { verify })).proof, verify);
    await rm(join(given.drop, 'app.tar'));
  }
});

test('a taken name: the same file is fine, another is refused, --force replaces it and what stood beside it', async (t) => {
  const given = await lab(t, 300_000);
  await given.send();
  t.deepEqual((await given.send()).status, 'already-there');
  t.deepEqual((await given.send({ abilities: { hash: false } })).status, 'already-there');
  await writeFile(join(given.drop, 'app.tar'), randomBytes(300_000));
  await writeFile(join(given.drop, 'app.tar.sha256.sig'), 'of the other');
  await t.throwsAsync(given.send(), { code: 'remote-refused', message: /--force/ });
  const { log } = await given.send({}, { force: true });
  t.deepEqual(log.slice(1, 4), ['remove app.tar.sha256', 'remove app.tar.sha256.sig', 'rename app.tar']);
  await delivered(t, given);
});

test('half a file is not the file, whatever the statement beside it says', async (t) => {
  const given = await lab(t, 300_000);
  const abilities = { hash: false };
  await given.send({ abilities });
  await truncate(join(given.drop, 'app.tar'), 200_000);
  await t.throwsAsync(given.send({ abilities }), { code: 'remote-refused', message: /--force/ });
  t.is((await given.send({ abilities }, { force: true })).status, 'sent');
  await delivered(t, given);
});

test('a server that has another number of bytes than were sent', async (t) => {
  const given = await lab(t, 300_000);
  const transport = faultyTransport({ abilities: { hash: false } });
  const target = await targetOf({ ...transport, stat: async (path: string) => {
    const there = await transport.stat(path);
    return there?.size === 300_000 ? { ...there, size: 299_999 } : there;
  } }, join(given.drop, 'app.tar'));
  await t.throwsAsync(sendFile(given.file, target, OPTIONS), { code: 'network-failed', message: /300000 bytes were sent and the server has 299999 bytes/ });
  t.false((await readdir(given.drop)).includes('app.tar'));
});

test('a signature here that is larger than any is not sent', async (t) => {
  const given = await lab(t, 1000);
  await writeFile(`${given.file.path}.sha256`, `${digestHex(given.file.digest)}  app.tar\n`);
  await writeFile(`${given.file.path}.sha256.sig`, Buffer.alloc(1024 * 1024 + 1));
  await t.throwsAsync(given.send(), { code: 'limit-exceeded' });
  t.deepEqual(await readdir(given.drop), []);
});

test('a server whose rename does not replace', async (t) => {
  const given = await lab(t, 300_000);
  const abilities = { rename: 'refuse' } as const;
  await given.send({ abilities });
  await writeFile(join(given.drop, 'app.tar'), 'other');
  await given.send({ abilities }, { force: true });
  await delivered(t, given);
});

test('a statement and signatures that lie beside the file go along, the statement last; one that lies stops it', async (t) => {
  const given = await lab(t, 300_000);
  const statement = `# made by the sender\n${digestHex(given.file.digest)}  app.tar\n`;
  await writeFile(`${given.file.path}.sha256`, statement);
  await writeFile(`${given.file.path}.sha256.sig`, 'SIG');
  await writeFile(`${given.file.path}.sha256.minisig`, 'MINISIG');
  const { log } = await given.send();
  t.is(await readFile(join(given.drop, 'app.tar.sha256'), 'utf8'), statement);
  t.is(await readFile(join(given.drop, 'app.tar.sha256.sig'), 'utf8'), 'SIG');
  t.is(log.at(-1), 'rename app.tar.sha256');
  await writeFile(`${given.file.path}.sha256`, `${digestHex(digestOf(Buffer.from('other')))}  app.tar\n`);
  await rm(given.drop, { recursive: true });
  await mkdir(given.drop);
  await t.throwsAsync(given.send(), { code: 'digest-mismatch', message: /app\.tar\.sha256: says/ });
  t.deepEqual(await readdir(given.drop), []);
});

test('under another name a statement is made for it, and signatures stay here; one that lies stops it there too', async (t) => {
  const given = await lab(t, 300_000);
  const to = join(given.drop, 'other.tar');
  const send = async (): Promise<Sent> => sendFile(given.file, await targetOf(faultyTransport(), to), OPTIONS);
  await writeFile(`${given.file.path}.sha256`, `${digestHex(given.file.digest)}  app.tar\n`);
  t.deepEqual((await send()).notes, []);
  t.is(await runOrThrow('sha256sum', ['--quiet', '-c', 'other.tar.sha256'], { cwd: given.drop }), '');
  await writeFile(`${given.file.path}.sha256.sig`, 'SIG');
  t.deepEqual((await send()).notes, ['its signatures stayed here: they are for the name app.tar; send it under that name, or sign it with --sign-key']);
  t.deepEqual((await readdir(given.drop)).sort(), ['other.tar', 'other.tar.sha256']);
  await writeFile(`${given.file.path}.sha256`, `${digestHex(digestOf(Buffer.from('other')))}  app.tar\n`);
  await t.throwsAsync(send(), { code: 'digest-mismatch', message: /app\.tar\.sha256: says/ });
});

test('a file that changes while it is sent is not called delivered', async (t) => {
  const given = await lab(t, 300_000);
  let changed = false;
  const bend = (chunk: Uint8Array): Uint8Array => {
    changed = true;
    return chunk;
  };
  await writeFile(given.file.path, randomBytes(300_000));
  // Of the same size, and not within one tick of the clock of the disk.
  await utimes(given.file.path, 1, 1);
  await t.throwsAsync(given.send({ bend }), { code: 'io-failed', message: /changed while it was sent/ });
  t.true(changed);
  t.false((await readdir(given.drop)).includes('app.tar'));
});

test('an empty file', async (t) => {
  const given = await lab(t, 0);
  t.is((await given.send()).status, 'sent');
  await delivered(t, given);
});

test('what is neither file nor folder is called that, where one is sent to and fetched from', async (t) => {
  const given = await lab(t, 0);
  const path = join(given.drop, 'app.tar');
  await runOrThrow('mkfifo', [path]);
  await t.throwsAsync(given.send({}, { force: true }), { code: 'remote-refused', message: /something that is no file of this name already; choose another name\.$/ });
  await t.throwsAsync(fetchFile(await targetOf(faultyTransport(), path), `${path}-2`, { acceptUnchecked: true, force: false }), { code: 'location-unsupported', message: /is no file that could be read/ });
});

test('a folder that is missing is called so, but for the root, which nobody can make', async (t) => {
  const refused = new ImgkitError('file-not-found', 'h: /a.tar: writing it failed with status 404.');
  const target = { transport: { stat: async () => undefined } as never, abilities: {} as never, presigned: false };
  t.is(await explainMissingFolder(refused, { ...target, path: '/a.tar', shown: 'https://h/a.tar' }, undefined), refused);
  t.regex(String(await explainMissingFolder(refused, { ...target, path: '/in/a.tar', shown: 'https://h/in/a.tar' }, undefined)), /the folder \/in is not there/);
});
