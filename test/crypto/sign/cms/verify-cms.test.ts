import { constants, sign as signBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { createCmsSigner } from '../../../../src/crypto/sign/cms/cms-signer.js';
import { readSignedData } from '../../../../src/crypto/sign/cms/signed-data.js';
import { verifyCms } from '../../../../src/crypto/sign/cms/verify-cms.js';
import type { Trust } from '../../../../src/crypto/trust/trust.js';
import { readCertificate } from '../../../../src/crypto/x509/certificate.js';
import { TAG } from '../../../../src/crypto/x509/der-node.js';
import { der, derInteger, derOid, derSequence } from '../../../../src/crypto/x509/der-write.js';
import { OID } from '../../../../src/crypto/x509/oids.js';
import { basicConstraints, keyUsage, subjectAltName } from '../../../../src/crypto/x509/write-extensions.js';
import { DER_LIMITS } from '../../../../src/limits.js';
import { isImgkitError, type ErrorCode } from '../../../../src/errors.js';
import { flips } from '../flips.js';
import { days, makeCa, makeSigner, NOW, p256, rsa, trustIn, type Party } from '../../pki.js';

const root = makeCa();
const middle = makeCa({ by: root, name: 'Middle' });
const signer = makeSigner({ by: middle });
const document = Buffer.from('0a1b  app.tar\n');

async function sign(party: Party, bytes: Uint8Array = document, chain: readonly Party[] = [middle, root], at = NOW): Promise<Uint8Array> {
  const made = await createCmsSigner({ key: party.key, certificate: party.certificate, chain: chain.map(({ certificate }) => certificate), at });
  return made.sign(bytes, { at });
}

async function refuses(t: ExecutionContext, signature: Uint8Array, trust: Trust, code: ErrorCode, says: RegExp, bytes: Uint8Array = document): Promise<void> {
  const error = await t.throwsAsync(verifyCms(bytes, signature, trust, 'app.tar.sha256.p7s'));
  t.true(isImgkitError(error, code), `${String(error)} has not the code ${code}`);
  t.regex(error?.message ?? '', says);
}

for (const [kind, keys] of [['ECDSA P-256', p256()], ['RSA 3072', rsa(3072)]] as const) {
  test(`what we sign with ${kind} verifies, at every size`, async (t) => {
    const party = makeSigner({ by: middle, keys });
    for (const size of [0, 1, 65_535, 65_536, 65_537]) {
      const bytes = Buffer.alloc(size, 0x31);
      const [verified] = await verifyCms(bytes, await sign(party, bytes), trustIn(root), 'x.p7s');
      t.is(verified?.identity, 'release@acme.example');
      t.deepEqual(verified?.claimedAt, NOW);
      t.regex(verified?.keyId ?? '', /^O=Acme, CN=Signer \(sha256:[0-9a-f]{64}\)$/);
      t.is(verified?.notes.length, 2); // no CRL of either CA
    }
  });
}

test('no flipped bit in a signature is accepted', async (t) => {
  // The certificate of the CA is left out: certificates have a sweep of their own, and the campaign takes every bit of everything.
  const signature = await sign(signer, document, []);
  const trust = trustIn(root, { intermediates: [middle.certificate] });
  await verifyCms(document, signature, trust, 'x.p7s');
  for (let at = 0; at < signature.length; at++) {
    const changed = Uint8Array.from(signature);
    changed[at] = (changed[at] as number) ^ (1 << (at % 8));
    const error = await t.throwsAsync(verifyCms(document, changed, trust, 'x.p7s'), undefined, `byte ${at}`);
    t.true(isImgkitError(error, 'signature-malformed', 'signature-invalid', 'signature-untrusted', 'limit-exceeded'), `byte ${at}: ${String(error)}`);
  }
});

test('no flipped bit in the document is accepted', async (t) => {
  const signature = await sign(signer);
  for (const { flipped } of flips(document, 3)) await refuses(t, signature, trustIn(root), 'signature-invalid', /does not fit the content/, flipped);
});

test('a signature over the content as text, which openssl makes without -binary, is told as that', async (t) => {
  const text = Buffer.from('0a1b  app.tar\n2c3d  b.tar\r\n');
  const signature = await sign(signer, Buffer.from('0a1b  app.tar\r\n2c3d  b.tar\r\n'));
  await refuses(t, signature, trustIn(root), 'signature-invalid', /as the text of a mail.*openssl cms -sign -binary/, text);
  await refuses(t, signature, trustIn(root), 'signature-invalid', /does not fit the content/, Buffer.from('0a1c  app.tar\n2c3d  b.tar\n'));
});

test('a signature under the name of another algorithm, or with two of them, is not accepted', async (t) => {
  const signature = Buffer.from(await sign(signer));
  const [sha256, sha512] = [derOid(OID.sha256), derOid('2.16.840.1.101.3.4.2.3')];
  // The last one is that of the signer; those before belong to certificates.
  const swapped = (from: Uint8Array, to: Uint8Array, at = signature.lastIndexOf(from)): Buffer => {
    t.is(from.length, to.length);
    return Buffer.concat([signature.subarray(0, at), to, signature.subarray(at + from.length)]);
  };
  const ecdsa = derOid(OID.ecdsaWithSha256);
  await refuses(t, swapped(ecdsa, derOid(OID.ecdsaWithSha384)), trustIn(root), 'signature-invalid', /names two hashes, sha256 and sha384/);
  await refuses(t, swapped(ecdsa, derOid('1.2.840.10045.4.3.1')), trustIn(root), 'signature-untrusted', /1\.2\.840\.10045\.4\.3\.1/);
  // Of the signer alone, and of the list at the start alone.
  await refuses(t, swapped(sha256, sha512), trustIn(root), 'signature-malformed', /lists other digest algorithms/);
  await refuses(t, swapped(sha256, sha512, signature.indexOf(sha256)), trustIn(root), 'signature-malformed', /lists other digest algorithms/);
  // By a key of another type than the algorithm: RSA's name over an ECDSA signature, and the other way.
  const trust = trustIn(root, { intermediates: [middle.certificate] });
  const rsaParty = makeSigner({ by: middle, keys: rsa(2048) });
  for (const [party, algorithm] of [[signer, derSequence(derOid(OID.rsaEncryption), der(TAG.null))], [rsaParty, derSequence(derOid(OID.ecdsaWithSha256))]] as const) {
    const content = Buffer.from('1a2b  app.tar\n');
    await refuses(t, withoutAttributes(party, signBytes('sha256', content, party.key), algorithm), trust, 'signature-invalid', /was not made with the key of/, content);
  }
});

test('huge and deeply nested signatures end soon, as malformed or too large', async (t) => {
  const limit = DER_LIMITS.signatureBytes;
  await refuses(t, der(TAG.sequence, Buffer.alloc(limit)), trustIn(root), 'limit-exceeded', /./);
  let deep: Uint8Array = derSequence();
  for (let i = 0; i < 1000; i++) deep = derSequence(deep);
  await refuses(t, deep, trustIn(root), 'limit-exceeded', /deep/);
  const nested = derSequence(derOid(OID.signedData), der(0xa0, deep));
  await refuses(t, nested, trustIn(root), 'limit-exceeded', /deep/);
  const pem = (body: string): Buffer => Buffer.from(`-----BEGIN CMS-----\n${body}-----END CMS-----\n`);
  await refuses(t, pem('MAAw\n'.repeat(400_000)), trustIn(root), 'limit-exceeded', /./);
  await refuses(t, pem('MAAwADAAMAAwADAA\n'.repeat(50_000)), trustIn(root), 'signature-malformed', /./);
  await refuses(t, Buffer.from('-----BEGIN CMS-----\n'.repeat(40_000)), trustIn(root), 'signature-malformed', /./);
});

test('a signature cut anywhere is malformed', async (t) => {
  const signature = await sign(signer);
  for (let size = 0; size < signature.length; size += 7) await refuses(t, signature.subarray(0, size), trustIn(root), 'signature-malformed', /cut short|outside/);
  await refuses(t, Buffer.concat([signature, Buffer.of(0)]), trustIn(root), 'signature-malformed', /1 bytes after its end/);
});

test('a signature over other content does not fit', async (t) => {
  await refuses(t, await sign(signer, Buffer.from('other')), trustIn(root), 'signature-invalid', /does not fit the content/);
});

test('only chains to a trusted root count', async (t) => {
  const signature = await sign(signer);
  await refuses(t, signature, trustIn(makeCa()), 'signature-untrusted', /names the certificate .* but is not signed by it|does not lead to a trusted root/);
  await refuses(t, signature, trustIn([]), 'signature-untrusted', /no root certificate is trusted/);
  await refuses(t, await sign(signer, document, []), trustIn(root), 'signature-untrusted', /does not lead to a trusted root/);
  const [verified] = await verifyCms(document, await sign(signer, document, []), trustIn(root, { intermediates: [middle.certificate] }), 'x.p7s');
  t.is(verified?.format, 'cms');
});

test('a root that comes with the signature is not believed', async (t) => {
  const evil = makeCa();
  const made = makeSigner({ by: evil });
  await refuses(t, await sign(made, document, [{ ...evil, certificate: evil.certificate }]), trustIn(root), 'signature-untrusted', /not signed by it|does not lead/);
});

test('the identity must be one of the certificate', async (t) => {
  const signature = await sign(signer);
  for (const identity of ['release@acme.example', 'release@ACME.example', 'build.acme.example', 'BUILD.acme.example', 'Signer', 'O=Acme, CN=Signer']) {
    t.is((await verifyCms(document, signature, trustIn(root, { identity }), 'x.p7s'))[0]?.identity, identity);
  }
  for (const identity of ['Release@acme.example', 'acme.example', 'signer', '']) {
    await refuses(t, signature, trustIn(root, { identity }), 'signature-untrusted', /does not belong to/);
  }
});

test('a common name that looks like an address is none beside addresses', async (t) => {
  const named = (emails: readonly string[]): Party => makeSigner({ by: middle, name: 'release@acme.example', extensions: [basicConstraints(false), keyUsage(0), ...(emails.length === 0 ? [] : [subjectAltName(emails, [])])] });
  const wanted = trustIn(root, { identity: 'release@acme.example' });
  await refuses(t, await sign(named(['mallory@acme.example'])), wanted, 'signature-untrusted', /does not belong to release@acme\.example, but to mallory/);
  t.is((await verifyCms(document, await sign(named([])), wanted, 'x.p7s'))[0]?.identity, 'release@acme.example');
});

test('a policy may name any of the addresses, and nothing that the owner chose', async (t) => {
  const named = (emails: readonly string[]): Party => makeSigner({ by: middle, name: 'release', extensions: [basicConstraints(false), keyUsage(0), subjectAltName(emails, ['a.example', 'b.example'])] });
  for (const [emails, identity, names] of [[['a@x', 'b@x', 'c@x'], 'a@x', ['b@x', 'c@x']], [[], 'a.example', ['b.example']], [['a@x'], 'a@x', undefined]] as const) {
    t.like((await verifyCms(document, await sign(named(emails)), trustIn(root), 'x.p7s'))[0], { identity, names: names as readonly string[] | undefined });
  }
});

test('the parameters of RSA-PSS, which no signature protects, have one form', async (t) => {
  const party = makeSigner({ by: middle, keys: rsa(2048) });
  const sha256 = derSequence(derOid(OID.sha256));
  const content = Buffer.from('1a2b  app.tar\n');
  const made = signBytes('sha256', content, { key: party.key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
  const pss = (mask: readonly Uint8Array[], more: readonly Uint8Array[], behind: readonly Uint8Array[]): Uint8Array => withoutAttributes(party, made, derSequence(
    derOid(OID.rsaPss), derSequence(der(0xa0, sha256), der(0xa1, derSequence(derOid(OID.mgf1), sha256, ...mask)), der(0xa2, derInteger(32)), ...more), ...behind,
  ));
  const trust = trustIn(root, { intermediates: [middle.certificate] });
  t.is((await verifyCms(content, pss([], [], []), trust, 'x.p7s'))[0]?.format, 'cms');
  for (const bent of [pss([der(TAG.null)], [], []), pss([], [der(0xa3, derInteger(2))], []), pss([], [], [der(TAG.null)])]) await refuses(t, bent, trust, 'signature-malformed', /./, content);
});

test('a signing time in the future is refused, a little ahead is not', async (t) => {
  await refuses(t, await sign(signer, document, [middle], days(1)), trustIn(root), 'signature-untrusted', /in the future/);
  await t.notThrowsAsync(verifyCms(document, await sign(signer, document, [middle], new Date(NOW.getTime() + 60_000)), trustIn(root), 'x.p7s'));
});

test('weak keys neither sign nor count', async (t) => {
  const weak = makeSigner({ by: middle, keys: rsa(1024) });
  t.true(isImgkitError(await t.throwsAsync(sign(weak)), 'key-refused'));
  const weakRoot = makeCa({ keys: rsa(1024), name: 'Weak' });
  const below = makeSigner({ by: weakRoot });
  await refuses(t, await sign(below, document, []), trustIn(weakRoot), 'signature-untrusted', /RSA with 1024 bits; 2048 are needed/);
});

test('a key that is not that of the certificate does not sign', async (t) => {
  const error = await t.throwsAsync(createCmsSigner({ key: p256().privateKey, certificate: signer.certificate }));
  t.true(isImgkitError(error, 'key-refused'));
});

test('a certificate does not sign before it is valid, and when it expired, but as of a time when it was', async (t) => {
  for (const [from, until, says, at] of [[days(-9), days(-1), /expired on .*, so nobody would accept what it signs/, days(-5)], [days(1), days(9), /is not valid before/, days(5)]] as const) {
    const { key, certificate } = makeSigner({ by: root, from, until });
    const error = await t.throwsAsync(createCmsSigner({ key, certificate, at: NOW }));
    t.true(isImgkitError(error, 'signature-untrusted'));
    t.regex(error?.message ?? '', says);
    await t.notThrowsAsync(createCmsSigner({ key, certificate, at }), says.source);
  }
});

test('a certificate that is not for signing does not sign', async (t) => {
  t.true(isImgkitError(await t.throwsAsync(sign(middle)), 'signature-untrusted'));
});

/** A SignedData whose signer has no signed attributes. */
function withoutAttributes(party: Party, signature: Uint8Array, algorithm = derSequence(derOid(OID.ecdsaWithSha256))): Uint8Array {
  const { issuer, serial, raw } = readCertificate(party.certificate.bytes, 'x');
  const sha256 = derSequence(derOid(OID.sha256));
  const info = derSequence(derInteger(1), derSequence(issuer.raw, der(TAG.integer, Buffer.from(serial, 'hex'))), sha256, algorithm, der(TAG.octetString, signature));
  return derSequence(derOid(OID.signedData), der(0xa0, derSequence(derInteger(1), der(TAG.set, sha256), derSequence(derOid(OID.data)), der(0xa0, raw), der(TAG.set, info))));
}

test('the attributes of a signature are not taken for content that was signed without any', async (t) => {
  const [original] = readSignedData(await sign(signer), 'x.p7s').signers;
  const attributes = original?.attributes?.signed ?? new Uint8Array();
  const trust = trustIn(root, { intermediates: [middle.certificate] });
  await refuses(t, withoutAttributes(signer, original?.signature ?? new Uint8Array()), trust, 'signature-invalid', /could be the attributes of another signature/, attributes);
  // Content that only begins like attributes is fine: many checksums begin with a 1.
  const content = Buffer.from('1a2b  app.tar\n');
  t.is((await verifyCms(content, withoutAttributes(signer, signBytes('sha256', content, signer.key)), trust, 'x.p7s'))[0]?.claimedAt, undefined);
});
