import { createPublicKey, ECDH, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import test from 'ava';
import { encodeCosignPrivateKey, readCosignPrivateKey } from '../../../src/crypto/keys/cosign-private-key.js';
import { cosignPublicKey } from '../../../src/crypto/keys/cosign-public-key.js';
import { decodePem, encodePem } from '../../../src/crypto/keys/pem-text.js';
import { createCosignSigner } from '../../../src/crypto/sign/cosign-signer.js';
import type { VerifiedSignature } from '../../../src/crypto/sign/signature.js';
import { verifyCosignBlob } from '../../../src/crypto/sign/verify-cosign.js';
import { emptyTrust, type Trust } from '../../../src/crypto/trust/trust.js';
import { rejectsWith } from '../../content/bytes.js';
import { codeOf, flips } from './flips.js';

const DOCUMENT = Buffer.from('statement\n');
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const trusting = (...keys: readonly KeyObject[]): Trust => ({ ...emptyTrust(), cosign: keys.map((key, i) => ({ name: `keys/ship${i}.pub`, bytes: Buffer.from(key.export({ format: 'pem', type: 'spki' })) })) });
const verify = async (bytes: Uint8Array | string, trust: Trust = trusting(ec.publicKey), document: Uint8Array = DOCUMENT): Promise<VerifiedSignature> => {
  const [first] = await verifyCosignBlob(document, typeof bytes === 'string' ? Buffer.from(bytes) : bytes, trust, 'd.json');
  return first as VerifiedSignature;
};

test('a bundle verifies, for every kind of key', async (t) => {
  for (const { privateKey } of [ec, generateKeyPairSync('ed25519'), generateKeyPairSync('rsa', { modulusLength: 2048 })]) {
    const signer = createCosignSigner(privateKey, 'k');
    const verified = await verify(await signer.sign(DOCUMENT), trusting(createPublicKey(privateKey)));
    t.like(verified, { format: 'cosign', identity: 'ship0', keyId: signer.keyId });
  }
});

test('a key is the same with its point compressed, as openssl writes it with -conv_form compressed', async (t) => {
  const long = ec.publicKey.export({ format: 'der', type: 'spki' });
  const point = ECDH.convertKey(long.subarray(26), 'prime256v1', undefined, undefined, 'compressed') as Buffer;
  // The same SEQUENCE and AlgorithmIdentifier around a shorter BIT STRING.
  const short = Buffer.concat([Buffer.from([0x30, 57]), long.subarray(2, 23), Buffer.from([0x03, 34, 0]), point]);
  const compressed = createPublicKey({ key: short, format: 'der', type: 'spki' });
  t.is(cosignPublicKey(compressed, 'k').keyId, cosignPublicKey(ec.publicKey, 'k').keyId);
  t.is((await verify(await createCosignSigner(ec.privateKey, 'k').sign(DOCUMENT), trusting(compressed))).identity, 'ship0');
});

test('bare base64 verifies, with and without a line end', async (t) => {
  const bare = sign('sha256', DOCUMENT, ec.privateKey).toString('base64');
  for (const text of [bare, `${bare}\n`]) t.is((await verify(text)).identity, 'ship0');
  for (const text of [` ${bare}`, `${bare}\n\n`, bare.slice(0, -1), `${bare}!`, '', '\n', 'AAAA AAAA']) await rejectsWith(t, 'signature-malformed', verify(text), JSON.stringify(text));
  for (const width of [64, 76]) for (const end of ['\n', '\r\n']) t.is((await verify(bare.replaceAll(new RegExp(`.{1,${width}}`, 'g'), `$&${end}`))).identity, 'ship0');
  for (const text of [`${bare.slice(0, 10)}\n${bare.slice(10)}`, `\n${bare}`]) await rejectsWith(t, 'signature-malformed', verify(text), JSON.stringify(text));
  await rejectsWith(t, 'signature-invalid', verify(bare, undefined, Buffer.from('other')));
});

test('a bundle of cosign before version 3 verifies, and what is keyless is called that', async (t) => {
  const base64Signature = sign('sha256', DOCUMENT, ec.privateKey).toString('base64');
  const pem = ec.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  for (const rest of [{}, { cert: '' }, { cert: pem }, { cert: Buffer.from(pem).toString('base64'), rekorBundle: { SignedEntryTimestamp: 'x', Payload: {} } }]) {
    const bytes = JSON.stringify({ base64Signature, ...rest });
    t.deepEqual((await verify(bytes)).notes, 'rekorBundle' in rest ? ['the entry in a transparency log was not looked at'] : []);
    await rejectsWith(t, 'signature-invalid', verify(bytes, undefined, Buffer.from('other')));
  }
  const cert = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  const { mediaType, ...bundle } = JSON.parse(Buffer.from(await createCosignSigner(ec.privateKey, 'k').sign(DOCUMENT)).toString()) as { mediaType: string };
  for (const each of [{ base64Signature, cert }, { base64Signature, cert: Buffer.from(cert).toString('base64') }, { ...bundle, mediaType, verificationMaterial: { certificate: { rawBytes: 'AAAA' } } }]) {
    t.regex((await t.throwsAsync(verify(JSON.stringify(each)), { code: 'signature-untrusted' })).message, /the bundle is keyless: signed by a certificate of a public CA/);
  }
  for (const each of [{ base64Signature: '!' }, { base64Signature: 1 }, { base64Signature: '' }]) await rejectsWith(t, 'signature-malformed', verify(JSON.stringify(each)));
});

test('no changed bit goes unnoticed, but for those of the hint, which only helps to find the key', async (t) => {
  const file = Buffer.from(await createCosignSigner(ec.privateKey, 'k').sign(DOCUMENT));
  const text = file.toString();
  const [hintFrom, hintTo] = [text.indexOf('"hint"'), text.indexOf('"}},') + 1];
  const caught = new Set(['signature-malformed', 'signature-invalid', 'signature-untrusted']);
  const passed: number[] = [];
  for (const { bit, flipped } of flips(file)) {
    const at = bit >> 3;
    const code = await codeOf(verify(flipped));
    if (!caught.has(code) && !(code === 'resolved' && at >= hintFrom && at < hintTo)) passed.push(at);
  }
  // `messageDigest` is optional, so a changed name makes it absent; and JSON may end in white space. The signature proper still fits.
  const neutral = new Set([...rangeOf(text, '"messageDigest"'), text.length - 1]);
  t.deepEqual(passed.filter((at) => !neutral.has(at)).map((at) => text.slice(at - 5, at + 5)), []);
  for (const { bit, flipped } of flips(DOCUMENT)) t.is(await codeOf(verify(file, undefined, flipped)), 'signature-invalid', `bit ${bit}`);
  for (let length = 0; length < file.length - 1; length += 1) t.is(await codeOf(verify(file.subarray(0, length))), 'signature-malformed', `${length}`);
});

function rangeOf(text: string, part: string): readonly number[] {
  return Array.from(part, (_, i) => text.indexOf(part) + i);
}

test('bundles of other kinds are refused in so many words', async (t) => {
  const bundle = JSON.parse(Buffer.from(await createCosignSigner(ec.privateKey, 'k').sign(DOCUMENT)).toString()) as { verificationMaterial: object; messageSignature: object };
  const changed = (change: object): string => JSON.stringify({ ...bundle, ...change });
  t.regex((await rejectsWith(t, 'signature-untrusted', verify(changed({ verificationMaterial: { certificate: { rawBytes: 'AAAA' } } })))).message, /certificate/);
  t.regex((await rejectsWith(t, 'signature-untrusted', verify(changed({ dsseEnvelope: {} })))).message, /attestation/);
  await rejectsWith(t, 'signature-malformed', verify(changed({ mediaType: 'application/json' })));
  await rejectsWith(t, 'signature-malformed', verify(changed({ messageSignature: { ...bundle.messageSignature, messageDigest: { algorithm: 'SHA2_512', digest: 'AAAA' } } })));
  await rejectsWith(t, 'signature-malformed', verify('{"mediaType":1,"mediaType":2}'));
  t.deepEqual((await verify(changed({ verificationMaterial: { publicKey: { hint: 'release key' }, tlogEntries: [{ logIndex: '1' }] } }))).notes, ['the entry in a transparency log was not looked at']);
});

test('a digest in the bundle that is not the document\'s is caught', async (t) => {
  const other = Buffer.from(await createCosignSigner(ec.privateKey, 'k').sign(Buffer.from('other')));
  await rejectsWith(t, 'signature-invalid', verify(other));
});

test('the key counts, and its name where somebody is meant', async (t) => {
  const file = await createCosignSigner(ec.privateKey, 'k').sign(DOCUMENT);
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
  t.is(await codeOf(verify(file, emptyTrust())), 'signature-untrusted');
  t.is(await codeOf(verify(file, trusting(other))), 'signature-untrusted');
  t.is((await verify(file, trusting(other, ec.publicKey))).identity, 'ship1');
  t.is(await codeOf(verify(file, { ...trusting(ec.publicKey), identity: 'ship1' })), 'signature-untrusted');
  t.is(await codeOf(verify(file, { ...emptyTrust(), cosign: [{ name: 'k', bytes: Buffer.from('nonsense') }] })), 'key-malformed');
});

test('a key in two files is called by the name of each', async (t) => {
  const bundle = Buffer.from(await createCosignSigner(ec.privateKey, 'k').sign(DOCUMENT));
  const trust = trusting(ec.publicKey, generateKeyPairSync('ed25519').publicKey, ec.publicKey);
  t.deepEqual((await verifyCosignBlob(DOCUMENT, bundle, trust, 'd.json')).map(({ identity }) => identity), ['ship0', 'ship2']);
  t.is((await verify(bundle, { ...trust, identity: 'ship2' })).identity, 'ship2');
});

test('weak keys and other curves neither sign nor verify', async (t) => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  t.throws(() => createCosignSigner(weak.privateKey, 'k'), { code: 'key-refused' });
  await rejectsWith(t, 'signature-untrusted', verify(sign('sha256', DOCUMENT, weak.privateKey).toString('base64'), trusting(weak.publicKey)));
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  t.throws(() => createCosignSigner(p384.privateKey, 'k'), { code: 'key-refused' });
  await rejectsWith(t, 'key-refused', verify('AAAAAAAAAAAAAAAAAAAA', trusting(p384.publicKey)));
});

test('a private key opens with its passphrase and with no other, under both names', async (t) => {
  const text = await encodeCosignPrivateKey(ec.privateKey, 'secret');
  for (const each of [text, text.replaceAll('COSIGN', 'SIGSTORE')]) t.true((await readCosignPrivateKey(each, 'k', async () => 'secret')).equals(ec.privateKey));
  await rejectsWith(t, 'key-refused', readCosignPrivateKey(text, 'k', async () => 'wrong'));
  await rejectsWith(t, 'key-refused', readCosignPrivateKey(text, 'k', async () => undefined));
  const json = Buffer.from((decodePem(text) as { bytes: Uint8Array }).bytes).toString();
  for (const [from, to] of [['"scrypt"', '"pbkdf2"'], ['nacl/secretbox', 'none'], ['"N":32768', '"N":"32768"'], ['}', '']] as const) {
    await rejectsWith(t, 'key-malformed', readCosignPrivateKey(encodePem('ENCRYPTED COSIGN PRIVATE KEY', Buffer.from(json.replace(from, to))), 'k', async () => 'secret'), from);
  }
  await rejectsWith(t, 'key-refused', readCosignPrivateKey(encodePem('ENCRYPTED COSIGN PRIVATE KEY', Buffer.from(json.replace('"N":32768', '"N":1073741824'))), 'k', async () => 'secret'));
});
