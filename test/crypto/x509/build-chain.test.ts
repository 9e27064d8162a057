import test, { type ExecutionContext } from 'ava';
import { buildChain } from '../../../src/crypto/x509/build-chain.js';
import { readCertificate, type Certificate } from '../../../src/crypto/x509/certificate.js';
import { readCertificateLists } from '../../../src/crypto/x509/certificate-list.js';
import { der, derOid, derSequence } from '../../../src/crypto/x509/der-write.js';
import { OID } from '../../../src/crypto/x509/oids.js';
import { basicConstraints, extendedKeyUsage, extension, keyUsage } from '../../../src/crypto/x509/write-extensions.js';
import type { TrustFile } from '../../../src/crypto/trust/trust.js';
import { isImgkitError } from '../../../src/errors.js';
import { days, makeCa, makeCrl, makeSigner, NOW, p256, rsa, type Party } from '../pki.js';

const root = makeCa();
const middle = makeCa({ by: root, name: 'Middle' });
const signer = makeSigner({ by: middle });

const read = ({ certificate: { bytes, name } }: Party): Certificate => readCertificate(bytes, name);

interface Given {
  readonly roots?: readonly Party[];
  readonly between?: readonly Party[];
  readonly crls?: readonly TrustFile[];
  readonly at?: Date;
  readonly required?: boolean;
}

function chain(party: Party, { roots = [root], between = [middle], crls = [], at = NOW, required = false }: Given = {}): ReturnType<typeof buildChain> {
  return buildChain(read(party), { roots: roots.map(read), intermediates: between.map(read), lists: crls.flatMap(readCertificateLists) }, { at, revocation: required ? 'required' : 'if-present' });
}

function refuses(t: ExecutionContext, party: Party, given: Given, says: RegExp): void {
  const error = t.throws(() => chain(party, given));
  t.true(isImgkitError(error, 'signature-untrusted'), String(error));
  t.regex(error.message, says);
}

test('a chain goes from the signer to the root', (t) => {
  t.deepEqual(chain(signer).certificates.map(({ subject }) => subject.text), ['O=Acme, CN=Signer', 'O=Acme, CN=Middle', 'O=Acme, CN=Root']);
});

test('every certificate of a chain must be valid at that time', (t) => {
  refuses(t, signer, { at: days(301) }, /expired on 2027-/);
  refuses(t, signer, { at: days(-11) }, /is not valid before/);
  const late = makeCa({ by: root, name: 'Late', from: days(1) });
  refuses(t, makeSigner({ by: late }), { between: [late] }, /"O=Acme, CN=Late".* is not valid before/);
  const gone = makeCa({ until: days(-1) });
  refuses(t, makeSigner({ by: gone }), { roots: [gone] }, /"O=Acme, CN=Root".* expired/);
  t.notThrows(() => chain(makeSigner({ by: gone }), { roots: [gone], at: days(-2) }));
});

test('who issues must be a CA, for that', (t) => {
  const cases: readonly (readonly [string, readonly Uint8Array[], RegExp])[] = [
    ['no constraints', [keyUsage(5, 6)], /is no CA certificate/],
    ['not a CA', [basicConstraints(false), keyUsage(5, 6)], /is no CA certificate/],
    ['wrong key usage', [basicConstraints(true), keyUsage(0, 6)], /may not issue certificates/],
    ['wrong purpose', [basicConstraints(true), keyUsage(5), extendedKeyUsage('1.3.6.1.5.5.7.3.1')], /is for another purpose/],
  ];
  for (const [name, extensions, says] of cases) {
    const issuer = makeCa({ by: root, name, extensions });
    refuses(t, makeSigner({ by: issuer }), { between: [issuer] }, says);
    const itself = makeCa({ name, extensions });
    refuses(t, makeSigner({ by: itself }), { roots: [itself] }, says);
  }
});

test('path lengths hold', (t) => {
  const short = makeCa({ pathLength: 0 });
  const below = makeCa({ by: short, name: 'Below' });
  refuses(t, makeSigner({ by: below }), { roots: [short], between: [below] }, /allows 0 CAs below it, and 1 are there/);
  t.notThrows(() => chain(makeSigner({ by: short }), { roots: [short] }));
});

test('a CA that issues for itself, as when it changes its key, is none below it', (t) => {
  const short = makeCa({ pathLength: 0 });
  const renewed = makeCa({ by: short, name: short.name, pathLength: 0 });
  t.is(chain(makeSigner({ by: renewed }), { roots: [short], between: [renewed] }).certificates.length, 3);
});

test('chains are bounded', (t) => {
  const cas = [root];
  for (let i = 0; i < 9; i++) cas.push(makeCa({ by: cas.at(-1), name: `CA ${i}` }));
  refuses(t, makeSigner({ by: cas.at(-1) }), { between: cas }, /chain longer than 8/);
  t.notThrows(() => chain(makeSigner({ by: cas[6] }), { between: cas }));
});

test('what only says that a CA issued it did not come from that CA', (t) => {
  const forger = p256().privateKey;
  // Names and key identifiers are those of the CA; the signature cannot be.
  refuses(t, makeSigner({ by: { ...middle, key: forger } }), {}, /names the certificate "O=Acme, CN=Middle".* as its issuer, but is not signed by it/);
  const forged = makeCa({ by: { ...root, key: forger }, name: 'Forged' });
  refuses(t, makeSigner({ by: forged }), { between: [forged] }, /names the certificate "O=Acme, CN=Root".* as its issuer, but is not signed by it/);
});

test('a certificate that is signed with an algorithm of old is refused, and so is a weak key on the way', (t) => {
  const { key, ...made } = makeSigner({ by: middle });
  const [sha256, sha224] = [derOid('1.2.840.10045.4.3.2'), derOid('1.2.840.10045.4.3.1')];
  const bytes = Buffer.from(made.certificate.bytes);
  for (let at = bytes.indexOf(sha256); at !== -1; at = bytes.indexOf(sha256)) Buffer.from(sha224).copy(bytes, at);
  refuses(t, { ...made, key, certificate: { ...made.certificate, bytes } }, {}, /is signed with the algorithm 1\.2\.840\.10045\.4\.3\.1/);
  const weak = makeCa({ by: root, name: 'Weak', keys: rsa(1024) });
  refuses(t, makeSigner({ by: weak }), { between: [weak] }, /"O=Acme, CN=Weak".* has a key that is too weak/);
});

test('certificates that all may have issued each other cost a bounded search', (t) => {
  const keys = p256();
  const circle = Array.from({ length: 40 }, () => makeCa({ name: 'Same', keys }));
  refuses(t, makeSigner({ by: circle[0] }), { between: circle }, /does not lead to a trusted root|chain longer than 8/);
});

test('many certificates of one name cost a bounded search', (t) => {
  const keys = p256();
  const many = Array.from({ length: 200 }, () => makeCa({ name: 'Same', keys, by: { ...root, subject: makeCa({ name: 'Same' }).subject } }));
  refuses(t, makeSigner({ by: many[0] }), { roots: [root], between: many }, /is not signed by it|does not lead/);
});

test('a signer must be one for signing', (t) => {
  refuses(t, makeSigner({ by: middle, extensions: [keyUsage(5)] }), {}, /lacks digitalSignature/);
  refuses(t, makeSigner({ by: middle, extensions: [keyUsage(0), extendedKeyUsage('1.3.6.1.5.5.7.3.1')] }), {}, /neither codeSigning nor emailProtection/);
  t.notThrows(() => chain(makeSigner({ by: middle, extensions: [] })));
  t.notThrows(() => chain(makeSigner({ by: middle, extensions: [extendedKeyUsage(OID.anyExtendedKeyUsage)] })));
});

test('critical extensions that are not understood, and name constraints, are refused', (t) => {
  const strange = extension('1.2.3.4', derSequence(), { critical: true });
  refuses(t, makeSigner({ by: middle, extensions: [strange] }), {}, /must be understood and are not \(1\.2\.3\.4\)/);
  t.notThrows(() => chain(makeSigner({ by: middle, extensions: [extension('1.2.3.4', derSequence())] })));
  const constrained = makeCa({ by: root, name: 'Constrained', extensions: [basicConstraints(true), keyUsage(5, 6), extension(OID.nameConstraints, derSequence(der(0xa0)))] });
  refuses(t, makeSigner({ by: constrained }), { between: [constrained] }, /nameConstraints/);
});

test('a CA of the same name with another key did not sign it', (t) => {
  refuses(t, signer, { between: [makeCa({ by: root, name: 'Middle' })] }, /not signed by it|does not lead/);
});

test('a revoked certificate is refused, at every place of the chain', (t) => {
  refuses(t, signer, { crls: [makeCrl(middle, { revoked: [{ serial: signer.serial }] })] }, /"O=Acme, CN=Signer".* is revoked/);
  refuses(t, signer, { crls: [makeCrl(root, { revoked: [{ serial: middle.serial }] })] }, /"O=Acme, CN=Middle".* is revoked/);
  t.notThrows(() => chain(signer, { crls: [makeCrl(root), makeCrl(middle, { revoked: [{ serial: '77' }] })], required: true }));
});

test('revocation counts from its time on; that of a stolen key always', (t) => {
  const at = days(-5);
  const crls = (reason?: number): TrustFile[] => [makeCrl(root, { from: days(-6) }), makeCrl(middle, { from: days(-6) }), makeCrl(middle, { revoked: [{ serial: signer.serial, since: days(-2), ...(reason === undefined ? {} : { reason }) }] })];
  t.notThrows(() => chain(signer, { crls: crls(), at, required: true }));
  // The key of the signer was stolen, or that of its CA.
  for (const reason of [1, 2]) refuses(t, signer, { crls: crls(reason), at }, /is revoked/);
  refuses(t, signer, { crls: crls() }, /is revoked/);
});

test('a CRL that its CA signed counts, whatever key it names', (t) => {
  const other = makeCa({ by: root, name: 'Middle' });
  const misnamed = (key = middle.key): TrustFile => makeCrl({ ...middle, publicKey: other.publicKey, key }, { revoked: [{ serial: signer.serial }] });
  refuses(t, signer, { crls: [misnamed()] }, /is revoked by its CA/);
  t.regex(chain(signer, { crls: [misnamed(other.key)] }).notes.join(), /no CRL of "O=Acme, CN=Middle" was there/);
});

test('a stale CRL fails closed, whatever is required', (t) => {
  for (const required of [true, false]) {
    refuses(t, signer, { crls: [makeCrl(root), makeCrl(middle, { until: days(-1), from: days(-3) })], required }, /is stale since/);
    refuses(t, signer, { crls: [makeCrl(root), makeCrl(middle, { until: null })], required }, /gives no time until which it counts/);
  }
  t.notThrows(() => chain(signer, { crls: [makeCrl(root), makeCrl(middle, { until: days(-1), from: days(-3) }), makeCrl(middle)], required: true }));
});

test('a missing CRL fails when it is required, and is noted when it is not', (t) => {
  refuses(t, signer, { crls: [makeCrl(root)], required: true }, /there is no CRL of "O=Acme, CN=Middle"/);
  refuses(t, signer, { crls: [makeCrl(root), makeCrl(middle, { from: days(1) })], required: true }, /there is no CRL of/);
  t.deepEqual(chain(signer, { crls: [makeCrl(root)] }).notes, ['no CRL of "O=Acme, CN=Middle" was there to ask about "O=Acme, CN=Signer"']);
});

test('a CRL that its CA did not sign, or that is not understood, fails closed', (t) => {
  refuses(t, signer, { crls: [makeCrl(middle, { key: root.key })] }, /is not signed by/);
  refuses(t, signer, { crls: [makeCrl(middle, { extensions: [extension('2.5.29.28', derSequence(), { critical: true })] })] }, /critical extensions that are not understood/);
  // A list of one part of the certificates, or of what changed, is not the whole, whatever its maker forgot to mark.
  for (const oid of ['2.5.29.28', '2.5.29.27']) refuses(t, signer, { crls: [makeCrl(root), makeCrl(middle, { extensions: [extension(oid, derSequence())] })] }, /extensions that are not understood/);
  const noLists = makeCa({ by: root, name: 'NoLists', extensions: [basicConstraints(true), keyUsage(5)] });
  refuses(t, makeSigner({ by: noLists }), { between: [noLists], crls: [makeCrl(noLists)] }, /may not sign CRLs, its key usage lacks cRLSign/);
});
