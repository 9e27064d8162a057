import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { verifyCms } from '../../../../src/crypto/sign/cms/verify-cms.js';
import { readCertificate } from '../../../../src/crypto/x509/certificate.js';
import { TAG } from '../../../../src/crypto/x509/der-node.js';
import { der, derInteger, derOid, derSequence, derSetOf, DER_NULL } from '../../../../src/crypto/x509/der-write.js';
import { OID } from '../../../../src/crypto/x509/oids.js';
import type { ErrorCode } from '../../../../src/errors.js';
import { rejectsWith } from '../../../content/bytes.js';
import { makeCa, makeSigner, rsa, trustIn, type Party } from '../../pki.js';

/** Signatures that are right but for one thing, made by hand: each meets one check alone. */
const root = makeCa();
const signer = makeSigner({ by: root });
const document = Buffer.from('0a1b  app.tar\n');
const hash = (name: string, bytes: Uint8Array): Uint8Array => der(TAG.octetString, createHash(name).update(bytes).digest());
const algorithm = (oid: string): Uint8Array => derSequence(derOid(oid));
const [SHA1, SHA256] = [algorithm(OID.sha1), algorithm(OID.sha256)];

interface Making {
  readonly party?: Party;
  /** Who signs as well. */
  readonly others?: readonly Party[];
  readonly hash?: string;
  readonly hashAlgorithm?: Uint8Array;
  readonly signatureAlgorithm?: Uint8Array;
  readonly contentType?: string;
  /** SigningCertificateV2. */
  readonly certificate?: Uint8Array;
}

function signed({ party = signer, others = [], hash: name = 'sha256', hashAlgorithm = SHA256, signatureAlgorithm = algorithm(OID.ecdsaWithSha256), contentType = OID.data, certificate }: Making = {}): Uint8Array {
  const attribute = (oid: string, value: Uint8Array): Uint8Array => derSequence(derOid(oid), der(TAG.set, value));
  const attributes = [attribute(OID.contentType, derOid(contentType)), attribute(OID.messageDigest, hash(name, document)), ...(certificate === undefined ? [] : [attribute(OID.signingCertificateV2, certificate)])];
  const parties = [party, ...others];
  const infos = parties.map(({ key, certificate: { bytes } }) => {
    const { issuer, serial } = readCertificate(bytes, 'x');
    const signature = sign(key.asymmetricKeyType === 'ed25519' ? null : name, derSetOf(attributes), key);
    return derSequence(derInteger(1), derSequence(issuer.raw, der(TAG.integer, Buffer.from(serial, 'hex'))), hashAlgorithm, derSetOf(attributes, 0xa0), signatureAlgorithm, der(TAG.octetString, signature));
  });
  const certificates = derSetOf(parties.map(({ certificate: { bytes } }) => readCertificate(bytes, 'x').raw), 0xa0);
  return derSequence(derOid(OID.signedData), der(0xa0, derSequence(derInteger(1), der(TAG.set, hashAlgorithm), derSequence(derOid(OID.data)), certificates, derSetOf(infos))));
}

const certificateId = (party: Party, how: { readonly name?: string; readonly algorithm?: Uint8Array } = {}): Uint8Array => derSequence(derSequence(derSequence(...(how.algorithm === undefined ? [] : [how.algorithm]), hash(how.name ?? 'sha256', readCertificate(party.certificate.bytes, 'x').raw))));

async function refuses(t: ExecutionContext, code: ErrorCode, making: Making, says: RegExp): Promise<void> {
  t.regex((await rejectsWith(t, code, verifyCms(document, signed(making), trustIn(root), 'x.p7s'))).message, says);
}

test('what these are made from verifies', async (t) => {
  for (const making of [{}, { certificate: certificateId(signer) }, { party: makeSigner({ by: root, keys: rsa(2048) }), signatureAlgorithm: derSequence(derOid(OID.rsaEncryption), DER_NULL) }]) t.is((await verifyCms(document, signed(making), trustIn(root), 'x.p7s'))[0]?.format, 'cms');
});

test('SHA-1, in every place where it may stand', async (t) => {
  const party = makeSigner({ by: root, keys: rsa(2048) });
  const rsaEncryption = derSequence(derOid(OID.rsaEncryption), DER_NULL);
  await refuses(t, 'signature-untrusted', { party, hash: 'sha1', hashAlgorithm: SHA1, signatureAlgorithm: rsaEncryption }, /is made with SHA-1, which is broken/);
  await refuses(t, 'signature-untrusted', { party, signatureAlgorithm: derSequence(derOid('1.2.840.113549.1.1.5'), DER_NULL) }, /is made with SHA-1, which is broken/);
  await refuses(t, 'signature-untrusted', { certificate: certificateId(signer, { name: 'sha1', algorithm: SHA1 }) }, /is made with SHA-1, which is broken/);
});

test('Ed25519, which other CMS tools do not read', async (t) => {
  await refuses(t, 'signature-untrusted', { party: makeSigner({ by: root, keys: generateKeyPairSync('ed25519') }), signatureAlgorithm: algorithm(OID.ed25519) }, /is made with Ed25519/);
});

test('a signature for content of another type, or by another certificate of the same key', async (t) => {
  await refuses(t, 'signature-invalid', { contentType: '1.2.840.113549.1.9.16.1.4' }, /was made for content of another type/);
  await refuses(t, 'signature-invalid', { certificate: certificateId(makeSigner({ by: root })) }, /with another certificate than the one that comes with it/);
});

test('of several signers each that is good counts, as a policy may ask for any or for several', async (t) => {
  const [second, stranger] = [makeSigner({ by: root, name: 'Second' }), makeSigner({ by: makeCa({ name: 'Other' }), name: 'Stranger' })];
  const bytes = signed({ others: [stranger, second] });
  const found = await verifyCms(document, bytes, trustIn(root), 'x.p7s');
  t.deepEqual(found.map(({ keyId }) => /CN=\w+/.exec(keyId)?.[0]).toSorted(), ['CN=Second', 'CN=Signer']);
  t.is(new Set(found.map(({ thumbprint }) => thumbprint)).size, 2);
  t.true(found.some(({ notes }) => notes.some((note) => /another of its signers does not count: .*Stranger/.test(note))));
});
