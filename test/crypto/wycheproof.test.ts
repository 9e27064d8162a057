import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import test from 'ava';
import { hkdf } from '../../src/crypto/encrypt/age/key-schedule.js';
import { x25519 } from '../../src/crypto/encrypt/age/x25519.js';
import { unwrapJwe } from '../../src/crypto/encrypt/ocicrypt/jwe.js';
import { sshMpint } from '../../src/crypto/keys/ssh-wire.js';
import { fitsSsh } from '../../src/crypto/sign/ssh-signature-algorithm.js';
import { verifyCosignBlob } from '../../src/crypto/sign/verify-cosign.js';
import { emptyTrust } from '../../src/crypto/trust/trust.js';
import { verifyWith, type SignatureAlgorithm } from '../../src/crypto/x509/signature-algorithm.js';
import { codeOf } from './sign/flips.js';

/** Cases that broke libraries before, through what decides here: X.509 and CMS, cosign, SSH, age, JWE. */
interface Case {
  readonly id: number;
  /** `acceptable`: valid to some, such as an encoding that is not the shortest. Here it may be either. */
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly about: string;
}
type Signed = Case & { readonly key: number; readonly message: string; readonly signature: string };
interface Vectors {
  readonly keys: readonly (string | JsonWebKey)[];
  readonly rsaPkcs1: readonly Signed[];
  readonly rsaPss: readonly Signed[];
  readonly ecdsaDer: readonly Signed[];
  readonly ecdsaPair: readonly Signed[];
  readonly ed25519: readonly Signed[];
  readonly x25519: readonly (Case & Readonly<Record<'point' | 'scalar' | 'shared', string>>)[];
  readonly hkdf: readonly (Case & Readonly<Record<'secret' | 'salt' | 'info' | 'key', string>>)[];
  readonly jwe: readonly (Case & { readonly key: number; readonly content?: string; readonly jwe: string })[];
}

const vectors = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../../test/fixtures/wycheproof.json'), 'utf8')) as Vectors;
const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');
const publicKey = ({ key }: Signed): KeyObject => createPublicKey({ key: bytes(vectors.keys[key] as string), format: 'der', type: 'spki' });
const malformed = (problem: string): Error => new RangeError(problem);

const LISTS = [['rsaPkcs1', { kind: 'rsa', hash: 'sha256' }], ['rsaPss', { kind: 'rsa-pss', hash: 'sha256', saltLength: 32 }], ['ecdsaDer', { kind: 'ecdsa', hash: 'sha256' }], ['ed25519', { kind: 'ed25519', hash: undefined }]] as const satisfies readonly (readonly [string, SignatureAlgorithm])[];

for (const [list, algorithm] of LISTS) {
  test(`${list}: certificates, lists and CMS`, (t) => {
    for (const each of vectors[list]) {
      const fits = verifyWith(algorithm, 'sha256', publicKey(each), bytes(each.message), bytes(each.signature));
      if (each.result !== 'acceptable') t.is(fits, each.result === 'valid', `${each.id}: ${each.about}`);
      // The same bytes under the name of another algorithm. Among the invalid are some that are right under another.
      for (const [other, claimed] of LISTS) if (other !== list && each.result === 'valid') t.false(verifyWith(claimed, 'sha256', publicKey(each), bytes(each.message), bytes(each.signature)), `${each.id} as ${other}`);
    }
  });
}

for (const list of ['rsaPkcs1', 'ecdsaDer', 'ed25519'] as const) {
  test(`${list}: cosign`, async (t) => {
    for (const each of vectors[list]) {
      const trust = { ...emptyTrust(), cosign: [{ name: 'key.pub', bytes: publicKey(each).export({ format: 'pem', type: 'spki' }) as unknown as Uint8Array }] };
      const code = await codeOf(verifyCosignBlob(bytes(each.message), Buffer.from(each.signature), trust, 'x.sig'));
      const wanted = each.signature === '' ? ['signature-malformed'] : each.result === 'acceptable' ? ['resolved', 'signature-invalid'] : [each.result === 'valid' ? 'resolved' : 'signature-invalid'];
      t.true(wanted.includes(code), `${each.id}: ${each.about}: ${code}`);
    }
  });
}

for (const [list, type, algorithm] of [['rsaPkcs1', 'ssh-rsa', 'rsa-sha2-256'], ['ecdsaPair', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp256'], ['ed25519', 'ssh-ed25519', 'ssh-ed25519']] as const) {
  test(`${list}: SSH`, (t) => {
    for (const each of vectors[list]) {
      const signature = list === 'ecdsaPair' ? pairOf(bytes(each.signature)) : bytes(each.signature);
      const empty = new Uint8Array();
      const sshsig = { publicKey: empty, namespace: 'x', hash: 'sha512', algorithm, signature, tokenState: empty };
      let fits = false;
      try {
        fits = fitsSsh(bytes(each.message), { type, blob: empty, key: publicKey(each), fingerprint: '' }, sshsig, malformed);
      } catch (error) {
        t.true(error instanceof RangeError, String(error));
      }
      if (each.result !== 'acceptable') t.is(fits, each.result === 'valid', `${each.id}: ${each.about}`);
    }
  });
}

/** As SSH writes it: two numbers, each with its length. What is no pair of 32 bytes stays as it is. */
function pairOf(pair: Buffer): Buffer {
  return pair.length === 64 ? Buffer.concat([sshMpint(pair.subarray(0, 32)), sshMpint(pair.subarray(32))]) : pair;
}

test('X25519: the shared secret, and none for points of low order', (t) => {
  for (const { id, about, point, scalar, shared } of vectors.x25519) {
    const found = x25519(bytes(scalar), bytes(point));
    t.is(found?.toString('base64'), bytes(shared).every((byte) => byte === 0) ? undefined : shared, `${id}: ${about}`);
  }
});

test('HKDF: 32 bytes from what a text says they are for', (t) => {
  for (const { id, about, secret, salt, info, key } of vectors.hkdf) t.is(hkdf(bytes(secret), bytes(salt), bytes(info).toString()).toString('base64'), key, `${id}: ${about}`);
});

test('JWE: only by the algorithms that ocicrypt uses, and whole', async (t) => {
  let opened = 0;
  for (const { id, about, result, key, content, jwe } of vectors.jwe) {
    const [head = '', encryptedKey, iv, ciphertext, tag] = jwe.split('.');
    const flattened = Buffer.from(JSON.stringify({ protected: head, encrypted_key: encryptedKey, iv, ciphertext, tag }));
    const found = await unwrapJwe(flattened, createPrivateKey({ key: vectors.keys[key] as JsonWebKey, format: 'jwk' }));
    const ours = /"alg":"(?:RSA-OAEP|RSA-OAEP-256|ECDH-ES\+A256KW)"/.test(bytes(head).toString()) && /"enc":"A256GCM"/.test(bytes(head).toString());
    t.is(found && Buffer.from(found).toString('base64'), ours && result === 'valid' ? content : undefined, `${id}: ${about}`);
    if (found !== undefined) opened += 1;
  }
  t.true(opened >= 3, `${opened}`);
});
