import test from 'ava';
import { makeMinisignKey } from '../../../src/crypto/keys/make-minisign-key.js';
import { untrustedLines } from '../../../src/crypto/keys/minisign-comment.js';
import { costsOf, encodeMinisignSecretKey, readMinisignSecretKey, SENSITIVE } from '../../../src/crypto/keys/minisign-secret-key.js';
import { createMinisignSigner } from '../../../src/crypto/sign/minisign-signer.js';
import { verifyMinisign } from '../../../src/crypto/sign/verify-minisign.js';
import { emptyTrust, type Trust } from '../../../src/crypto/trust/trust.js';
import { rejectsWith } from '../../content/bytes.js';
import { codeOf, flips } from './flips.js';

/** The vectors of minisign's verifiers: key, and signatures over `test`, of the new and the old kind. */
const KEY = 'untrusted comment: minisign public key E7620F1842B4E81F\nRWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n';
const PREHASHED = 'untrusted comment: signature from minisign secret key\nRUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=\ntrusted comment: timestamp:1556193335\tfile:test\ny/rUw2y8/hOUYjZU71eHp/Wo1KZ40fGy2VJEDl34XMJM+TX48Ss/17u3IvIfbVR1FkZZSNCisQbuQY+bHwhEBg==\n';
const LEGACY = 'untrusted comment: signature from minisign secret key\nRWQf6LRCGA9i59SLOFxz6NxvASXDJeRtuZykwQepbDEGt87ig1BNpWaVWuNrm73YiIiJbq71Wi+dP9eKL8OC351vwIasSSbXxwA=\ntrusted comment: timestamp:1555779966\tfile:test\nQtKMXWyYcwdpZAlPF7tE2ENJkRd1ujvKjlj1m9RtHTBnZPa5WKU5uWRs5GoP5M/VqE81QFuMKI5k/SfNQUaOAA==\n';
const DOCUMENT = Buffer.from('test');
const trusting = (...keys: readonly string[]): Trust => ({ ...emptyTrust(), minisign: keys.map((key, i) => ({ name: `keys/ship${i}.pub`, bytes: Buffer.from(key) })) });

test('the published vector verifies, and says when', async (t) => {
  const [verified] = await verifyMinisign(DOCUMENT, Buffer.from(PREHASHED), trusting(KEY), 'd.minisig');
  t.like(verified, { format: 'minisign', keyId: 'E7620F1842B4E81F', identity: 'ship0', claimedAt: new Date(1_556_193_335_000) });
});

test('the published vector of the old kind is refused', async (t) => {
  const error = await rejectsWith(t, 'signature-untrusted', verifyMinisign(DOCUMENT, Buffer.from(LEGACY), trusting(KEY), 'd.minisig'));
  t.regex(error.message, /old kind/);
});

test('no changed bit goes unnoticed, but for those of the comment that nothing protects', async (t) => {
  const file = Buffer.from(PREHASHED);
  const protectedFrom = PREHASHED.indexOf('\n');
  for (const { bit, flipped } of flips(file)) {
    const code = await codeOf(verifyMinisign(DOCUMENT, flipped, trusting(KEY), 'd.minisig'));
    if (!['signature-malformed', 'signature-invalid', 'signature-untrusted'].includes(code) && (bit >> 3 >= protectedFrom || code !== 'resolved')) t.fail(`bit ${bit}: ${code}`);
  }
  for (const { bit, flipped } of flips(DOCUMENT)) t.is(await codeOf(verifyMinisign(flipped, file, trusting(KEY), 'd.minisig')), 'signature-invalid', `bit ${bit}`);
  for (let length = 0; length < file.length - 1; length += 1) t.is(await codeOf(verifyMinisign(DOCUMENT, file.subarray(0, length), trusting(KEY), 'd.minisig')), 'signature-malformed', `${length}`);
});

test('a time in the future is refused, a little ahead is not, and without a time nothing is claimed', async (t) => {
  const { key, publicKey } = await newKey();
  const at = new Date('2026-06-01T12:00:00Z');
  const check = async (ahead: number): Promise<string> => {
    const file = await createMinisignSigner(key).sign(DOCUMENT, { at: new Date(at.getTime() + ahead * 60_000) });
    return codeOf(verifyMinisign(DOCUMENT, file, { ...trusting(publicKey), at }, 'd.minisig'));
  };
  t.is(await check(-1_000_000), 'resolved');
  t.is(await check(9), 'resolved');
  t.is(await check(11), 'signature-untrusted');
  t.is(await check(1_000_000_000), 'signature-untrusted');
});

test('the trusted comment of another signature by the same key is refused', async (t) => {
  const { key, publicKey } = await newKey();
  const [one, two] = [await createMinisignSigner(key).sign(DOCUMENT, { name: 'one' }), await createMinisignSigner(key).sign(Buffer.from('other'), { name: 'two' })].map((file) => Buffer.from(file).toString().split('\n'));
  const mixed = [...(one ?? []).slice(0, 2), ...(two ?? []).slice(2)].join('\n');
  const error = await rejectsWith(t, 'signature-invalid', verifyMinisign(DOCUMENT, Buffer.from(mixed), trusting(publicKey), 'd.minisig'));
  t.regex(error.message, /trusted comment/);
});

test('empty lines at the end of a signature or key are nothing, as for minisign; others are', async (t) => {
  for (const more of ['\n', '\r\n\n', '\n\n\n']) t.is((await verifyMinisign(DOCUMENT, Buffer.from(`${PREHASHED}${more}`), trusting(`${KEY}${more}`), 'm'))[0]?.identity, 'ship0');
  for (const bad of [`\n${PREHASHED}`, PREHASHED.replaceAll('\n', '\n\n'), `${PREHASHED}x\n`]) await t.throwsAsync(verifyMinisign(DOCUMENT, Buffer.from(bad), trusting(KEY), 'm'), { code: 'signature-malformed' });
});

test('the key counts, and its name where somebody is meant', async (t) => {
  const { publicKey } = await newKey();
  const check = (trust: Trust): Promise<string> => codeOf(verifyMinisign(DOCUMENT, Buffer.from(PREHASHED), trust, 'd.minisig'));
  t.is(await check(emptyTrust()), 'signature-untrusted');
  t.is(await check(trusting(publicKey)), 'signature-untrusted');
  t.is(await check(trusting(publicKey, KEY)), 'resolved');
  t.is(await check({ ...trusting(KEY), identity: 'ship0' }), 'resolved');
  t.is(await check({ ...trusting(KEY), identity: 'ship1' }), 'signature-untrusted');
  t.is(await check(trusting('untrusted comment: x\nnonsense\n')), 'key-malformed');
});

test('a key in two files is called by the name of each', async (t) => {
  const trust = trusting(KEY, (await newKey()).publicKey, KEY);
  t.deepEqual((await verifyMinisign(DOCUMENT, Buffer.from(PREHASHED), trust, 'd.minisig')).map(({ identity }) => identity), ['ship0', 'ship2']);
  t.is((await verifyMinisign(DOCUMENT, Buffer.from(PREHASHED), { ...trust, identity: 'ship2' }, 'd.minisig'))[0]?.identity, 'ship2');
});

test('a secret key opens with its passphrase and with no other; a damaged one does not open', async (t) => {
  const [id, seed] = [Buffer.alloc(8, 7), Buffer.alloc(32, 9)];
  const point = Buffer.from('fd1724385aa0c75b64fb78cd602fa1d991fdebf76b13c58ed702eac835e9f618', 'hex');
  const cheap = { operations: 32_768, memory: 16 * 1024 * 1024 };
  const file = Buffer.from(untrustedLines('x', await encodeMinisignSecretKey(id, seed, point, 'secret', cheap)));
  t.is((await readMinisignSecretKey(file, 'k', async () => 'secret')).keyId, '0707070707070707');
  await rejectsWith(t, 'key-refused', readMinisignSecretKey(file, 'k', async () => 'wrong'));
  await rejectsWith(t, 'key-refused', readMinisignSecretKey(file, 'k', async () => undefined));
  const plain = Buffer.from(untrustedLines('x', await encodeMinisignSecretKey(id, seed, point, undefined)));
  t.is((await readMinisignSecretKey(plain, 'k', async () => undefined)).keyId, '0707070707070707');
  const damaged = Buffer.from(untrustedLines('x', (await encodeMinisignSecretKey(id, seed, point, undefined)).map((byte, i) => (i === 70 ? byte ^ 1 : byte))));
  await rejectsWith(t, 'key-malformed', readMinisignSecretKey(damaged, 'k', async () => undefined));
});

test('the costs are those of libsodium, and none that would exhaust the machine', async (t) => {
  t.deepEqual(costsOf(SENSITIVE.operations, SENSITIVE.memory), { N: 2 ** 20, r: 8, p: 1 });
  t.deepEqual(costsOf(524_288, 16_777_216), { N: 2 ** 14, r: 8, p: 1 });
  const bytes = await encodeMinisignSecretKey(Buffer.alloc(8), Buffer.alloc(32), Buffer.alloc(32), 'x', { operations: 32_768, memory: 16 * 1024 * 1024 });
  const greedy = Buffer.from(bytes);
  greedy.writeBigUInt64LE(2n ** 60n, 38);
  greedy.writeBigUInt64LE(2n ** 60n, 46);
  await rejectsWith(t, 'key-refused', readMinisignSecretKey(Buffer.from(untrustedLines('x', greedy)), 'k', async () => 'x'));
});

async function newKey(): Promise<{ readonly key: Awaited<ReturnType<typeof readMinisignSecretKey>>; readonly publicKey: string }> {
  const { files } = await makeMinisignKey({ name: 'k', comment: '', passphrase: undefined });
  const [secret, open] = files.map(({ bytes }) => bytes);
  return { key: await readMinisignSecretKey(secret as Uint8Array, 'k', async () => undefined), publicKey: Buffer.from(open as Uint8Array).toString() };
}
