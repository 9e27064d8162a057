import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import test from 'ava';
import { encodePem } from '../../../src/crypto/keys/pem-text.js';
import { sshPublicKeyOf } from '../../../src/crypto/keys/ssh-public-of.js';
import { formatSshPublicLine } from '../../../src/crypto/keys/ssh-public-line.js';
import { sshString, SshReader, sshUint32 } from '../../../src/crypto/keys/ssh-wire.js';
import { decodeSshsig, encodeSshsig, SSHSIG_NAMESPACE, sshsigMessage } from '../../../src/crypto/sign/sshsig.js';
import { krlRevokes } from '../../../src/crypto/sign/ssh-krl.js';
import { verifySsh } from '../../../src/crypto/sign/verify-ssh.js';
import { emptyTrust, type Trust } from '../../../src/crypto/trust/trust.js';
import { rejectsWith } from '../../content/bytes.js';

/** Signatures that fit, and still count for nothing. */
const document = Buffer.from('0a1b  app.tar\n');
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const APPLICATION = 'ssh:';

interface Made {
  readonly line: string;
  readonly signature: Uint8Array;
}

function made(key: KeyObject, namespace = SSHSIG_NAMESPACE): Made {
  const { type, blob } = sshPublicKeyOf(key, 'key');
  const message = sshsigMessage(document, namespace, 'sha512');
  const [algorithm, signature] = type === 'ssh-rsa' ? ['rsa-sha2-512', sign('sha512', message, key)] : [type, sign(null, message, key)];
  return { line: formatSshPublicLine(type, blob, ''), signature: encodeSshsig({ publicKey: blob, namespace, hash: 'sha512', algorithm, signature, tokenState: new Uint8Array() }) };
}

/** As a token makes it: it signs what it says of itself, too. */
function byToken(flags: number): Made {
  const type = 'sk-ssh-ed25519@openssh.com';
  const blob = Buffer.concat([sshString(type), sshString(Buffer.from(ed25519.export({ format: 'jwk' }).x as string, 'base64url')), sshString(APPLICATION)]);
  const tokenState = Buffer.concat([Uint8Array.of(flags), sshUint32(7)]);
  const hash = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest();
  const signature = sign(null, Buffer.concat([hash(APPLICATION), tokenState, hash(sshsigMessage(document, SSHSIG_NAMESPACE, 'sha512'))]), ed25519);
  return { line: formatSshPublicLine(type, blob, ''), signature: encodeSshsig({ publicKey: blob, namespace: SSHSIG_NAMESPACE, hash: 'sha512', algorithm: type, signature, tokenState }) };
}

const allowing = (line: string, more: Partial<Trust> = {}): Trust => ({ ...emptyTrust(new Date('2026-06-01T00:00:00Z')), allowedSigners: [{ name: 'signers', bytes: Buffer.from(`${line}\n`) }], ...more });

test('a token must say that somebody touched it', async (t) => {
  const touched = byToken(1);
  t.is((await verifySsh(document, touched.signature, allowing(`me ${touched.line}`), 'd.sig'))[0]?.identity, 'me');
  for (const flags of [0, 4]) {
    const { line, signature } = byToken(flags);
    t.regex((await rejectsWith(t, 'signature-untrusted', verifySsh(document, signature, allowing(`me ${line}`), 'd.sig'))).message, /nobody touched/);
  }
});

test('a weak key, another purpose, and what a line does not allow', async (t) => {
  const weak = made(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey);
  t.regex((await rejectsWith(t, 'signature-untrusted', verifySsh(document, weak.signature, allowing(`me ${weak.line}`), 'd.sig'))).message, /1024 bits is too weak/);
  const login = made(ed25519, 'file');
  t.regex((await rejectsWith(t, 'signature-untrusted', verifySsh(document, login.signature, allowing(`me ${login.line}`), 'd.sig'))).message, /was made for "file", not for imgkit-archive/);
  const { line, signature } = made(ed25519);
  for (const options of ['namespaces="git,file"', 'namespaces="*,!imgkit-archive"', 'valid-after="20260602Z"', 'valid-before="20260531Z"', 'cert-authority']) {
    await rejectsWith(t, 'signature-untrusted', verifySsh(document, signature, allowing(`me ${options} ${line}`), 'd.sig'), options);
  }
  for (const options of ['namespaces="git,imgkit-*"', 'valid-after="20260531Z",valid-before="20260602Z"']) t.is((await verifySsh(document, signature, allowing(`me ${options} ${line}`), 'd.sig'))[0]?.format, 'ssh', options);
});

test('a signature file of another version, or with something in the reserved field, is malformed', async (t) => {
  const { line, signature } = made(ed25519);
  const { publicKey, namespace, hash, algorithm, signature: proper } = decodeSshsig(signature, 'd.sig');
  const file = (version: number, reserved: string): Buffer => Buffer.from(encodePem('SSH SIGNATURE', Buffer.concat([
    Buffer.from('SSHSIG'), sshUint32(version), sshString(publicKey), sshString(namespace), sshString(reserved), sshString(hash), sshString(Buffer.concat([sshString(algorithm), sshString(proper)])),
  ]), 70));
  t.deepEqual(file(1, ''), Buffer.from(signature));
  for (const odd of [file(1, 'x'), file(2, '')]) await rejectsWith(t, 'signature-malformed', verifySsh(document, odd, allowing(`me ${line}`), 'd.sig'));
});

test('a binary list of revoked keys with a section that is not known could revoke any key', (t) => {
  const head = Buffer.concat([Buffer.from('SSHKRL\n\0', 'latin1'), sshUint32(1), Buffer.alloc(24), sshString(''), sshString('')]);
  const list = (section: number): Parameters<typeof krlRevokes>[0] => ({ name: 'krl', bytes: Buffer.concat([head, Uint8Array.of(section), sshString('x')]) });
  t.false(krlRevokes(list(1), Buffer.from('key')));
  t.throws(() => krlRevokes(list(6), Buffer.from('key')), { code: 'key-malformed', message: /section of type 6/ });
});

test('a number has one encoding', (t) => {
  const read = (hex: string): Uint8Array => new SshReader(sshString(Buffer.from(hex, 'hex')), (problem) => new Error(problem)).mpint();
  for (const [hex, value] of [['01', '01'], ['7f00', '7f00'], ['0080', '80']] as const) t.deepEqual(Buffer.from(read(hex)).toString('hex'), value);
  // None, zero, a zero too many, negative.
  for (const hex of ['', '00', '0001', '000080', '80']) t.throws(() => read(hex), { message: /not encoded properly/ }, hex);
});
