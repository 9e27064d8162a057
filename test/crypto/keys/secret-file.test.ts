import { chmod, mkdir, writeFile } from 'node:fs/promises';
import test from 'ava';
import { readPassphraseFile, resolvePassphrase } from '../../../src/crypto/keys/passphrase.js';
import { readSecretFile } from '../../../src/crypto/keys/secret-file.js';
import { writeKeyFile } from '../../../src/crypto/keys/write-key-file.js';
import { rejectsWith } from '../../content/bytes.js';
import { makeScratch } from '../../helpers/scratch.js';
import { stat } from 'node:fs/promises';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const secret = async (name: string, content: string | Uint8Array, mode = 0o600): Promise<string> => {
  await writeFile(scratch.path(name), content);
  await chmod(scratch.path(name), mode);
  return scratch.path(name);
};

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

test('a passphrase file holds one line, of which the end does not count', async (t) => {
  for (const [text, expected] of [['abc', 'abc'], ['abc\n', 'abc'], ['abc\r\n', 'abc'], [' a b \n', ' a b '], ['pässword\n', 'pässword']] as const) {
    t.is(await readPassphraseFile(await secret('pw', text)), expected);
  }
  for (const bad of ['', '\n', 'a\nb\n', 'a\n\n', 'a\0', Uint8Array.of(0xff, 0xfe)]) await rejectsWith(t, 'key-malformed', readPassphraseFile(await secret('pw', bad)));
  await rejectsWith(t, 'key-refused', readPassphraseFile(await secret('pw', 'x'.repeat(1025))));
});

test('a passphrase comes from the file first, then from whoever is asked', async (t) => {
  t.is(await resolvePassphrase({}), undefined);
  t.is(await resolvePassphrase({ passphrase: 'given' }), 'given');
  t.is(await resolvePassphrase({ passphrase: async () => 'asked' }), 'asked');
  t.is(await resolvePassphrase({ passphraseFile: await secret('filed', 'filed\n'), passphrase: () => t.fail() as never }), 'filed');
});

test('a key file is private from the start, and never overwritten', async (t) => {
  const old = process.umask(0);
  try {
    await writeKeyFile(scratch.path('new.key'), Buffer.from('secret'), { secret: true });
    await writeKeyFile(scratch.path('new.pub'), Buffer.from('public'), { secret: false });
  } finally {
    process.umask(old);
  }
  t.is((await stat(scratch.path('new.key'))).mode & 0o777, 0o600);
  t.is((await stat(scratch.path('new.pub'))).mode & 0o777, 0o644);
  await rejectsWith(t, 'file-exists', writeKeyFile(scratch.path('new.key'), Buffer.from('other'), { secret: true }));
  t.is(Buffer.from(await readSecretFile(scratch.path('new.key'))).toString(), 'secret');
  t.deepEqual((await scratch.tree()).filter((name) => name.endsWith('.part')), []);
});
