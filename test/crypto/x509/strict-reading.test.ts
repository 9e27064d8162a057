import { createPublicKey } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { readCertificate } from '../../../src/crypto/x509/certificate.js';
import { readCertificateLists } from '../../../src/crypto/x509/certificate-list.js';
import { readDer } from '../../../src/crypto/x509/der-node.js';
import { derOid, derSequence } from '../../../src/crypto/x509/der-write.js';
import { weaknessOf } from '../../../src/crypto/x509/key-strength.js';
import { keyUsage, subjectAltName } from '../../../src/crypto/x509/write-extensions.js';
import { isImgkitError } from '../../../src/errors.js';
import { makeCa, makeCrl, makeSigner, rsa } from '../pki.js';

/** What two readers could read differently, in certificates and lists, is malformed: whoever signed it. */
const ca = makeCa();
const { bytes: certificate } = makeSigner({ by: ca }).certificate;
const { bytes: list } = makeCrl(ca);
const asCertificate = (bytes: Uint8Array): unknown => readCertificate(bytes, 'x');
const asList = (bytes: Uint8Array): unknown => readCertificateLists({ name: 'x', bytes });

/** The same, with another algorithm outside of the signed part. */
function withOuterAlgorithm(bytes: Uint8Array): Uint8Array {
  const fields = readDer(bytes, { where: 'x', code: 'key-malformed' }, 65_536).fields();
  const signed = fields.next().raw;
  fields.next();
  return derSequence(signed, derSequence(derOid('1.2.840.10045.4.3.3')), fields.next().raw);
}

function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const hex = Buffer.from(bytes).toString('hex');
  return Buffer.from(hex.replace(from, to), 'hex');
}

function malformed(t: ExecutionContext, read: () => unknown, says: RegExp): void {
  const error = t.throws(read);
  t.true(isImgkitError(error, 'key-malformed'), String(error));
  t.regex(error.message, says);
}

test('one algorithm, inside of what is signed and outside', (t) => {
  for (const [read, bytes] of [[asCertificate, certificate], [asList, list]] as const) {
    t.notThrows(() => read(bytes));
    malformed(t, () => read(withOuterAlgorithm(bytes)), /names two different signature algorithms/);
  }
});

test('no version that does not exist', (t) => {
  malformed(t, () => asCertificate(replaced(certificate, 'a003020102', 'a003020103')), /of version 4, which does not exist/);
  // Behind the header of the list and that of its signed part.
  malformed(t, () => asList(replaced(list, '020101', '020102')), /of version 3, which does not exist/);
});

test('no name with what nobody sees in it', (t) => {
  for (const email of ['a@x.example\0.evil.example', 'a b@x.example', 'a@x.example\n', 'a@ö.example']) malformed(t, () => makeSigner({ by: ca, extensions: [subjectAltName([email], [])] }), /characters that do not belong/);
});

test('no exponent with which RSA proves nothing', (t) => {
  const { n } = rsa(2048).publicKey.export({ format: 'jwk' });
  for (const [e, weak] of [['AQAB', false], ['AQ', true], ['Ag', true]] as const) t.is(weaknessOf(createPublicKey({ key: { kty: 'RSA', n: n as string, e }, format: 'jwk' })) !== undefined, weak, e);
});

test('no extension twice', (t) => {
  malformed(t, () => makeSigner({ by: ca, extensions: [keyUsage(0), keyUsage(0)] }), /has the extension 2\.5\.29\.15 twice/);
});
