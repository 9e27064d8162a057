import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import test from 'ava';
import { isExposed, openSecretFile, readSecretFile, readSecretLine } from '../../src/content/secret-file.js';
import { makeScratch } from '../helpers/scratch.js';
import { secretFiles } from '../helpers/secret-files.js';
import { rejectsWith } from './bytes.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const secret = secretFiles(scratch);

for (const mode of [0o600, 0o400, 0o700]) {
  test(`a secret file of mode ${mode.toString(8)} is read`, async (t) => {
    t.is(Buffer.from(await readSecretFile(await secret(`ok-${mode}`, 'abc', mode))).toString(), 'abc');
  });
}

for (const mode of [0o640, 0o604, 0o620, 0o602, 0o644, 0o666, 0o610, 0o601]) {
  test(`a secret file of mode ${mode.toString(8)} is refused, and nothing of it shown`, async (t) => {
    const error = await rejectsWith(t, 'key-exposed', readSecretFile(await secret(`open-${mode}`, 'hunter2', mode)));
    t.notRegex(error.message, /hunter2/);
    t.regex(error.message, /chmod 600/);
  });
}

test('what root hands over may be readable for a group, as the credentials of systemd are; nothing else may', (t) => {
  t.false(isExposed({ mode: 0o100440, uid: 0 }, 990));
  for (const mode of [0o444, 0o460, 0o450, 0o404]) t.true(isExposed({ mode, uid: 0 }, 990), mode.toString(8));
  for (const user of [0, 1000, undefined]) t.true(isExposed({ mode: 0o440, uid: 1000 }, user));
  t.true(isExposed({ mode: 0o440, uid: 0 }, 0));
  t.true(isExposed({ mode: 0o440, uid: 0 }, undefined));
  t.false(isExposed({ mode: 0o100400, uid: 990 }, 990));
});

test('folders, devices, missing and huge files hold no secret', async (t) => {
  await mkdir(scratch.path('folder'), { mode: 0o700 });
  await rejectsWith(t, 'key-malformed', readSecretFile(scratch.path('folder')));
  await rejectsWith(t, 'key-malformed', readSecretFile('/dev/zero'));
  await rejectsWith(t, 'file-not-found', readSecretFile(scratch.path('gone')));
  const path = await secret('large', Buffer.alloc(1025, 97));
  await rejectsWith(t, 'key-malformed', readSecretFile(path, { most: 1024 }));
  t.is((await readSecretFile(path, { most: 1025 })).length, 1025);
  await rejectsWith(t, 'interrupted', readSecretFile(path, { signal: AbortSignal.abort() }));
});

test('a private pipe is as good as a file', async (t) => {
  const path = scratch.path('pipe');
  await promisify(execFile)('mkfifo', ['-m', '600', path]);
  const [bytes] = await Promise.all([readSecretFile(path), writeFile(path, 'abc')]);
  t.is(bytes.toString(), 'abc');
});

test('NETRC=/dev/null and the like hold nothing', async (t) => {
  t.is((await openSecretFile('/dev/null')).bytes.length, 0);
});

test('who finds no secret inside may read a file that is open to others', async (t) => {
  const { bytes, exposed } = await openSecretFile(await secret('open-public', 'public', 0o644), { what: 'the netrc file' });
  t.is(bytes.toString(), 'public');
  t.like(exposed, { code: 'key-exposed', details: { expected: '0600', found: '0644' } });
  t.regex(String(exposed?.message), /the netrc file \(mode 0644\)/);
  t.is((await openSecretFile(await secret('private', 'x'))).exposed, undefined);
});

test('the first line of a secret file counts', async (t) => {
  t.is(await readSecretLine(await secret('line', ' spaces stay \r\nsecond\n'), 'the password file'), ' spaces stay ');
  await rejectsWith(t, 'usage', readSecretLine(await secret('empty', '\nsecond'), 'the password file'));
});
