import { generateKeyPairSync } from 'node:crypto';
import { decryptAge } from '../../src/crypto/encrypt/age/decrypt-age.js';
import { prepareAge } from '../../src/crypto/encrypt/age/encrypt-age.js';
import { parseRecipient } from '../../src/crypto/encrypt/age/read-recipients.js';
import { scryptIdentity, scryptRecipient } from '../../src/crypto/encrypt/age/scrypt.js';
import { generateX25519, x25519Identity } from '../../src/crypto/encrypt/age/x25519-recipient.js';
import { makeMinisignKey } from '../../src/crypto/keys/make-minisign-key.js';
import { readMinisignSecretKey } from '../../src/crypto/keys/minisign-secret-key.js';
import { createCmsSigner } from '../../src/crypto/sign/cms/cms-signer.js';
import { verifyCms } from '../../src/crypto/sign/cms/verify-cms.js';
import { createCosignSigner } from '../../src/crypto/sign/cosign-signer.js';
import { createMinisignSigner } from '../../src/crypto/sign/minisign-signer.js';
import type { VerifySignature } from '../../src/crypto/sign/signature.js';
import { verifyCosignBlob } from '../../src/crypto/sign/verify-cosign.js';
import { verifyMinisign } from '../../src/crypto/sign/verify-minisign.js';
import { verifySsh } from '../../src/crypto/sign/verify-ssh.js';
import { emptyTrust, type Trust } from '../../src/crypto/trust/trust.js';
import { collect, inPieces, sampleBytes } from '../content/bytes.js';
import { makeCa, makeSigner, NOW, p256, rsa, trustIn } from '../crypto/pki.js';
import { codeOf, flips } from '../crypto/sign/flips.js';
import { SSH_DOCUMENT, SSH_VECTORS } from '../crypto/sign/ssh-vectors.js';
import type { Campaign } from './campaign.js';

/** Every bit of this is changed, one after the other. */
interface Target {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Rejects for what was changed. */
  readonly check: (bytes: Uint8Array) => Promise<unknown>;
  /** Only every so manieth bit. */
  readonly step?: number;
  /** Bytes that nothing protects, by the format. */
  readonly free?: (at: number) => boolean;
}

/**
 * Every bit of signatures, of what they sign, and of encrypted files, changed one after the other: nothing changed may be believed.
 * The suite takes every bit of short ones and a sample of the long ones.
 */
export const flipsCampaign: Campaign = async ({ say }) => {
  const problems: string[] = [];
  for (const { name, bytes, check, free, step = 1 } of [...(await signatures()), ...(await ciphertexts())]) {
    const codes = new Map<string, number>();
    const before = problems.length;
    for (const { bit, flipped } of flips(bytes, step)) {
      const code = await codeOf(check(flipped));
      codes.set(code, (codes.get(code) ?? 0) + 1);
      if (code === 'resolved' && free?.(bit >> 3) !== true) problems.push(`${name}: bit ${bit} changed, and nobody noticed`);
    }
    say(`${name}, ${Math.ceil(bytes.length * 8 / step)} bits, ${problems.length - before} unnoticed: ${[...codes].map(([code, count]) => `${code} ${count}`).join(', ')}`);
  }
  return problems;
};

async function signatures(): Promise<readonly Target[]> {
  const both = (name: string, signature: Uint8Array, verify: VerifySignature, trust: Trust, free?: Target['free']): readonly Target[] => [
    { name: `${name}, signature`, bytes: signature, check: (bytes) => verify(SSH_DOCUMENT, bytes, trust, 'x'), ...(free && { free }) },
    { name: `${name}, document`, bytes: SSH_DOCUMENT, check: (bytes) => verify(bytes, signature, trust, 'x') },
  ];
  const root = makeCa();
  const middle = makeCa({ by: root, name: 'Middle' });
  const targets: Target[] = [];
  for (const [kind, keys] of [['ECDSA', p256()], ['RSA', rsa(2048)]] as const) {
    const { key, certificate } = makeSigner({ by: middle, keys });
    const signer = await createCmsSigner({ key, certificate, chain: [middle.certificate], at: NOW });
    targets.push(...both(`CMS ${kind}`, await signer.sign(SSH_DOCUMENT, { at: NOW }), verifyCms, trustIn(root)));
  }
  for (const [kind, { publicLine, signature }] of Object.entries(SSH_VECTORS)) {
    targets.push(...both(`SSH ${kind}`, Buffer.from(signature), verifySsh, { ...emptyTrust(), allowedSigners: [{ name: 'signers', bytes: Buffer.from(`me ${publicLine}\n`) }] }));
  }
  const { files: [secret, open] } = await makeMinisignKey({ name: 'k', comment: '', passphrase: undefined });
  const minisign = await createMinisignSigner(await readMinisignSecretKey(secret?.bytes ?? new Uint8Array(), 'k', async () => undefined)).sign(SSH_DOCUMENT);
  const comment = Buffer.from(minisign).indexOf('\n');
  targets.push(...both('minisign', minisign, verifyMinisign, { ...emptyTrust(), minisign: [{ name: 'k', bytes: open?.bytes ?? new Uint8Array() }] }, (at) => at < comment || at === minisign.length - 1));
  for (const { privateKey, publicKey } of [generateKeyPairSync('ec', { namedCurve: 'P-256' }), generateKeyPairSync('ed25519'), generateKeyPairSync('rsa', { modulusLength: 2048 })]) {
    const bundle = await createCosignSigner(privateKey, 'k').sign(SSH_DOCUMENT);
    const text = Buffer.from(bundle).toString();
    // The hint only helps to find the key, the digest of the document may be left out, and white space may follow.
    const free = [/"publicKey":\{[^}]*\}/, /"messageDigest"/, /\n$/].map((pattern) => ({ from: text.search(pattern), length: pattern.exec(text)?.[0].length ?? 0 }));
    targets.push(...both(`cosign ${privateKey.asymmetricKeyType}`, bundle, verifyCosignBlob, { ...emptyTrust(), cosign: [{ name: 'k', bytes: Buffer.from(publicKey.export({ format: 'pem', type: 'spki' })) }] }, (at) => free.some(({ from, length }) => at >= from && at < from + length)));
  }
  return targets;
}

async function ciphertexts(): Promise<readonly Target[]> {
  const { identity, recipient } = generateX25519();
  const x25519 = x25519Identity(identity, 'x');
  const seal = async (plain: Uint8Array, to = parseRecipient(recipient, 'x')): Promise<Buffer> => collect((await prepareAge([to])).encrypt(inPieces(plain)));
  const open = (identityOf: typeof x25519 | ReturnType<typeof scryptIdentity>) => (bytes: Uint8Array): Promise<Buffer> => collect(decryptAge(inPieces(bytes), [identityOf], { name: 'x' }));
  return [
    { name: 'age X25519', bytes: await seal(sampleBytes(1000)), check: open(x25519) },
    { name: 'age X25519, two chunks, every 101st bit', bytes: await seal(sampleBytes(65_536 + 100)), check: open(x25519), step: 101 },
    { name: 'age X25519, empty', bytes: await seal(new Uint8Array()), check: open(x25519) },
    { name: 'age passphrase', bytes: await seal(sampleBytes(10), scryptRecipient('pw', 2)), check: open(scryptIdentity('pw')) },
  ];
}
