import { chmod, link, readFile, stat } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { PassThrough } from 'node:stream';
import test from 'ava';
import { decrypt, encrypt, inspect, keygen, load, save, verify } from '../../src/index.js';
import { collect, rejectsWith, sameBytes, sampleBytes } from '../content/bytes.js';
import { named, ociParts } from '../helpers/archive-parts.js';
import { image, layer, pack } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const storeFolder = scratch.path('store');
const archive = pack(ociParts([named(image('app', { layers: [layer('base', { gzip: true }), layer('app')] }), 'app:1')]));
let recipient = '';
const identities = [scratch.path('keys', 'age.agekey')];

test.before(async () => {
  recipient = (await keygen({ type: 'age', folder: scratch.path('keys') })).publicLine ?? '';
  await scratch.write('app.tar', archive);
});

test('a file: encrypted, decrypted, and nothing else is left', async (t) => {
  const result = await encrypt({ input: scratch.path('app.tar'), output: scratch.path('files', '..', 'one.age'), recipients: [recipient] });
  t.deepEqual([result.recipients, result.plainBytes], [[recipient], archive.length]);
  t.is((await stat(scratch.path('one.age'))).size, result.bytes);
  const back = await decrypt({ input: scratch.path('one.age'), output: scratch.path('one.tar'), identities });
  t.is(back.bytes, archive.length);
  sameBytes(t, await readFile(scratch.path('one.tar')), archive);
});

test('a file is not replaced by its own ciphertext, nor the other way round', async (t) => {
  await scratch.write('own.tar', archive);
  await link(scratch.path('own.tar'), scratch.path('linked.tar'));
  await rejectsWith(t, 'usage', encrypt({ input: scratch.path('own.tar'), output: scratch.path('own.tar'), recipients: [recipient] }));
  await rejectsWith(t, 'usage', encrypt({ input: scratch.path('own.tar'), output: scratch.path('linked.tar'), recipients: [recipient] }));
  await encrypt({ input: scratch.path('own.tar'), output: scratch.path('own.age'), recipients: [recipient] });
  await rejectsWith(t, 'usage', decrypt({ input: scratch.path('own.age'), output: scratch.path('keys', '..', 'own.age'), identities }));
  sameBytes(t, await readFile(scratch.path('own.tar')), archive);
});

test('what is not encrypted, and a public key in place of a private one, are called that', async (t) => {
  const output = scratch.path('never.tar');
  t.regex((await rejectsWith(t, 'ciphertext-malformed', decrypt({ input: scratch.path('app.tar'), output, identities }))).message, /is no age file.*not encrypted/);
  await encrypt({ input: scratch.path('app.tar'), output: scratch.path('public.age'), recipients: [recipient] });
  t.regex((await rejectsWith(t, 'key-refused', decrypt({ input: scratch.path('public.age'), output, identities: [scratch.path('keys', 'age.agepub')] }))).message, /public key by its name/);
});

test('an identity of a plugin is no hindrance beside one that works, and its secret is never told', async (t) => {
  const own = await readFile(identities[0] as string, 'utf8');
  await encrypt({ input: scratch.path('app.tar'), output: scratch.path('plugin.age'), recipients: [recipient] });
  const from = async (name: string, text: string) => {
    await chmod(await scratch.write(name, text), 0o600);
    return decrypt({ input: scratch.path('plugin.age'), output: scratch.path(`${name}.tar`), identities: [scratch.path(name)] });
  };
  t.is((await from('both', `AGE-PLUGIN-SE-1SECRETQQQ\n${own}`)).bytes, archive.length);
  for (const kind of ['AGE-PLUGIN-SE', 'AGE-PLUGIN-ONE-1X', 'AGE-SECRET-KEY-PQ']) {
    const { message } = await rejectsWith(t, 'key-refused', from('alone', `# key\n${kind}-1SECRETQQQ\n`));
    t.true(message.includes(`line 2, is an identity of a kind that is not supported (${kind})`), message);
    t.notRegex(message, /SECRETQ/);
  }
});

test('a pipe gets the content only when all of it was proven', async (t) => {
  const sealed = new PassThrough({ highWaterMark: 1 << 30 });
  const plain = sampleBytes(300_000);
  await encrypt({ input: '-', output: '-', stdin: (async function* () { yield plain; })(), stdout: sealed, recipients: [recipient] });
  sealed.end();
  const bytes = await collect(sealed);
  const out = new PassThrough({ highWaterMark: 1 << 30 });
  await decrypt({ input: '-', output: '-', stdin: (async function* () { yield bytes; })(), stdout: out, identities });
  out.end();
  sameBytes(t, await collect(out), plain);
  const none = new PassThrough();
  const cut = (async function* () { yield bytes.subarray(0, -1); })();
  await rejectsWith(t, 'ciphertext-malformed', decrypt({ input: '-', output: '-', stdin: cut, stdout: none, identities }));
  none.end();
  t.is((await collect(none)).length, 0);
});

test.serial('damaged, cut, for somebody else: no output, no plaintext anywhere', async (t) => {
  await encrypt({ input: scratch.path('app.tar'), output: scratch.path('good.age'), recipients: [recipient] });
  const good = await readFile(scratch.path('good.age'));
  const { publicLine: stranger = '' } = await keygen({ type: 'age', folder: scratch.path('others') });
  await encrypt({ input: scratch.path('app.tar'), output: scratch.path('theirs.age'), recipients: [stranger] });
  const flipped = Buffer.from(good);
  flipped[good.length - 5] = (good[good.length - 5] as number) ^ 1;
  const cases = [['flipped.age', flipped, 'ciphertext-malformed'], ['cut.age', good.subarray(0, -1), 'ciphertext-malformed'], ['theirs.age', await readFile(scratch.path('theirs.age')), 'decryption-refused']] as const;
  for (const [name, bytes, code] of cases) {
    const input = await scratch.write(`bad/${name}`, bytes);
    await rejectsWith(t, code, decrypt({ input, output: scratch.path('bad', 'out'), identities }));
    await rejectsWith(t, code, load({ from: input, storeFolder, decryption: { identities } }));
  }
  t.deepEqual(await scratch.tree('bad'), ['cut.age', 'flipped.age', 'theirs.age']);
  t.deepEqual(await scratch.tree('tmp'), []);
  const report = await verify({ target: scratch.path('bad', 'cut.age'), decryption: { identities } });
  t.false(report.ok);
});

for (const [name, options] of [['x.tar.age', {}], ['x.tar.gz.age', {}], ['plain-name.tar', { format: 'docker' }]] as const) {
  test(`save for a recipient to ${name}, and every reader opens it with the identity`, async (t) => {
    const output = scratch.path(name);
    await save({ images: [scratch.path('app.tar')], output, encryption: { recipients: [recipient] }, ...options });
    t.is((await readFile(output)).toString('latin1', 0, 22), 'age-encryption.org/v1\n');
    const before = await inspect({ location: scratch.path('app.tar') });
    const after = await inspect({ location: output, decryption: { identities } });
    t.is(after.imageId, before.imageId);
    t.true((await verify({ target: output, decryption: { identities } })).ok);
    t.is((await inspect({ location: '-', stdin: createReadStream(output), decryption: { identities } })).imageId, before.imageId);
    await rejectsWith(t, 'decryption-refused', inspect({ location: output }));
  });
}

test('a passphrase in a file opens an archive and an identity', async (t) => {
  const passphraseFile = await scratch.write('secret', 'correct horse\n');
  await chmod(passphraseFile, 0o600);
  const made = await keygen({ type: 'age', folder: scratch.path('protected'), passphraseFile });
  await encrypt({ input: scratch.path('app.tar'), output: scratch.path('p.age'), recipients: [made.publicLine ?? ''] });
  const protectedIdentity = [scratch.path('protected', 'age.agekey')];
  await rejectsWith(t, 'key-refused', decrypt({ input: scratch.path('p.age'), output: scratch.path('p.tar'), identities: protectedIdentity }));
  await decrypt({ input: scratch.path('p.age'), output: scratch.path('p.tar'), identities: protectedIdentity, passphraseFile });
  await chmod(passphraseFile, 0o640);
  await rejectsWith(t, 'key-exposed', decrypt({ input: scratch.path('p.age'), output: scratch.path('p.tar'), identities: protectedIdentity, passphraseFile }));
});

test('an archive named .age must be encrypted, and only archives can be', async (t) => {
  await rejectsWith(t, 'usage', save({ images: [scratch.path('app.tar')], output: scratch.path('y.tar.age') }));
  await rejectsWith(t, 'usage', load({ from: scratch.path('app.tar'), storeFolder, encryption: { recipients: [recipient] } }));
});
