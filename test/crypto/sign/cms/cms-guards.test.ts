import { constants, createHash, sign as signBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { verifyCms } from '../../../../src/crypto/sign/cms/verify-cms.js';
import { readCertificate } from '../../../../src/crypto/x509/certificate.js';
import { TAG } from '../../../../src/crypto/x509/der-node.js';
import { der, derInteger, derOid, derSequence, derTime } from '../../../../src/crypto/x509/der-write.js';
import { OID } from '../../../../src/crypto/x509/oids.js';
import { isImgkitError, type ErrorCode } from '../../../../src/errors.js';
import { makeCa, makeSigner, NOW, rsa, trustIn, type Party } from '../../pki.js';

/** Signatures that are right in themselves, and have one oddity each that other readers may take otherwise. */
const root = makeCa();
const [signer, pssSigner] = [makeSigner({ by: root }), makeSigner({ by: root, keys: rsa(2048) })];
const document = Buffer.from('0a1b  app.tar\n');
const sha256 = derSequence(derOid(OID.sha256));
const attribute = (oid: string, ...values: readonly Uint8Array[]): Uint8Array => derSequence(derOid(oid), der(TAG.set, ...values));
const contentType = attribute(OID.contentType, derOid(OID.data));
const digest = attribute(OID.messageDigest, der(TAG.octetString, createHash('sha256').update(document).digest()));
const time = (date = NOW): Uint8Array => derTime(date);
const inOrder = (...attributes: readonly Uint8Array[]): readonly Uint8Array[] => attributes.toSorted(Buffer.compare);

interface Made {
  readonly by?: Party;
  readonly version?: number;
  /** In the order that they get. */
  readonly attributes?: readonly Uint8Array[] | undefined;
  readonly content?: readonly Uint8Array[];
  readonly pss?: number;
}

function made({ by = signer, version = 1, attributes, content = [], pss }: Made): Uint8Array {
  const { issuer, serial, raw } = readCertificate(by.certificate.bytes, 'x');
  const signed = attributes === undefined ? document : der(TAG.set, ...attributes);
  const algorithm = pss === undefined ? derSequence(derOid(OID.ecdsaWithSha256))
    : derSequence(derOid(OID.rsaPss), derSequence(der(0xa0, sha256), der(0xa1, derSequence(derOid(OID.mgf1), sha256)), der(0xa2, derInteger(pss))));
  const signature = signBytes('sha256', signed, pss === undefined ? by.key : { key: by.key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: pss });
  const info = derSequence(derInteger(version), derSequence(issuer.raw, der(TAG.integer, Buffer.from(serial, 'hex'))), sha256, ...(attributes === undefined ? [] : [der(0xa0, ...attributes)]), algorithm, der(TAG.octetString, signature));
  return derSequence(derOid(OID.signedData), der(0xa0, derSequence(derInteger(version), der(TAG.set, sha256), derSequence(derOid(OID.data), ...content), der(0xa0, raw), der(TAG.set, info))));
}

async function refuses(t: ExecutionContext, odd: Made, code: ErrorCode, says: RegExp): Promise<void> {
  const error = await t.throwsAsync(verifyCms(document, made(odd), trustIn(root), 'x.p7s'));
  t.true(isImgkitError(error, code), String(error));
  t.regex(error?.message ?? '', says);
}

test('what has no oddity is accepted', async (t) => {
  for (const plain of [{}, { attributes: inOrder(contentType, digest, attribute(OID.signingTime, time())) }, { by: pssSigner, pss: 32 }]) t.is((await verifyCms(document, made(plain), trustIn(root), 'x.p7s'))[0]?.format, 'cms');
});

test('attributes in another order, twice, or with two values', async (t) => {
  await refuses(t, { attributes: inOrder(contentType, digest).toReversed() }, 'signature-malformed', /not in the order of DER/);
  await refuses(t, { attributes: inOrder(contentType, digest, attribute(OID.signingTime, time()), attribute(OID.signingTime, time(new Date(0)))) }, 'signature-malformed', /1\.2\.840\.113549\.1\.9\.5 twice/);
  await refuses(t, { attributes: inOrder(contentType, digest, attribute(OID.signingTime, time(), time(new Date(0)))) }, 'signature-malformed', /with 2 values/);
  await refuses(t, { attributes: [contentType] }, 'signature-malformed', /without content type or message digest/);
  await refuses(t, { attributes: inOrder(attribute(OID.contentType, derOid(OID.signedData)), digest) }, 'signature-invalid', /content of another type/);
});

test('content inside, versions that do not fit, salts that nobody uses', async (t) => {
  await refuses(t, { content: [der(0xa0, der(TAG.octetString, Buffer.from('other')))] }, 'signature-malformed', /carries its content/);
  await refuses(t, { version: 3 }, 'signature-malformed', /signer of version 3, which does not fit/);
  for (const pss of [0, 19]) await refuses(t, { by: pssSigner, pss }, 'signature-untrusted', /a salt of \d+ bytes/);
});
