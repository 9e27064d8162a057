import { generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import { makeSshKey } from '../../../src/crypto/keys/make-ssh-key.js';
import { readOpensshPrivateKey } from '../../../src/crypto/keys/openssh-private-key.js';
import { decodePem, encodePem } from '../../../src/crypto/keys/pem-text.js';
import { sshPublicKeyOf } from '../../../src/crypto/keys/ssh-public-of.js';
import { sshString } from '../../../src/crypto/keys/ssh-wire.js';
import { createSshSigner } from '../../../src/crypto/sign/ssh-signer.js';
import { decodeSshsig, encodeSshsig } from '../../../src/crypto/sign/sshsig.js';
import { verifySsh } from '../../../src/crypto/sign/verify-ssh.js';
import { emptyTrust, type Trust } from '../../../src/crypto/trust/trust.js';
import { countSigners } from '../../../src/policy/count-signers.js';
import { rejectsWith } from '../../content/bytes.js';
import { codeOf, flips } from './flips.js';
import { LOCKED_KEY, SSH_DOCUMENT, SSH_VECTORS } from './ssh-vectors.js';

const trusting = (...lines: readonly string[]): Trust => ({ ...emptyTrust(), allowedSigners: [{ name: 'signers', bytes: Buffer.from(lines.map((line) => `${line}\n`).join('')) }] });
const nothing = async (): Promise<undefined> => undefined;

for (const [name, { publicLine, signature, privateKey }] of Object.entries(SSH_VECTORS)) {
  const trust = trusting(`me@example.org ${publicLine}`);
  const file = Buffer.from(signature);

  test(`${name}: a signature of ssh-keygen verifies, and its file is what we would write`, async (t) => {
    const [verified] = await verifySsh(SSH_DOCUMENT, file, { ...trust, identity: 'me@example.org' }, 'd.sig');
    t.is(verified?.identity, 'me@example.org');
    t.is(Buffer.from(encodeSshsig(decodeSshsig(file, 'd.sig'))).toString(), signature);
  });

  test(`${name}: its private key signs what its public key verifies`, async (t) => {
    for (const spaced of [`${privateKey}\n`, `\n${privateKey}\r\n \n`]) t.is((await readOpensshPrivateKey(spaced, name, nothing)).comment, `${name}@example.org`);
    const { publicKey, key, comment } = await readOpensshPrivateKey(privateKey, name, nothing);
    t.is(comment, `${name}@example.org`);
    if (key === undefined) return t.fail();
    const made = await createSshSigner(publicKey, key, name).sign(SSH_DOCUMENT);
    t.is((await verifySsh(SSH_DOCUMENT, made, trust, 'd.sig'))[0]?.keyId, publicKey.fingerprint);
  });

  test(`${name}: no changed bit of the signature or the document goes unnoticed`, async (t) => {
    for (const { bit, flipped } of flips(file, { ed25519: 1, p256: 3, rsa: 7 }[name])) {
      const code = await codeOf(verifySsh(SSH_DOCUMENT, flipped, trust, 'd.sig'));
      if (!['signature-malformed', 'signature-invalid', 'signature-untrusted'].includes(code)) t.fail(`bit ${bit}: ${code}`);
    }
    for (const { bit, flipped } of flips(SSH_DOCUMENT)) t.is(await codeOf(verifySsh(flipped, file, trust, 'd.sig')), 'signature-invalid', `bit ${bit}`);
  });

  test(`${name}: a signature that is cut anywhere, or goes on, is malformed`, async (t) => {
    for (let length = 0; length < file.length - 1; length += name === 'ed25519' ? 1 : 9) t.is(await codeOf(verifySsh(SSH_DOCUMENT, file.subarray(0, length), trust, 'd.sig')), 'signature-malformed', `${length}`);
    for (const more of ['\n', ' ', signature]) t.is(await codeOf(verifySsh(SSH_DOCUMENT, Buffer.from(signature + more), trust, 'd.sig')), 'signature-malformed');
  });

  test(`${name}: a private key with a changed bit never opens as another key`, async (t) => {
    const { publicKey } = await readOpensshPrivateKey(privateKey, name, nothing);
    const bytes = (decodePem(privateKey) as { bytes: Uint8Array }).bytes;
    for (const { bit, flipped } of flips(bytes, name === 'ed25519' ? 3 : 101)) {
      const text = encodePem('OPENSSH PRIVATE KEY', flipped, 70);
      const opened = await readOpensshPrivateKey(text, name, nothing).catch(codeOfError);
      if (typeof opened !== 'string') t.is(opened.publicKey.fingerprint, publicKey.fingerprint, `bit ${bit}`);
    }
  });
}

const codeOfError = (error: unknown): Promise<string> => codeOf(Promise.reject(error));

test('a locked key opens with its passphrase and with no other', async (t) => {
  const { key } = await readOpensshPrivateKey(LOCKED_KEY, 'locked', async () => 'correct horse');
  t.deepEqual(key?.export({ format: 'jwk' }), (await readOpensshPrivateKey(SSH_VECTORS.ed25519.privateKey, 'plain', nothing)).key?.export({ format: 'jwk' }));
  const wrong = await rejectsWith(t, 'key-refused', readOpensshPrivateKey(LOCKED_KEY, 'locked', async () => 'wrong battery'));
  t.notRegex(wrong.message, /battery/);
  await rejectsWith(t, 'key-refused', readOpensshPrivateKey(LOCKED_KEY, 'locked', nothing));
  await rejectsWith(t, 'key-malformed', readOpensshPrivateKey(LOCKED_KEY.slice(0, 200), 'locked', async () => 'correct horse'));
});

test('a new key reads back, with and without passphrase', async (t) => {
  for (const passphrase of [undefined, 'pässword']) {
    const made = await makeSshKey({ name: 'k', comment: 'me', passphrase });
    const { publicKey, comment } = await readOpensshPrivateKey(Buffer.from(made.files[0]?.bytes ?? []).toString(), 'k', async () => passphrase);
    t.is(publicKey.fingerprint, made.keyId);
    t.is(comment, 'me');
    t.deepEqual(made.files.map(({ name, secret }) => ({ name, secret })), [{ name: 'k', secret: true }, { name: 'k.pub', secret: false }]);
  }
});

test('a signature counts only for keys, people, namespaces and times that a list allows', async (t) => {
  const { publicLine } = SSH_VECTORS.ed25519;
  const check = (trust: Trust): Promise<string> => codeOf(verifySsh(SSH_DOCUMENT, Buffer.from(SSH_VECTORS.ed25519.signature), trust, 'd.sig'));
  t.is(await check(trusting(`me ${publicLine}`)), 'resolved');
  t.is(await check(trusting()), 'signature-untrusted');
  t.is(await check(emptyTrust()), 'signature-untrusted');
  t.is(await check(trusting(`me ${SSH_VECTORS.p256.publicLine}`)), 'signature-untrusted');
  t.is(await check({ ...trusting(`me ${publicLine}`), identity: 'you' }), 'signature-untrusted');
  t.is(await check({ ...trusting(`me ${publicLine}`), identity: '*' }), 'signature-untrusted');
  t.is(await check({ ...trusting(`me ${publicLine}`), revokedKeys: [{ name: 'gone', bytes: Buffer.from(`${publicLine}\n`) }] }), 'signature-untrusted');
  t.is(await check({ ...trusting(`me ${publicLine}`), revokedKeys: [{ name: 'gone', bytes: Buffer.from('ssh-ed25519 AAAA\n') }] }), 'key-malformed');
  t.is(await check({ ...trusting(`me ${publicLine}`), revokedKeys: [{ name: 'gone', bytes: Buffer.from('SSHKRL\n\0garbage') }] }), 'key-malformed');
  t.is(await check(trusting(`me cert-authority ${publicLine}`)), 'signature-untrusted');
  t.is(await check({ ...trusting(`me valid-before="20260101Z" ${publicLine}`), at: new Date('2026-01-02T00:00:00Z') }), 'signature-untrusted');
  t.is(await check({ ...trusting(`me valid-before="20260101Z" ${publicLine}`), at: new Date('2025-12-31T00:00:00Z') }), 'resolved');
});

test('a key has the name of each line that gives it to somebody here and now, and is one key', async (t) => {
  const { publicLine, signature } = SSH_VECTORS.ed25519;
  const trust = trusting(`git@x namespaces="git" ${publicLine}`, `old@x,older@x ${publicLine}`, `late@x valid-before="20200101Z" ${publicLine}`, `new@x ${publicLine}`, `new@x ${publicLine}`);
  const found = await verifySsh(SSH_DOCUMENT, Buffer.from(signature), trust, 'd.sig');
  t.deepEqual(found.map(({ identity }) => identity), ['old@x,older@x', 'new@x']);
  const signedBy = (names: readonly string[] | undefined, threshold = 1): number => countSigners(found, { kind: 'signed', signedBy: names, threshold, formats: undefined, maxAgeDays: undefined }, new Date());
  t.deepEqual([signedBy(['new@x']), signedBy(['git@x', 'late@x']), signedBy(['old@x,older@x', 'new@x'], 2), signedBy(undefined, 2)], [1, 0, 1, 1]);
  t.deepEqual([signedBy(['older@x']), signedBy(['old@x', 'older@x'], 2)], [1, 1], 'each of them has the key, and it is one');
  const patterns = await verifySsh(SSH_DOCUMENT, Buffer.from(signature), trusting(`*@x,!b@x,c@x ${publicLine}`), 'd.sig');
  t.deepEqual(patterns.map(({ identity, names }) => ({ identity, names })), [{ identity: '*@x,!b@x,c@x', names: undefined }], 'patterns are no names');
  t.deepEqual((await verifySsh(SSH_DOCUMENT, Buffer.from(signature), { ...trust, identity: 'older@x' }, 'd.sig')).map(({ identity }) => identity), ['older@x']);
});

for (const [name, { publicLine, signature }] of Object.entries(SSH_VECTORS)) {
  test(`${name}: a key is revoked by a certificate about it, as for ssh-keygen`, async (t) => {
    const [type = '', base64 = ''] = publicLine.split(' ');
    const fields = Buffer.from(base64, 'base64').subarray(4 + type.length);
    const certificate = (...key: readonly Uint8Array[]): string => `${type}-cert-v01@openssh.com ${Buffer.concat([sshString(`${type}-cert-v01@openssh.com`), ...key]).toString('base64')}`;
    const check = (line: string): Promise<string> => codeOf(verifySsh(SSH_DOCUMENT, Buffer.from(signature), { ...trusting(`me ${publicLine}`), revokedKeys: [{ name: 'gone', bytes: Buffer.from(`${line} me\n`) }] }, 'd.sig'));
    t.is(await check(certificate(sshString('nonce'), fields, sshString('serial and all the rest'))), 'signature-untrusted');
    t.is(await check(certificate(sshString('nonce'), fields.subarray(0, -1))), 'key-malformed');
    const other = Uint8Array.from(fields);
    other[other.length - 1] = (other.at(-1) as number) ^ 1;
    t.is(await check(certificate(sshString('nonce'), other, sshString('serial and all the rest'))), 'resolved');
  });
}

test('an algorithm that does not belong to the key is refused, SHA-1 above all', async (t) => {
  const rsa = decodeSshsig(Buffer.from(SSH_VECTORS.rsa.signature), 'd.sig');
  const trust = trusting(`me ${SSH_VECTORS.rsa.publicLine}`);
  for (const algorithm of ['ssh-rsa', 'ssh-ed25519', 'rsa-sha2-256-cert-v01@openssh.com', '']) {
    await rejectsWith(t, 'signature-malformed', verifySsh(SSH_DOCUMENT, encodeSshsig({ ...rsa, algorithm }), trust, 'd.sig'), algorithm);
  }
  await rejectsWith(t, 'signature-invalid', verifySsh(SSH_DOCUMENT, encodeSshsig({ ...rsa, algorithm: 'rsa-sha2-256' }), trust, 'd.sig'));
  for (const hash of ['sha1', 'md5', 'SHA512', '']) await rejectsWith(t, 'signature-malformed', verifySsh(SSH_DOCUMENT, encodeSshsig({ ...rsa, hash }), trust, 'd.sig'), hash);
  await rejectsWith(t, 'signature-invalid', verifySsh(SSH_DOCUMENT, encodeSshsig({ ...rsa, namespace: 'file' }), trust, 'd.sig'));
  const other = decodeSshsig(Buffer.from(SSH_VECTORS.ed25519.signature), 'd.sig');
  await rejectsWith(t, 'signature-malformed', verifySsh(SSH_DOCUMENT, encodeSshsig({ ...other, publicKey: rsa.publicKey }), trust, 'd.sig'));
});

test('weak and foreign keys neither sign nor verify', async (t) => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  t.throws(() => createSshSigner(sshPublicKeyOf(weak.privateKey, 'weak'), weak.privateKey, 'weak'), { code: 'key-refused', message: /1024 bits/ });
  for (const key of [generateKeyPairSync('ed448').privateKey, generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey]) t.throws(() => sshPublicKeyOf(key, 'k'), { code: 'key-refused' });
  const certificate = Buffer.concat([sshString('ssh-ed25519-cert-v01@openssh.com'), sshString('nonce')]);
  const sshsig = decodeSshsig(Buffer.from(SSH_VECTORS.ed25519.signature), 'd.sig');
  await rejectsWith(t, 'signature-untrusted', verifySsh(SSH_DOCUMENT, encodeSshsig({ ...sshsig, publicKey: certificate }), trusting(), 'd.sig'));
});

test('a point that is not on its curve is no key', async (t) => {
  const sshsig = decodeSshsig(Buffer.from(SSH_VECTORS.p256.signature), 'd.sig');
  const off = Uint8Array.from(sshsig.publicKey);
  off[off.length - 1] = (off.at(-1) as number) ^ 1;
  await rejectsWith(t, 'signature-malformed', verifySsh(SSH_DOCUMENT, encodeSshsig({ ...sshsig, publicKey: off }), trusting(), 'd.sig'));
});
