import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import test from 'ava';
import { readSshPublicKey } from '../../../src/crypto/keys/ssh-public-key.js';
import { fitsSsh } from '../../../src/crypto/sign/ssh-signature-algorithm.js';
import { decodeSshsig, encodeSshsig, sshsigMalformed, sshsigMessage } from '../../../src/crypto/sign/sshsig.js';
import { verifySsh } from '../../../src/crypto/sign/verify-ssh.js';
import { emptyTrust } from '../../../src/crypto/trust/trust.js';
import { rejectsWith } from '../../content/bytes.js';
import { codeOf, flips } from './flips.js';

/** What OpenSSH tests its own signatures with. They are made for the namespace `unittest`, so nobody may believe them here. */
interface Vectors {
  readonly namespace: string;
  readonly document: string;
  readonly vectors: Readonly<Record<string, { readonly publicLine: string; readonly signature: string }>>;
}

const { namespace, document, vectors } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../../../test/fixtures/sshsig-vectors.json'), 'utf8')) as Vectors;
const bytes = Buffer.from(document);
const malformed = sshsigMalformed('x.sig');
const ACCEPTED = ['rsa', 'ecdsa', 'ed25519', 'ecdsa_sk', 'ed25519_sk'];

for (const [name, { publicLine, signature }] of Object.entries(vectors)) {
  const file = Buffer.from(signature);
  const trust = { ...emptyTrust(), allowedSigners: ACCEPTED.includes(name) ? [{ name: 'signers', bytes: Buffer.from(`me ${publicLine}\n`) }] : [] };

  test(`${name}: read as it is written`, (t) => {
    const sshsig = decodeSshsig(file, 'x.sig');
    t.is(sshsig.namespace, namespace);
    t.is(Buffer.from(sshsig.publicKey).toString('base64'), publicLine.split(' ')[1] ?? '');
    t.is(Buffer.from(encodeSshsig(sshsig)).toString(), signature);
  });

  if (!ACCEPTED.includes(name)) {
    test(`${name}: a kind of signature that is not accepted`, async (t) => {
      const code = await codeOf(verifySsh(bytes, file, trust, 'x.sig'));
      t.is(code, name === 'ecdsa_sk_webauthn' ? 'signature-malformed' : 'signature-untrusted');
    });
    continue;
  }

  test(`${name}: fits its document, and is not for us`, async (t) => {
    const sshsig = decodeSshsig(file, 'x.sig');
    const key = readSshPublicKey(sshsig.publicKey, malformed);
    if (key === undefined) return t.fail();
    t.true(fitsSsh(sshsigMessage(bytes, namespace, sshsig.hash), key, sshsig, malformed));
    const error = await rejectsWith(t, 'signature-untrusted', verifySsh(bytes, file, trust, 'x.sig'));
    t.regex(error.message, /was made for "unittest"/);
    for (const { bit, flipped } of flips(bytes, 3)) t.is(await codeOf(verifySsh(flipped, file, trust, 'x.sig')), 'signature-invalid', `bit ${bit}`);
  });

  test(`${name}: no changed bit fits`, async (t) => {
    const { publicKey, ...rest } = decodeSshsig(file, 'x.sig');
    for (const { bit, flipped } of flips(rest.signature, name.startsWith('ed25519') ? 1 : 7)) t.regex(await codeOf(verifySsh(bytes, encodeSshsig({ publicKey, ...rest, signature: flipped }), trust, 'x.sig')), /^signature-(?:invalid|malformed)$/, `bit ${bit}`);
    for (const { bit, flipped } of flips(rest.tokenState)) t.is(await codeOf(verifySsh(bytes, encodeSshsig({ publicKey, ...rest, tokenState: flipped }), trust, 'x.sig')), 'signature-invalid', `bit ${bit} of the token's state`);
  });
}
