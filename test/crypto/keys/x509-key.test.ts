import { createPrivateKey, X509Certificate } from 'node:crypto';
import test from 'ava';
import { makeX509Key } from '../../../src/crypto/keys/x509-key.js';
import { readPkcs8 } from '../../../src/crypto/keys/pkcs8-read.js';
import type { MadeKey } from '../../../src/crypto/keys/key-maker.js';
import { isImgkitError } from '../../../src/errors.js';

const options = { comment: '', passphrase: undefined };
const key = ({ files }: MadeKey): { name: string; bytes: Uint8Array } => files[0] as (typeof files)[number];
const certificate = ({ files }: MadeKey): { name: string; bytes: Uint8Array } => files[1] as (typeof files)[number];
const parsed = (made: MadeKey): X509Certificate => new X509Certificate(certificate(made).bytes);

test('a CA and a signer that it issues, as Node sees them', async (t) => {
  const ca = await makeX509Key({ ...options, name: 'ca', subject: 'C=DE, O=Acme, CN=Acme CA', ca: 'new' });
  const signer = await makeX509Key({ ...options, name: 'release', comment: 'Release', emails: ['release@acme.example'], days: 9999, ca: { certificate: certificate(ca), key: key(ca) } });
  const [root, leaf] = [parsed(ca), parsed(signer)];
  t.true(root.ca);
  t.is(root.subject, 'C=DE\nO=Acme\nCN=Acme CA');
  t.true(root.verify(root.publicKey));
  t.false(leaf.ca);
  t.is(leaf.subject, 'CN=Release');
  t.is(leaf.subjectAltName, 'email:release@acme.example');
  t.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.3', '1.3.6.1.5.5.7.3.4']);
  t.true(leaf.checkIssued(root));
  t.true(leaf.verify(root.publicKey));
  t.true(leaf.checkPrivateKey(createPrivateKey(Buffer.from(key(signer).bytes))));
  t.is(leaf.validTo, root.validTo, 'no signer outlives its CA');
  t.deepEqual(ca.files.map(({ name, secret }) => [name, secret]), [['ca.key', true], ['ca.crt', false]]);
});

test('a passphrase protects the key, with enough iterations', async (t) => {
  const made = await makeX509Key({ ...options, name: 'x', passphrase: 'pass phrase ä' });
  const file = key(made);
  t.regex(Buffer.from(file.bytes).toString(), /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  t.true(Buffer.from(Buffer.from(file.bytes).toString().split('\n').slice(1, -2).join(''), 'base64').toString('hex').includes('02030927c0'), 'INTEGER 600000');
  t.is(readPkcs8(file, 'pass phrase ä').asymmetricKeyType, 'ec');
  t.true(isImgkitError(t.throws(() => readPkcs8(file, 'wrong')), 'key-refused'));
  t.true(isImgkitError(t.throws(() => readPkcs8(file)), 'key-refused'));
  t.true(isImgkitError(t.throws(() => readPkcs8(certificate(made))), 'key-malformed'));
});

test('the passphrase of a CA is asked for by the option that it is given with', async (t) => {
  const ca = await makeX509Key({ ...options, name: 'ca', ca: 'new', passphrase: 'of the CA' });
  for (const passphrase of [undefined, 'wrong']) {
    const error = await t.throwsAsync(makeX509Key({ ...options, name: 's', passphrase: 'of the new key', ca: { certificate: certificate(ca), key: key(ca), passphrase } }));
    t.regex(error?.message ?? '', /with --ca-passphrase-file\.$/);
  }
});

test('keys are read in every form that openssl writes', async (t) => {
  const opened = readPkcs8(key(await makeX509Key({ ...options, name: 'x' })));
  for (const type of ['pkcs8', 'sec1'] as const) {
    for (const format of ['pem', 'der'] as const) t.true(readPkcs8({ name: 'x', bytes: Buffer.from(opened.export({ type, format } as never) as never) }).equals(opened), `${type} ${format}`);
  }
  t.true(isImgkitError(t.throws(() => readPkcs8({ name: 'x', bytes: Buffer.from('30800000', 'hex') })), 'key-malformed'));
});

test('what makes no sense is refused', async (t) => {
  const ca = await makeX509Key({ ...options, name: 'ca', ca: 'new' });
  const signer = await makeX509Key({ ...options, name: 's', ca: { certificate: certificate(ca), key: key(ca) } });
  for (const wrong of [{ days: 0 }, { days: 1.5 }, { subject: 'Release' }, { subject: 'CN=' }, { subject: 'XX=1' }, { emails: ['no address'] }, { ca: { certificate: certificate(ca), key: key(signer) } }]) {
    t.true(isImgkitError(await t.throwsAsync(makeX509Key({ ...options, name: 'x', ...wrong })), 'key-refused'), JSON.stringify(wrong));
  }
  t.true(isImgkitError(await t.throwsAsync(makeX509Key({ ...options, name: 'x', ca: { certificate: certificate(signer), key: key(signer) } })), 'signature-untrusted'));
});
