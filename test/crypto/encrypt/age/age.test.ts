import { generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import { Decrypter, Encrypter } from 'age-encryption';
import { ageSize } from '../../../../src/crypto/encrypt/age/age-size.js';
import { decryptAge } from '../../../../src/crypto/encrypt/age/decrypt-age.js';
import { prepareAge } from '../../../../src/crypto/encrypt/age/encrypt-age.js';
import { parseRecipient } from '../../../../src/crypto/encrypt/age/read-recipients.js';
import type { AgeIdentity, AgeRecipient } from '../../../../src/crypto/encrypt/age/recipient.js';
import { scryptIdentity, scryptRecipient } from '../../../../src/crypto/encrypt/age/scrypt.js';
import { sshIdentity } from '../../../../src/crypto/encrypt/age/ssh-recipient.js';
import { generateX25519, x25519Identity } from '../../../../src/crypto/encrypt/age/x25519-recipient.js';
import { sshMpint, sshString } from '../../../../src/crypto/keys/ssh-wire.js';
import { ImgkitError } from '../../../../src/errors.js';
import { collect, inPieces, rejectsWith, sameBytes, sampleBytes } from '../../../content/bytes.js';

const KIB64 = 65_536;
const name = 'app.tar.age';

interface Pair {
  readonly recipient: AgeRecipient;
  readonly identity: AgeIdentity;
}

function x25519Pair(): Pair & { readonly text: { readonly identity: string; readonly recipient: string } } {
  const text = generateX25519();
  return { recipient: parseRecipient(text.recipient, 'test'), identity: x25519Identity(text.identity, 'test'), text };
}

function sshPair(kind: 'ed25519' | 'rsa'): Pair {
  const { privateKey, publicKey } = kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
  const { x = '', n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const raw = (text: string): Buffer => Buffer.from(text, 'base64url');
  const blob = kind === 'rsa' ? [sshString('ssh-rsa'), sshMpint(raw(e)), sshMpint(raw(n))] : [sshString('ssh-ed25519'), sshString(raw(x))];
  return { recipient: parseRecipient(`ssh-${kind} ${Buffer.concat(blob).toString('base64')} someone@host`, 'test'), identity: sshIdentity(privateKey, 'test') };
}

const x = x25519Pair();
const other = x25519Pair();
const pairs: Readonly<Record<string, Pair>> = {
  X25519: x,
  'ssh-ed25519': sshPair('ed25519'),
  'ssh-rsa': sshPair('rsa'),
  passphrase: { recipient: scryptRecipient('correct horse', 10), identity: scryptIdentity('correct horse') },
};

async function seal(plain: Uint8Array, recipients: readonly AgeRecipient[], piece?: number): Promise<Buffer> {
  return collect((await prepareAge(recipients)).encrypt(inPieces(plain, piece)));
}

const open = (bytes: Uint8Array, identities: readonly AgeIdentity[], piece?: number): Promise<Buffer> => collect(decryptAge(inPieces(bytes, piece), identities, { name }));

for (const [kind, { recipient, identity }] of Object.entries(pairs)) {
  test(`${kind}: what is encrypted for it, it opens; nobody else does`, async (t) => {
    const plain = sampleBytes(1000);
    const sealed = await seal(plain, [recipient]);
    sameBytes(t, await open(sealed, [other.identity, identity]), plain);
    const error = await rejectsWith(t, 'decryption-refused', open(sealed, [other.identity]));
    t.regex(error.message, /^app\.tar\.age is encrypted for /);
    await rejectsWith(t, 'decryption-refused', open(sealed, []));
  });
}

test('several recipients: each opens it alone', async (t) => {
  const { passphrase: alone, ...several } = pairs;
  const plain = sampleBytes(70_000);
  const sealed = await seal(plain, Object.values(several).map(({ recipient }) => recipient));
  for (const { identity } of Object.values(several)) sameBytes(t, await open(sealed, [identity]), plain);
  await rejectsWith(t, 'usage', prepareAge([x.recipient, (alone as Pair).recipient]));
  await rejectsWith(t, 'usage', prepareAge([]));
});

for (const size of [0, 1, KIB64 - 1, KIB64, KIB64 + 1, 16 * KIB64, 1_300_000]) {
  test(`${size} bytes: any pieces in and out, the size is known before, another implementation agrees`, async (t) => {
    const plain = sampleBytes(size);
    const age = await prepareAge([x.recipient]);
    const sealed = await collect(age.encrypt(inPieces(plain, 100_001)));
    t.is(sealed.length, age.size(size));
    t.is(sealed.length, ageSize(size, sealed.indexOf('\n', sealed.indexOf('\n---') + 1) + 1));
    for (const piece of [sealed.length, 1000, 65_552]) sameBytes(t, await open(sealed, [x.identity], piece), plain);
    const theirs = new Decrypter();
    theirs.addIdentity(x.text.identity);
    sameBytes(t, await theirs.decrypt(sealed), plain);
    const encrypter = new Encrypter();
    encrypter.addRecipient(x.text.recipient);
    sameBytes(t, await open(await encrypter.encrypt(plain), [x.identity]), plain);
  });
}

test('a passphrase: another implementation opens it', async (t) => {
  const theirs = new Decrypter();
  theirs.addPassphrase('correct horse');
  sameBytes(t, await theirs.decrypt(await seal(sampleBytes(10), [scryptRecipient('correct horse', 10)])), sampleBytes(10));
  await rejectsWith(t, 'decryption-refused', open(await seal(sampleBytes(10), [scryptRecipient('correct horse', 10)]), [scryptIdentity('wrong')]));
});

test('cut at every border and near it: refused, and nothing unproven came out', async (t) => {
  const plain = sampleBytes(3 * KIB64 + 100);
  const sealed = await seal(plain, [x.recipient]);
  const payload = sealed.length - (plain.length + 4 * 16);
  const borders = [0, 1, 2, 3].flatMap((chunk) => [-1, 0, 1, 15, 16, 17].map((by) => payload + chunk * 65_552 + by));
  for (const length of [...Array.from({ length: payload }, (_, i) => i), ...borders, sealed.length - 1]) {
    const released: Uint8Array[] = [];
    const work = (async () => {
      for await (const chunk of decryptAge(inPieces(sealed.subarray(0, length)), [x.identity], { name })) released.push(chunk);
    })();
    await rejectsWith(t, 'ciphertext-malformed', work, `cut at ${length}`);
    const out = Buffer.concat(released);
    t.true(out.equals(plain.subarray(0, out.length)) && out.length % KIB64 === 0, `cut at ${length}`);
  }
});

test('a bit flipped anywhere in header, nonce, tags or content is caught', async (t) => {
  const plain = sampleBytes(2 * KIB64 + 50);
  const sealed = await seal(plain, [x.recipient]);
  const payload = sealed.length - (plain.length + 3 * 16);
  const tags = [65_536, 65_552 + 65_536, 2 * 65_552 + 50].flatMap((tag) => Array.from({ length: 16 }, (_, i) => payload + tag + i));
  const content = [0, 1, 65_535, 65_552, 131_103, 131_104, 131_104 + 49].map((at) => payload + at);
  for (const at of [...Array.from({ length: payload }, (_, i) => i), ...tags, ...content]) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] as number) ^ (1 << (at % 8));
    const error = await t.throwsAsync(open(changed, [x.identity]), { instanceOf: ImgkitError }, `byte ${at}`);
    t.true(['ciphertext-malformed', 'decryption-refused'].includes(error?.code ?? ''), `byte ${at}: ${error?.message}`);
  }
});

test('chunks swapped, doubled, left out, followed by something', async (t) => {
  const sealed = await seal(sampleBytes(3 * KIB64), [x.recipient]);
  const payload = sealed.length - 3 * 65_552;
  const [head, a, b, c] = [sealed.subarray(0, payload), ...[0, 1, 2].map((i) => sealed.subarray(payload + i * 65_552, payload + (i + 1) * 65_552))] as [Buffer, Buffer, Buffer, Buffer];
  for (const parts of [[b, a, c], [a, b, b, c], [a, c], [a, b], [a, b, c, c], [a, b, c, Buffer.of(0)], [c]]) {
    await rejectsWith(t, 'ciphertext-malformed', open(Buffer.concat([head, ...parts]), [x.identity]));
  }
});

test('headers that are too large, too long, or ask for too much', async (t) => {
  const line = 'age-encryption.org/v1\n';
  const stanza = `-> X25519 ${'A'.repeat(43)}\n${'A'.repeat(43)}\n`;
  await rejectsWith(t, 'ciphertext-malformed', open(Buffer.from(line + stanza.repeat(1001)), [x.identity]));
  await rejectsWith(t, 'ciphertext-malformed', open(Buffer.from(`${line}-> ${'x'.repeat(2_000_000)}`), [x.identity]));
  const huge = `${line}-> scrypt ${'A'.repeat(22)} 23\n${'A'.repeat(43)}\n--- ${'A'.repeat(43)}\n`;
  await rejectsWith(t, 'limit-exceeded', open(Buffer.from(huge), [scryptIdentity('x')]));
});

test('recipients that are none', async (t) => {
  const refuse = (code: 'key-malformed' | 'key-refused', text: string): Promise<ImgkitError> => rejectsWith(t, code, (async () => parseRecipient(text, 'a recipient'))());
  const { recipient } = x.text;
  await refuse('key-malformed', `${recipient.slice(0, -1)}${recipient.endsWith('q') ? 'p' : 'q'}`);
  await refuse('key-malformed', x.text.recipient.toUpperCase());
  await refuse('key-malformed', 'someone');
  await refuse('key-malformed', 'ssh-ed25519 AAAA');
  await refuse('key-refused', 'age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t');
  const secret = await refuse('key-refused', x.text.identity);
  t.false(secret.message.includes(x.text.identity.slice(20)));
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
  const blob = Buffer.concat([sshString('ssh-rsa'), sshMpint(Buffer.from(weak.e ?? '', 'base64url')), sshMpint(Buffer.from(weak.n ?? '', 'base64url'))]);
  await refuse('key-refused', `ssh-rsa ${blob.toString('base64')}`);
});

test('an abort ends it, and the input is let go', async (t) => {
  const controller = new AbortController();
  let left = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.alloc(KIB64);
    } finally {
      left = true;
    }
  }
  const chunks = (await prepareAge([x.recipient])).encrypt(endless(), { signal: controller.signal })[Symbol.asyncIterator]();
  await chunks.next();
  await chunks.next();
  controller.abort();
  await rejectsWith(t, 'interrupted', chunks.next());
  t.true(left);
});
