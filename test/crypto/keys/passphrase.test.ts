import test from 'ava';
import { readPassphraseFile, resolvePassphrase } from '../../../src/crypto/keys/passphrase.js';
import { rejectsWith } from '../../content/bytes.js';
import { makeScratch } from '../../helpers/scratch.js';
import { secretFiles } from '../../helpers/secret-files.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const secret = secretFiles(scratch);

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
