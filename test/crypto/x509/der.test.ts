import fc from 'fast-check';
import test, { type ExecutionContext } from 'ava';
import { isImgkitError, type ErrorCode } from '../../../src/errors.js';
import { readCertificate } from '../../../src/crypto/x509/certificate.js';
import { checkDer } from '../../../src/crypto/x509/der-check.js';
import { readDer, TAG, type DerNode } from '../../../src/crypto/x509/der-node.js';
import { der, derInteger, derOid, derSequence, derSetOf, derTime } from '../../../src/crypto/x509/der-write.js';
import { derTimeOf } from '../../../src/crypto/x509/der-time.js';
import { readPem } from '../../../src/crypto/x509/pem.js';
import { DER_LIMITS } from '../../../src/limits.js';
import { makeSigner, makeCa } from '../pki.js';

const context = { where: 'x', code: 'signature-malformed' } as const;
const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const node = (value: Uint8Array): DerNode => readDer(value, context, 100_000);

function refuses(t: ExecutionContext, what: () => unknown, code: ErrorCode = 'signature-malformed'): void {
  const error = t.throws(what);
  t.true(isImgkitError(error, code), String(error));
}

for (const [name, hex] of [
  ['nothing', ''], ['half a header', '30'], ['an indefinite length', '30 80 00 00'], ['a long length that could be short', '30 81 02 05 00'],
  ['a length with a leading zero', '04 82 00 80'], ['a length of five bytes', '04 85 00 00 00 00 01'], ['content that is cut', '30 05 02 01'], ['a part larger than its whole', '30 03 02 05 01'],
  ['bytes after the end', '05 00 00'], ['a tag of several bytes', '1f 81 00 00'], ['type 0', '00 00'], ['a primitive sequence', '10 00'], ['a constructed string', '24 03 04 01 00'],
  ['a truth of 01', '01 01 01'], ['an empty number', '02 00'], ['a number with a leading zero', '02 02 00 01'], ['a number with leading ones', '02 02 ff 80'],
  ['bits without a count', '03 00'], ['eight unused bits', '03 02 08 00'], ['unused bits that are set', '03 02 01 01'], ['NULL with content', '05 01 00'], ['an empty identifier', '06 00'], ['an unfinished identifier', '06 01 80'],
] as const) {
  test(`${name} is no DER`, (t) => { refuses(t, () => checkDer(bytes(hex), context, 1000)); });
}

test('depth and size are bounded before anything is parsed', (t) => {
  let deep: Uint8Array = derSequence();
  for (let i = 0; i < 31; i++) deep = derSequence(deep);
  t.notThrows(() => checkDer(deep, context, 1000));
  for (let i = 0; i < 20_000; i++) deep = i < 100 ? derSequence(deep) : deep;
  refuses(t, () => checkDer(deep, context, 100_000), 'limit-exceeded');
  refuses(t, () => checkDer(new Uint8Array(1001), context, 1000), 'limit-exceeded');
  refuses(t, () => readCertificate(der(TAG.sequence, new Uint8Array(DER_LIMITS.certificateBytes)), 'x'), 'limit-exceeded');
});

test('a million empty elements are walked, not kept', (t) => {
  t.notThrows(() => checkDer(der(TAG.sequence, Buffer.alloc(2_000_000, Buffer.of(5, 0))), context, 4_000_000));
});

test('what is written is read back', (t) => {
  t.notThrows(() => fc.assert(fc.property(fc.nat(), (value) => node(derInteger(value)).number() === value)));
  t.notThrows(() => fc.assert(fc.property(fc.tuple(fc.constantFrom(0, 1), fc.nat(39)), fc.array(fc.nat()), ([a, b], rest) => {
    const oid = [a, b, ...rest].join('.');
    return node(derOid(oid)).oid() === oid;
  })));
  t.notThrows(() => fc.assert(fc.property(fc.date({ min: new Date('1950-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }), (date) => {
    const whole = new Date(Math.floor(date.getTime() / 1000) * 1000);
    return derTimeOf(node(derTime(whole))).getTime() === whole.getTime();
  })));
  t.notThrows(() => fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (parts) => {
    const read = [...node(derSetOf(parts.map((part) => der(TAG.octetString, part)))).children()].map(({ raw }) => Buffer.from(raw));
    return read.length === parts.length && read.every((each, i) => i === 0 || Buffer.compare(read[i - 1] as Buffer, each) <= 0);
  })));
});

test('times that do not exist are refused', (t) => {
  for (const text of ['260230000000Z', '261301000000Z', '260101240000Z', '2601010000Z', '260101000000+0100', '260101000000']) refuses(t, () => derTimeOf(node(der(TAG.utcTime, Buffer.from(text)))));
});

test('no flipped bit in a certificate gives one that reads the same', (t) => {
  const { certificate } = makeSigner({ by: makeCa() });
  const original = readCertificate(certificate.bytes, 'x');
  for (let at = 0; at < certificate.bytes.length; at++) {
    const changed = Uint8Array.from(certificate.bytes);
    changed[at] = (changed[at] as number) ^ (1 << (at % 8));
    try {
      t.not(readCertificate(changed, 'x').fingerprint, original.fingerprint);
    } catch (error) {
      t.true(isImgkitError(error, 'key-malformed'), `byte ${at}: ${String(error)}`);
    }
  }
});

test('PEM is read strictly', (t) => {
  const good = '-----BEGIN A-----\nAAEC\n-----END A-----\n';
  t.deepEqual(readPem(Buffer.from(`text\n${good}more\n${good}`), context).map(({ bytes: each }) => [...each]), [[0, 1, 2], [0, 1, 2]]);
  t.deepEqual(readPem(Buffer.from('no PEM'), context), []);
  for (const bad of ['-----BEGIN A-----\nAAEC\n', '-----BEGIN A-----\nAA*C\n-----END A-----\n', '-----BEGIN A-----\nAAEC\n-----END B-----\n', '-----BEGIN A-----\nAAE\n-----END A-----\n', '-----BEGIN A-----\nAAF=\n-----END A-----\n']) {
    refuses(t, () => readPem(Buffer.from(bad), context));
  }
});

test('a large PEM file is read, whatever its number of lines', (t) => {
  const body = Buffer.alloc(8 * 1024 * 1024, 7);
  const text = `-----BEGIN X509 CRL-----\r\n${body.toString('base64').replaceAll(/.{64}/g, '$&\r\n')}\r\n-----END X509 CRL-----\r\n`;
  const [block] = readPem(Buffer.from(text), context);
  t.true(body.equals(block?.bytes ?? new Uint8Array()));
});
