import { generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import { parseAllowedSigners } from '../../../src/crypto/sign/allowed-signers.js';
import type { VerifySignature } from '../../../src/crypto/sign/signature.js';
import { verifyCosignBlob } from '../../../src/crypto/sign/verify-cosign.js';
import { verifyMinisign } from '../../../src/crypto/sign/verify-minisign.js';
import { verifySsh } from '../../../src/crypto/sign/verify-ssh.js';
import { emptyTrust } from '../../../src/crypto/trust/trust.js';
import { readCertificates } from '../../../src/crypto/x509/read-certificates.js';
import { isImgkitError } from '../../../src/errors.js';
import { SIGNING_LIMITS } from '../../../src/limits.js';
import { codeOf } from './flips.js';

// As large as a signature may be, in shapes that cost readers dearly: repeated, nested, without an end. Each is refused, and soon.
const most = SIGNING_LIMITS.signatureBytes;
const filled = (start: string, body: string, end = ''): Buffer => Buffer.from(`${start}${body.repeat(Math.floor((most - start.length - end.length) / body.length))}${end}`);
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const cosign = [{ name: 'k', bytes: Buffer.from(ec.publicKey.export({ format: 'pem', type: 'spki' })) }];

const SHAPES: readonly (readonly [name: string, verify: VerifySignature, bytes: Buffer])[] = [
  ['sshsig without an end', verifySsh, filled('-----BEGIN SSH SIGNATURE-----\n', `${'A'.repeat(70)}\n`)],
  ['sshsig with a length of 4 GiB', verifySsh, Buffer.from(`-----BEGIN SSH SIGNATURE-----\n${Buffer.concat([Buffer.from('SSHSIG\0\0\0\x01'), Buffer.from('ffffffff', 'hex')]).toString('base64')}\n-----END SSH SIGNATURE-----\n`)],
  ['sshsig that begins again and again', verifySsh, filled('', '-----BEGIN SSH SIGNATURE-----\n')],
  ['sshsig of a long key', verifySsh, filled('-----BEGIN SSH SIGNATURE-----\n', `${'A'.repeat(70)}\n`, '-----END SSH SIGNATURE-----\n')],
  ['minisign with a long comment', verifyMinisign, filled('untrusted comment: ', 'x')],
  ['minisign of many lines', verifyMinisign, filled('untrusted comment: x\n', '\n')],
  ['minisign with a long signature', verifyMinisign, filled('untrusted comment: x\n', 'A', '\ntrusted comment: \nAAAA\n')],
  ['cosign, deep arrays', verifyCosignBlob, filled('{"a":', '[')],
  ['cosign, deep objects', verifyCosignBlob, filled('', '{"a":')],
  ['cosign, many members', verifyCosignBlob, filled('{"a":1', ',"a":1', '}')],
  ['cosign, a long number', verifyCosignBlob, filled('{"a":', '1', '}')],
  ['cosign, a long text of escapes', verifyCosignBlob, filled('{"a":"', '\\u0000', '"}')],
  ['cosign, long base64', verifyCosignBlob, filled('', 'AAAA')],
];

for (const [name, verify, bytes] of SHAPES) {
  test(`${name}: refused`, async (t) => {
    t.regex(await codeOf(verify(Buffer.from('x'), bytes, { ...emptyTrust(), cosign }, 'x')), /^signature-(?:malformed|invalid|untrusted)$/);
  });
}

for (const [name, bytes] of [
  ['PEM blocks that never end', filled('', '-----BEGIN CERTIFICATE-----\n')], ['empty PEM blocks', filled('', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n')],
  ['one line of PEM', filled('-----BEGIN CERTIFICATE-----\n', 'A', '\n-----END CERTIFICATE-----\n')], ['a long label', filled('-----BEGIN ', 'A')],
] as const) {
  test(`${name}: no certificates`, (t) => {
    const error = t.throws(() => readCertificates({ name: 'x', bytes }));
    t.true(isImgkitError(error, 'key-malformed', 'limit-exceeded'), String(error));
  });
}

for (const [name, bytes] of [['quotes', filled('', '"')], ['options', filled('me ', 'namespaces="x",')], ['one long word', filled('', 'a')], ['spaces', filled('me', ' ', 'x')]] as const) {
  test(`allowed signers of ${name}: refused`, (t) => {
    t.throws(() => parseAllowedSigners({ name: 'x', bytes }), { code: 'key-malformed' });
  });
}
