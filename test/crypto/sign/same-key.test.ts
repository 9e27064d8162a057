import test from 'ava';
import { keyThumbprint } from '../../../src/crypto/keys/key-thumbprint.js';
import { sshPublicKeyOf } from '../../../src/crypto/keys/ssh-public-of.js';
import { formatSshPublicLine } from '../../../src/crypto/keys/ssh-public-line.js';
import { createCmsSigner } from '../../../src/crypto/sign/cms/cms-signer.js';
import { createCosignSigner } from '../../../src/crypto/sign/cosign-signer.js';
import type { Signer } from '../../../src/crypto/sign/signature.js';
import { createSshSigner } from '../../../src/crypto/sign/ssh-signer.js';
import { verifyStatement } from '../../../src/operations/trust/verify-statement.js';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { makeCa, makeSigner, NOW, p256, rsa, trustIn } from '../pki.js';

const bytes = Buffer.from(`${'0'.repeat(64)}  app.tar\n`);

for (const [kind, keys] of [['P-256', p256()], ['RSA', rsa(2048)]] as const) {
  test(`one key is known as one in every format, ${kind}`, async (t) => {
    const ca = makeCa();
    const [party, renewed] = [makeSigner({ by: ca, keys }), makeSigner({ by: ca, keys, name: 'Renewed' })];
    const ssh = sshPublicKeyOf(keys.privateKey, 'key');
    const signers: readonly Signer[] = [
      await createCmsSigner({ key: keys.privateKey, certificate: party.certificate, at: NOW }), await createCmsSigner({ key: keys.privateKey, certificate: renewed.certificate, at: NOW }),
      createSshSigner(ssh, keys.privateKey, 'key'), createCosignSigner(keys.privateKey, 'key'),
    ];
    const trust = trustIn(ca, {
      allowedSigners: [{ name: 'allowed', bytes: Buffer.from(`release@acme.example ${formatSshPublicLine(ssh.type, ssh.blob, '')}\n`) }],
      cosign: [{ name: 'release.pub', bytes: Buffer.from(keys.publicKey.export({ format: 'pem', type: 'spki' })) }],
    });
    const signatures = await Promise.all(signers.map(async (signer, i) => ({ name: `signature ${i}`, bytes: await signer.sign(bytes, { at: NOW }) })));
    const { signatures: verified } = await verifyStatement({ statement: { name: 'app.tar.sha256', bytes }, signatures, trust });
    t.deepEqual(verified.map(({ format }) => format), ['cms', 'cms', 'ssh', 'cosign']);
    t.is(new Set(verified.map(({ keyId }) => keyId)).size, 4);
    t.deepEqual([...new Set(verified.map(({ thumbprint }) => thumbprint))], [keyThumbprint(keys.publicKey)]);
  });
}

test('a key is the same with the restriction to RSA-PSS around it', (t) => {
  const { publicKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048, hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256' });
  t.regex(keyThumbprint(publicKey), /^[\w-]{43}$/);
  // RFC 7638, 3.1.
  const n = '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
  t.is(keyThumbprint(createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' })), 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
});
