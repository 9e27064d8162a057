import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import * as openpgp from 'openpgp';
import type { Digest } from '../../../src/content/digest.js';
import { readGpgKeys } from '../../../src/crypto/openpgp/gpg-keys.js';
import { openGpgSigner } from '../../../src/crypto/openpgp/gpg-signer.js';
import { readKeyFacts } from '../../../src/crypto/openpgp/key-facts.js';
import { verifyGpgImageSignature, type GpgClaim } from '../../../src/crypto/sign/image/verify-gpg-image.js';
import { emptyTrust, type TrustFile } from '../../../src/crypto/trust/trust.js';
import { ImgkitError } from '../../../src/errors.js';
import { isSignedFor } from '../../../src/operations/trust/verify-gpg-signatures.js';
import { rejectsWith } from '../../content/bytes.js';
import { AT, DAY, DIGEST, makeKey, NAME, packetOf, PAYLOAD, publicOf, signMessage, TOO_LARGE } from '../gpg-keys.js';
import { codeOf, flips } from './flips.js';

/** What gpg and skopeo made, and what they never would. */
const made = JSON.parse(readFileSync(new URL('../../../../test/fixtures/gpg-signatures.json', import.meta.url), 'utf8')) as { readonly reference: string; readonly digest: Digest; readonly key: string; readonly signatures: Readonly<Record<string, string>> };
const debian: TrustFile = { name: 'gpg/debian.asc', bytes: Buffer.from(made.key) };
const byGpg = (name: string): Buffer => Buffer.from(made.signatures[name] as string, 'base64');

const small = makeKey({ type: 'rsa', rsaBits: 1024, config: { minRSABits: 1024 } });

interface Given { readonly keys?: readonly TrustFile[]; readonly digest?: Digest; readonly at?: Date; readonly identity?: string }
async function verify(bytes: Uint8Array, { keys = [debian], digest = made.digest, at = AT, identity }: Given = {}): Promise<GpgClaim> {
  const trust = { ...emptyTrust(at), identity };
  return verifyGpgImageSignature({ name: 'signature-1', bytes }, digest, trust, (await Promise.all(keys.map(readGpgKeys))).flat());
}
async function refused(t: ExecutionContext, code: ImgkitError['code'], bytes: Uint8Array, given: Given, sentence: RegExp): Promise<void> {
  t.regex((await rejectsWith(t, code, verify(bytes, given), String(sentence))).message, sentence);
}

test('signatures of skopeo and gpg verify, in whatever way they are compressed and cut', async (t) => {
  for (const name of ['skopeo', 'uncompressed', 'zip', 'zlib', 'partial', 'thirtydays']) {
    const at = name === 'thirtydays' ? new Date('2026-01-20T00:00:00Z') : AT;
    t.like(await verify(byGpg(name), { at }), { reference: made.reference, digest: made.digest, identity: 'debian', keyId: '09F7573FDA185A8EF8CC806612EA82C3ADE5C8F6' }, name);
  }
  t.like(await verify(byGpg('skopeo')), { claimedAt: new Date('2026-01-02T03:04:05Z') });
  t.is((await verify(byGpg('skopeo'), { identity: 'debian' })).identity, 'debian');
  const fingerprint = '09F7573FDA185A8EF8CC806612EA82C3ADE5C8F6';
  t.is((await verify(byGpg('skopeo'), { identity: fingerprint })).identity, fingerprint);
});

test('other things that gpg makes are refused in so many words', async (t) => {
  const kinds = [['sha1', 'signature-untrusted', /SHA-1/], ['critical', 'signature-untrusted', /condition/], ['thirtydays', 'signature-untrusted', /expired on 2026-02-01/], ['text', 'signature-malformed', /over text/], ['detached', 'signature-malformed', /detached/], ['armored', 'signature-malformed', /--dearmor/], ['clear', 'signature-malformed', /armor/], ['bzip2', 'signature-malformed', /bzip2/], ['two', 'signature-malformed', /several signatures/], ['unsigned', 'signature-malformed', /not signed/]] as const;
  for (const [name, code, sentence] of kinds) await refused(t, code, byGpg(name), {}, sentence);
});

test('another digest, another key, another name for the key, and a time before the signature', async (t) => {
  await refused(t, 'signature-invalid', byGpg('skopeo'), { digest: DIGEST }, /belongs to another image/);
  const stranger = publicOf(await makeKey());
  await refused(t, 'signature-untrusted', byGpg('skopeo'), { keys: [stranger] }, /12EA82C3ADE5C8F6 is by a key that is not trusted/);
  await refused(t, 'signature-untrusted', byGpg('skopeo'), { keys: [] }, /not trusted/);
  await refused(t, 'signature-untrusted', byGpg('skopeo'), { identity: 'release' }, /not by one named release/);
  await refused(t, 'signature-untrusted', byGpg('skopeo'), { at: new Date('2026-01-02T02:00:00Z') }, /in the future/);
});

test('keys that are expired, revoked or weak vouch for nothing; a key that is there in two forms counts in the newer', async (t) => {
  const soon = await makeKey({ keyExpirationTime: 366 * 86_400 });
  const bytes = await signMessage(soon);
  const keys = [publicOf(soon)];
  t.is((await verify(bytes, { keys, digest: DIGEST })).keyId, soon.getFingerprint().toUpperCase());
  const later = new Date(AT.getTime() + 2 * DAY);
  await refused(t, 'signature-untrusted', bytes, { keys, digest: DIGEST, at: later }, /expired on 2026-06-02/);

  const revoke = async (flag: openpgp.enums.reasonForRevocation): Promise<TrustFile> => publicOf((await openpgp.revokeKey({ key: soon, reasonForRevocation: { flag }, date: new Date(AT.getTime() + DAY / 2), format: 'object' })).privateKey, 'keys/revoked.asc');
  const [stolen, retired] = [await revoke(openpgp.enums.reasonForRevocation.keyCompromised), await revoke(openpgp.enums.reasonForRevocation.keyRetired)];
  for (const at of [AT, later]) await refused(t, 'signature-untrusted', bytes, { keys: [stolen], digest: DIGEST, at }, /was revoked/);
  t.is((await verify(bytes, { keys: [retired], digest: DIGEST })).identity, 'revoked');
  await refused(t, 'signature-untrusted', bytes, { keys: [retired], digest: DIGEST, at: new Date(AT.getTime() + DAY - 1000) }, /was revoked/);

  await refused(t, 'signature-untrusted', bytes, { keys: [...keys, stolen], digest: DIGEST }, /was revoked \(keys\/revoked\.asc\)/);

  const renewed = { ...publicOf(await makeKey()), name: 'keys/other.asc' };
  t.is((await verify(bytes, { keys: [renewed, retired, publicOf(soon)], digest: DIGEST, identity: 'release' })).identity, 'release');
  await refused(t, 'signature-untrusted', await signMessage(await small), { keys: [publicOf(await small)], digest: DIGEST }, /RSA with 1024 bits/);
});

test('subkeys sign for their key, if it says so and they are in force', async (t) => {
  const key = await makeKey({ subkeys: [{ sign: true, keyExpirationTime: 400 * 86_400 }] });
  const bytes = await signMessage(key);
  const keys = [publicOf(key)];
  t.is((await verify(bytes, { keys, digest: DIGEST })).keyId, key.getFingerprint().toUpperCase());
  await refused(t, 'signature-untrusted', bytes, { keys, digest: DIGEST, at: new Date(AT.getTime() + 60 * DAY) }, /expired on .*subkey/);
  const forEncryption = await makeKey({ subkeys: [{}] });
  const [part] = forEncryption.getSubkeys();
  await refused(t, 'signature-untrusted', await signMessage(key), { keys: [publicOf(forEncryption)], digest: DIGEST }, /not trusted/);
  t.truthy(part);
  // A stranger's signing subkey, put behind a trusted key: nothing binds it.
  const trusted = await makeKey();
  const glued = new openpgp.PublicKey(trusted.toPublic().toPacketList());
  glued.subkeys.push(...key.toPublic().subkeys);
  await refused(t, 'signature-untrusted', bytes, { keys: [{ name: 'keys/glued.gpg', bytes: glued.write() }], digest: DIGEST }, /cannot be used/);
});

test('what is signed is read as strictly as containers-signature(5) asks', async (t) => {
  const key = await makeKey();
  const keys = [publicOf(key)];
  const payload = JSON.parse(Buffer.from(PAYLOAD).toString()) as { critical: { identity: object; image: object; type: string }; optional: object };
  const { critical, optional } = payload;
  const documents = [
    { critical: { ...critical, expires: 1 }, optional }, { critical: { ...critical, identity: { ...critical.identity, also: 'x' } }, optional }, { critical: { ...critical, image: { ...critical.image, also: 'x' } }, optional },
    { ...payload, more: {} }, { critical }, { critical, optional: null }, { critical, optional: { timestamp: 'now' } }, { critical, optional: { timestamp: 1.5 } }, { critical, optional: { creator: 1 } },
    { critical: { ...critical, type: 'cosign container image signature' }, optional }, { critical: { ...critical, identity: {} }, optional }, { critical: { ...critical, image: { 'docker-manifest-digest': 'sha256:1' } }, optional }, [payload], 'text',
  ].map((document) => JSON.stringify(document));
  const twice = Buffer.from(PAYLOAD).toString().replace('"critical":', '"critical":{},"critical":');
  for (const document of [...documents, twice, `${Buffer.from(PAYLOAD).toString()} {}`, '']) await rejectsWith(t, 'signature-malformed', verify(await signMessage(key, { content: Buffer.from(document) }), { keys, digest: DIGEST }), document);
  t.is((await verify(await signMessage(key, { content: Buffer.from(JSON.stringify({ optional: { ...optional, anything: [1] }, critical })) }), { keys, digest: DIGEST })).reference, NAME);
});

test('no changed bit changes the answer: it is refused, or nothing that anybody uses', async (t) => {
  const passed: number[] = [];
  const right = await verify(byGpg('uncompressed'));
  const caught = new Set(['signature-malformed', 'signature-invalid', 'signature-untrusted']);
  const keys = await readGpgKeys(debian);
  const bytes = byGpg('uncompressed');
  for (const { bit, flipped } of flips(bytes, 11)) {
    const code = await codeOf(verifyGpgImageSignature({ name: 's', bytes: flipped }, made.digest, emptyTrust(AT), keys).then((claim) => t.deepEqual(claim, right, `bit ${bit}`)));
    if (!caught.has(code)) passed.push(bit >> 3);
  }
  // Format, name and time of the document; lengths of what is not signed of the signature, and of its two numbers.
  const neutral = (at: number): boolean => (at >= 18 && at <= 35) || (at >= 356 && at <= 359) || [370, 371, 404, 405].includes(at);
  t.deepEqual(passed.filter((at) => !neutral(at)), []);
  for (let length = 0; length < bytes.length; length += 1) t.is(await codeOf(verifyGpgImageSignature({ name: 's', bytes: bytes.subarray(0, length) }, made.digest, emptyTrust(AT), keys)), 'signature-malformed', `${length}`);
});

test('hostile messages end soon and in little memory', async (t) => {
  const message = byGpg('uncompressed');
  const compressed = (bytes: Uint8Array): Buffer => packetOf(8, Buffer.concat([Buffer.from([1]), deflateRawSync(bytes)]));
  const nested = (depth: number): Buffer => {
    let body = Buffer.alloc(10);
    for (let i = 0; i < depth; i += 1) {
      const length = Buffer.alloc(5);
      length[0] = 255;
      length.writeUInt32BE(body.length + 1, 1);
      const sub = Buffer.concat([length, Buffer.from([32]), body]);
      const size = Buffer.alloc(2);
      size.writeUInt16BE(Math.min(sub.length, 65_535));
      body = Buffer.concat([Buffer.from([4, 0, 22, 8]), size, sub, Buffer.from([0, 0, 0, 0])]);
    }
    return body;
  };
  const literal = packetOf(11, Buffer.concat([Buffer.from('b\0\0\0\0\0'), PAYLOAD]));
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ['bomb', compressed(Buffer.alloc(8 * 1024 * 1024))], ['compressed twice', compressed(compressed(message))], ['something behind', Buffer.concat([compressed(message), literal])],
    ['something behind the compressed part', packetOf(8, Buffer.concat([Buffer.from([1]), deflateRawSync(message), Buffer.from('x')]))], ['no compression at all', packetOf(8, Buffer.concat([Buffer.from([0]), message]))], ['compressed, and empty', packetOf(8, Buffer.alloc(0))],
    ['literal of too many bytes', Buffer.concat([packetOf(2, Buffer.from([4])), packetOf(11, Buffer.alloc(TOO_LARGE + 6))])], ['signature of too many bytes', Buffer.concat([packetOf(2, Buffer.alloc(20_000, 4)), literal])],
    ['nested signatures', Buffer.concat([packetOf(2, nested(800)), literal])], ['subpackets of no length', Buffer.concat([packetOf(2, Buffer.concat([Buffer.from([4, 0, 22, 8, 0x30, 0]), Buffer.alloc(14_000)])), literal])],
    ['many packets', Buffer.alloc(1024 * 1024, 0xca)], ['parts of one byte', Buffer.concat([Buffer.from([0xcb]), Buffer.alloc(1024 * 1024, 0xe0)])], ['a length of 4 GiB', Buffer.from([0xcb, 0xff, 0xff, 0xff, 0xff, 0xff])], ['signature in parts', Buffer.from([0xc2, 0xe1, 1, 1, 0])],
    ['signature without length', Buffer.from([0x8b, 4])], ['version 3', Buffer.concat([packetOf(2, Buffer.from([3, 5, 0, 0, 0, 0, 0])), literal])], ['encrypted', packetOf(18, Buffer.from([1]))], ['a key', packetOf(6, Buffer.from([4]))], ['type 0', Buffer.from([0xc0, 0])], ['text', Buffer.from('{}')], ['nothing', Buffer.alloc(0)],
    ['announced otherwise', Buffer.concat([packetOf(4, Buffer.from([3, 1, 8, 22, 0, 0, 0, 0, 0, 0, 0, 0, 1])), literal, packetOf(2, Buffer.from([4, 0, 22, 8]))])], ['name beyond the literal', Buffer.concat([packetOf(2, Buffer.from([4, 0, 22, 8])), packetOf(11, Buffer.from([0x62, 255, 0]))])],
  ];
  const before = process.memoryUsage().arrayBuffers;
  for (const [what, bytes] of cases) await rejectsWith(t, 'signature-malformed', verify(bytes), what);
  t.true(process.memoryUsage().arrayBuffers - before < 32 * 1024 * 1024);
});

test('keys: armored and binary, several blocks and several keys; everything else is said to be what it is', async (t) => {
  const [a, b] = [await makeKey(), await makeKey({ userIDs: [{ email: 'b@example.org' }] })];
  const armored = Buffer.from(`some text\n${a.toPublic().armor()}\n${b.toPublic().armor()}`);
  const binary = Buffer.concat([a.toPublic().write(), b.toPublic().write()]);
  for (const bytes of [armored, binary]) {
    const facts = readKeyFacts({ name: 'k', bytes });
    t.deepEqual(facts.map(({ fingerprint, userId }) => [fingerprint, userId]), [[a.getFingerprint().toUpperCase(), 'Release <release@example.org>'], [b.getFingerprint().toUpperCase(), '<b@example.org>']]);
    t.deepEqual((await readGpgKeys({ name: 'k', bytes })).map(({ fingerprint }) => fingerprint), facts.map(({ fingerprint }) => fingerprint));
  }
  const bad: readonly (readonly [ImgkitError['code'], Uint8Array])[] = [
    ['key-refused', Buffer.from(a.armor())], ['key-refused', a.write()], ['key-malformed', byGpg('skopeo')], ['key-malformed', Buffer.from('hello')], ['key-malformed', Buffer.alloc(0)], ['key-malformed', binary.subarray(0, 40)],
    ['key-malformed', Buffer.from(armored.toString().replace('-----END', '----END'))], ['key-malformed', Buffer.from(armored.toString().replace(/\n[A-Za-z0-9+/]{10}/, '\n!!!!!!!!!!'))], ['key-malformed', Buffer.concat([binary, Buffer.alloc(4 * 1024 * 1024)])], ['key-malformed', packetOf(6, Buffer.from([3, 0, 0, 0, 0, 1]))], ['key-malformed', packetOf(6, Buffer.from([4, 0, 0, 0, 0, 1]))],
  ];
  for (const [code, bytes] of bad) await rejectsWith(t, code, readGpgKeys({ name: 'k', bytes }), Buffer.from(bytes.subarray(0, 60)).toString('latin1'));
});

test('the signer: the primary key if it can, else a subkey; passphrases; keys that may not', async (t) => {
  const nobody = (): Promise<undefined> => Promise.resolve(undefined);
  const both = await makeKey({ subkeys: [{ sign: true }] });
  for (const bytes of [both.write(), Buffer.from(both.armor())]) {
    const signer = await openGpgSigner(bytes, 'k', nobody, AT);
    t.is(signer.subkey, undefined);
    const signature = await signer.sign(PAYLOAD, AT);
    t.like(await verify(signature, { keys: [publicOf(both)], digest: DIGEST }), { reference: NAME, claimedAt: AT, keyId: signer.keyId });
    t.deepEqual(await signer.sign(PAYLOAD, AT), signature, 'the same every time');
  }
  const locked = await openpgp.encryptKey({ privateKey: both, passphrase: 'right' });
  t.is((await openGpgSigner(locked.write(), 'k', () => Promise.resolve('right'), AT)).keyId, both.getFingerprint().toUpperCase());
  t.regex((await rejectsWith(t, 'key-refused', openGpgSigner(locked.write(), 'k', () => Promise.resolve('wrong'), AT))).message, /does not open it/);
  t.regex((await rejectsWith(t, 'key-refused', openGpgSigner(locked.write(), 'k', nobody, AT))).message, /passphrase-file/);
  const expired = await makeKey({ keyExpirationTime: 86_400 });
  for (const key of [await small, expired]) await rejectsWith(t, 'key-refused', openGpgSigner(key.write(), 'k', nobody, AT));
  const newest = await makeKey({ type: 'curve25519', config: { v6Keys: true } });
  t.regex((await rejectsWith(t, 'key-refused', openGpgSigner(newest.write(), 'k', nobody, AT))).message, /version 6/);
  for (const bytes of [both.toPublic().write(), Buffer.concat([both.write(), (await small).write()]), Buffer.from('x'), Buffer.alloc(0)]) await rejectsWith(t, 'key-malformed', openGpgSigner(bytes, 'k', nobody, AT));
});

test('names are compared as matchRepoDigestOrExact does', (t) => {
  const digest = `@sha256:${'a'.repeat(64)}`;
  for (const [signed, name] of [['busybox:1', 'docker.io/library/busybox:1'], ['docker.io/library/busybox:1', 'index.docker.io/library/busybox:1'], ['r.example/a:1', `r.example/a${digest}`], [`r.example/a${digest}`, `r.example/a${digest}`], [`r.example/a:1${digest}`, `r.example/a:1${digest}`]] as const) t.true(isSignedFor(signed, name), `${signed} for ${name}`);
  for (const [signed, name] of [['r.example/a:1', 'r.example/a:2'], ['r.example/a', 'r.example/a:1'], ['r.example/a:1', 'r.example/a'], ['r.example/b:1', `r.example/a${digest}`], ['s.example/a:1', 'r.example/a:1'], ['r.example/a:1', `r.example/a:1${digest}`], ['', 'r.example/a:1'], ['NOT A NAME', 'r.example/a:1'], ['r.example:5000/a:1', 'r.example/a:1']] as const) t.false(isSignedFor(signed, name), `${signed} for ${name}`);
});
