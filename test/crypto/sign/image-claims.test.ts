import { generateKeyPairSync, sign } from 'node:crypto';
import test from 'ava';
import type { Digest } from '../../../src/content/digest.js';
import { cosignPublicKey, keyHint } from '../../../src/crypto/keys/cosign-public-key.js';
import { decodeImageBundle, dssePreimage, encodeImageBundle, type ImageBundle } from '../../../src/crypto/sign/image/image-bundle.js';
import { encodeInToto, IN_TOTO } from '../../../src/crypto/sign/image/in-toto.js';
import { encodeSimpleSigning } from '../../../src/crypto/sign/image/simple-signing.js';
import { verifyImageSignature, type VerifiedClaim } from '../../../src/crypto/sign/image/verify-image.js';
import { emptyTrust, type Trust } from '../../../src/crypto/trust/trust.js';

/** Documents that the key of a trusted signer did sign, and that still vouch for no image, or not for this one. */
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const digest = `sha256:${'1'.repeat(64)}` as Digest;
const other = `sha256:${'2'.repeat(64)}` as Digest;
const claim = { digest, reference: 'docker.io/library/app:1' };
const trust: Trust = { ...emptyTrust(), cosign: [{ name: 'keys/release.pub', bytes: Buffer.from(publicKey.export({ format: 'pem', type: 'spki' })) }] };

function simple(payload: string | Uint8Array, who: Trust = trust): VerifiedClaim | undefined {
  const bytes = Buffer.from(payload);
  return verifyImageSignature({ where: 'x', kind: 'simple', payload: bytes, signature: sign('sha256', bytes, privateKey) }, digest, who);
}

function bundled(statement: string | Uint8Array, payloadType = IN_TOTO, { hint = keyHint(publicKey), by = privateKey }: { readonly hint?: string; readonly by?: typeof privateKey } = {}): VerifiedClaim | undefined {
  const payload = Buffer.from(statement);
  const bundle: ImageBundle = { payloadType, payload, signature: sign('sha256', dssePreimage(payloadType, payload), by), hint, logged: false };
  return verifyImageSignature({ where: 'x', kind: 'bundle', bundle }, digest, trust);
}

const [payload, statement] = [encodeSimpleSigning(claim), encodeInToto(claim)].map((bytes) => Buffer.from(bytes).toString()) as [string, string];

test('a claim about the image is believed, in both forms', (t) => {
  for (const found of [simple(payload), bundled(statement)]) t.like(found, { keyId: cosignPublicKey(publicKey, 'x').keyId, identity: 'release', reference: claim.reference });
  t.is(simple(payload, { ...trust, identity: 'release.pub' })?.identity, 'release');
});

test('a key in two files is called by the name of each', (t) => {
  const twice = { ...trust, cosign: trust.cosign.flatMap((file) => [file, { ...file, name: 'keys/also.pub' }]) };
  t.deepEqual(simple(payload, twice)?.identities, ['release', 'also']);
  t.is(simple(payload, { ...twice, identity: 'also' })?.identity, 'also');
});

test('a claim about another image, by another key, or by another name is not', (t) => {
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  for (const wrong of [() => simple(payload.replace(digest, other)), () => bundled(statement.replace('1'.repeat(64), '2'.repeat(64))), () => bundled(statement, IN_TOTO, { by: stranger })]) t.throws(wrong, { code: 'signature-invalid' });
  t.throws(() => bundled(statement, IN_TOTO, { hint: 'x', by: stranger }), { code: 'signature-untrusted' });
  t.throws(() => simple(payload, { ...trust, identity: 'safety' }), { code: 'signature-untrusted', message: /is by the key keys\/release\.pub, not by one named safety/ });
});

test('what says something else of the image vouches for nothing', (t) => {
  t.is(bundled(statement, 'application/json'), undefined);
  t.is(bundled(statement.replace('Statement/v1', 'Statement/v0.1')), undefined);
  t.is(bundled(statement.replace('cosign/sign/v1', 'slsa/v1')), undefined);
  t.throws(() => simple(payload.replace('cosign container image signature', 'something')), { code: 'signature-malformed', message: /is about "something"/ });
});

test('a field that is not known may restrict what was signed, but for optional ones', (t) => {
  t.truthy(simple(payload.replace('"optional":null', '"optional":{"any":1}')));
  for (const name of ['critical', 'identity', 'image']) t.throws(() => simple(payload.replace(`"${name}":{`, '$&"expires":1,')), { code: 'signature-malformed', message: /has the field "expires", which is not known/ }, name);
  t.throws(() => simple(payload.replace('{', '{"expires":1,')), { code: 'signature-malformed', message: /has the field "expires"/ });
});

test('a bundle has one signature', (t) => {
  const bundle = JSON.parse(Buffer.from(encodeImageBundle(Buffer.from(statement), Buffer.from('s'), 'h')).toString()) as { dsseEnvelope: { signatures: unknown[] } };
  const [one] = bundle.dsseEnvelope.signatures;
  t.truthy(decodeImageBundle(Buffer.from(JSON.stringify(bundle)), 'x'));
  for (const signatures of [[], [one, one]]) t.throws(() => decodeImageBundle(Buffer.from(JSON.stringify({ ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, signatures } })), 'x'), { code: 'signature-malformed', message: /has \d signatures in its envelope instead of one/ });
});

test('a bundle by a certificate is keyless when it signs the image, and nothing when it describes it', (t) => {
  const made = (payload: string): Uint8Array => Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(encodeImageBundle(Buffer.from(payload), Buffer.from('s'), 'h')).toString()) as object, verificationMaterial: { certificate: { rawBytes: 'AAAA' }, tlogEntries: [] } }));
  t.is(decodeImageBundle(made(statement), 'x'), 'keyless');
  t.is(decodeImageBundle(made(statement.replace('cosign/sign/v1', 'slsa/v1')), 'x'), undefined);
  t.throws(() => verifyImageSignature({ where: 'x', kind: 'keyless' }, digest, trust), { code: 'signature-missing', message: /keyless.*cosign sign --key KEY/ });
});
