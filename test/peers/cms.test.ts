import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { makeX509Key } from '../../src/crypto/keys/x509-key.js';
import { createCmsSigner } from '../../src/crypto/sign/cms/cms-signer.js';
import { verifyCms } from '../../src/crypto/sign/cms/verify-cms.js';
import type { VerifiedSignature } from '../../src/crypto/sign/signature.js';
import { emptyTrust, type Trust, type TrustFile } from '../../src/crypto/trust/trust.js';
import { isImgkitError, type ErrorCode } from '../../src/errors.js';
import { runOrThrow } from '../helpers/run.js';

let folder: string;

const openssl = (line: string): Promise<string> => runOrThrow('openssl', line.split(' '), { cwd: folder });
const file = async (name: string): Promise<TrustFile> => ({ name, bytes: await readFile(join(folder, name)) });

/** A PKI made by openssl: root, middle, signers of several kinds, each `NAME.key` and `NAME.crt`. */
const CONFIG = `
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[middle]
basicConstraints = critical, CA:true, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
[signer]
basicConstraints = CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = emailProtection, codeSigning
subjectAltName = email:release@acme.example
[server]
extendedKeyUsage = serverAuth
[notca]
basicConstraints = CA:false
[ca]
default_ca = crl
[crl]
database = index.txt
default_md = sha256
crl_extensions = crlext
[crlext]
authorityKeyIdentifier = keyid
`;

async function issue(name: string, extensions: string, issuer: string, algorithm: string, more = ''): Promise<void> {
  await openssl(`req -new -newkey ${algorithm} -nodes -keyout ${name}.key -subj /O=Acme/CN=${name} -out ${name}.csr -config pki.cnf`);
  await openssl(`x509 -req -in ${name}.csr -CA ${issuer}.crt -CAkey ${issuer}.key -CAcreateserial -days 30 -sha256 -extfile pki.cnf -extensions ${extensions} -out ${name}.crt${more}`);
}

const EC = 'ec -pkeyopt ec_paramgen_curve:P-256';

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imgkit-cms-'));
  await writeFile(join(folder, 'pki.cnf'), CONFIG);
  await writeFile(join(folder, 'doc'), '0a1b  app.tar\n');
  await openssl(`req -x509 -newkey ${EC} -nodes -keyout root.key -subj /O=Acme/CN=root -days 30 -config pki.cnf -extensions root -out root.crt`);
  await issue('middle', 'middle', 'root', EC);
  await issue('ec', 'signer', 'middle', EC);
  await issue('p384', 'signer', 'middle', 'ec -pkeyopt ec_paramgen_curve:P-384');
  await issue('rsa', 'signer', 'middle', 'rsa:3072');
  await issue('small', 'signer', 'middle', 'rsa:1024');
  await issue('server', 'server', 'middle', EC);
  await issue('deep', 'middle', 'middle', EC);
  await issue('underdeep', 'signer', 'deep', EC);
  await issue('leaf', 'notca', 'root', EC);
  await issue('underleaf', 'signer', 'leaf', EC);
  await writeFile(join(folder, 'index.txt'), '');
  await openssl('ca -gencrl -config pki.cnf -keyfile middle.key -cert middle.crt -crldays 7 -out middle.crl');
  await openssl('ca -gencrl -config pki.cnf -keyfile root.key -cert root.crt -crldays 7 -out root.crl');
});

test.after.always(() => rm(folder, { recursive: true, force: true }));

async function verify(signature: string, { content = 'doc', ...more }: Partial<Trust> & { readonly content?: string } = {}): Promise<VerifiedSignature> {
  const trust = { ...emptyTrust(), roots: [await file('root.crt')], ...more };
  const [first] = await verifyCms((await file(content)).bytes, (await file(signature)).bytes, trust, signature);
  return first as VerifiedSignature;
}

async function refuses(t: ExecutionContext, signature: string, code: ErrorCode, says: RegExp, more: Partial<Trust> = {}): Promise<void> {
  const error = await t.throwsAsync(verify(signature, more));
  t.true(isImgkitError(error, code), String(error));
  t.regex(error?.message ?? '', says);
}

const sign = (out: string, signer: string, more = '', chain = 'middle'): Promise<string> =>
  openssl(`cms -sign -binary -in doc -outform DER -signer ${signer}.crt -inkey ${signer}.key -certfile ${chain}.crt -out ${out}${more}`);

for (const signer of ['ec', 'p384', 'rsa']) {
  for (const [name, options] of [
    ['as it is', ''], ['without S/MIME capabilities', ' -nosmimecap'], ['without attributes', ' -noattr'], ['by key identifier', ' -keyid'],
    ['with CAdES attributes', ' -cades'], ['with SHA-384', ' -md sha384'], ['with SHA-512', ' -md sha512'],
  ] as const) {
    test(`openssl's signature verifies: ${signer}, ${name}`, async (t) => {
      const out = `${signer}-${name.replaceAll(' ', '-').replaceAll('/', '')}.p7s`;
      await sign(out, signer, options);
      const verified = await verify(out, { identity: 'release@acme.example' });
      t.regex(verified.keyId, new RegExp(`^O=Acme, CN=${signer} \\(sha256:`));
      t.is(verified.claimedAt === undefined, name === 'without attributes');
    });
  }
}

test('openssl\'s signature with RSA-PSS verifies', async (t) => {
  await sign('pss.p7s', 'rsa', ' -keyopt rsa_padding_mode:pss');
  t.is((await verify('pss.p7s')).format, 'cms');
});

test('openssl\'s signature in PEM verifies, one that carries its content or is BER does not', async (t) => {
  await openssl('cms -sign -binary -in doc -outform PEM -signer ec.crt -inkey ec.key -certfile middle.crt -out pem.p7s');
  t.is((await verify('pem.p7s')).format, 'cms');
  await sign('with-content.p7s', 'ec', ' -nodetach');
  await refuses(t, 'with-content.p7s', 'signature-malformed', /carries its content/);
  await sign('ber.p7s', 'ec', ' -stream');
  await refuses(t, 'ber.p7s', 'signature-malformed', /indefinite length/);
});

test('of several signers one must be trusted', async (t) => {
  await openssl(`req -x509 -newkey ${EC} -nodes -keyout alien.key -subj /CN=alien -days 30 -config pki.cnf -extensions notca -out alien.crt`);
  await sign('two.p7s', 'ec', ' -signer alien.crt -inkey alien.key');
  const verified = await verify('two.p7s');
  t.regex(verified.keyId, /CN=ec /);
  t.true(verified.notes.some((note) => /another of its signers does not count: .*alien/.test(note)), verified.notes.join());
  await sign('alien.p7s', 'alien');
  await refuses(t, 'alien.p7s', 'signature-untrusted', /"CN=alien".* does not lead to a trusted root/);
});

test('weak digests, weak keys and wrong certificates are refused', async (t) => {
  await sign('sha1.p7s', 'ec', ' -md sha1');
  await refuses(t, 'sha1.p7s', 'signature-untrusted', /SHA-1, which is broken/);
  await sign('md5.p7s', 'rsa', ' -md md5 -noattr');
  await refuses(t, 'md5.p7s', 'signature-untrusted', /MD5, which is broken/);
  await sign('small.p7s', 'small');
  await refuses(t, 'small.p7s', 'signature-untrusted', /RSA with 1024 bits/);
  await sign('server.p7s', 'server');
  await refuses(t, 'server.p7s', 'signature-untrusted', /neither codeSigning nor emailProtection/);
  await sign('underleaf.p7s', 'underleaf', '', 'leaf');
  await refuses(t, 'underleaf.p7s', 'signature-untrusted', /"O=Acme, CN=leaf".* is no CA certificate/);
  await writeFile(join(folder, 'both.crt'), `${await readFile(join(folder, 'middle.crt'), 'utf8')}${await readFile(join(folder, 'deep.crt'), 'utf8')}`);
  await sign('underdeep.p7s', 'underdeep', '', 'both');
  await refuses(t, 'underdeep.p7s', 'signature-untrusted', /allows 0 CAs below it, and 1/);
});

test('expiry and revocation by openssl\'s CRLs are enforced', async (t) => {
  await sign('revoke.p7s', 'ec');
  const crls = [await file('root.crl'), await file('middle.crl')];
  t.deepEqual((await verify('revoke.p7s', { crls, revocation: 'required' })).notes, []);
  await refuses(t, 'revoke.p7s', 'signature-untrusted', /no CRL of "O=Acme, CN=middle"/, { crls: crls.slice(0, 1), revocation: 'required' });
  await refuses(t, 'revoke.p7s', 'signature-untrusted', /is stale since/, { crls, at: new Date(Date.now() + 8 * 86_400_000) });
  await refuses(t, 'revoke.p7s', 'signature-untrusted', /expired on/, { at: new Date(Date.now() + 31 * 86_400_000) });
  await openssl('ca -config pki.cnf -keyfile middle.key -cert middle.crt -revoke ec.crt');
  await openssl('ca -gencrl -config pki.cnf -keyfile middle.key -cert middle.crt -crldays 7 -out revoked.crl');
  await refuses(t, 'revoke.p7s', 'signature-untrusted', /"O=Acme, CN=ec".* is revoked/, { crls: [await file('revoked.crl')], at: new Date(Date.now() + 60_000) });
});

test('openssl verifies what we sign, with keys of ours and of its own', async (t) => {
  const ca = await makeX509Key({ name: 'ourca', comment: 'Our CA', passphrase: undefined, ca: 'new' });
  const [caKey, caCertificate] = ca.files as readonly TrustFile[] as [TrustFile, TrustFile];
  const signer = await makeX509Key({ name: 'our', comment: 'Our signer', passphrase: 'pass phrase', ca: { certificate: caCertificate, key: caKey } });
  for (const each of [...ca.files, ...signer.files]) await writeFile(join(folder, each.name), each.bytes);
  await openssl('verify -purpose smimesign -CAfile ourca.crt our.crt');
  await writeFile(join(folder, 'secret'), 'pass phrase');
  t.regex(await openssl('pkey -in our.key -passin file:secret -noout -text'), /256 bit/);
  t.regex(await openssl('asn1parse -in our.key'), /PBKDF2[\s\S]*INTEGER +:0927C0[\s\S]*aes-256-cbc/);

  const ours = await createCmsSigner({ key: await file('our.key'), certificate: await file('our.crt'), passphrase: 'pass phrase' });
  for (const [signing, root] of [[ours, 'ourca.crt'], ...(await Promise.all(['ec', 'p384', 'rsa'].map(async (name) => [await createCmsSigner({ key: await file(`${name}.key`), certificate: await file(`${name}.crt`), chain: [await file('middle.crt')] }), 'root.crt'] as const)))] as const) {
    for (const size of [0, 1, 65_535, 65_536, 65_537]) {
      await writeFile(join(folder, 'content'), Buffer.alloc(size, 0x31));
      await writeFile(join(folder, 'content.p7s'), await signing.sign((await file('content')).bytes));
      await openssl(`cms -verify -binary -inform DER -in content.p7s -content content -CAfile ${root} -out /dev/null`);
    }
    await writeFile(join(folder, 'content'), 'changed');
    await t.throwsAsync(openssl(`cms -verify -binary -inform DER -in content.p7s -content content -CAfile ${root} -out /dev/null`), { message: /digest failure|verification failure/i });
  }
});
