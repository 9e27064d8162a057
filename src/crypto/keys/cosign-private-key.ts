import { createPrivateKey, randomBytes, type KeyObject } from 'node:crypto';
import { parseJson } from '../../content/json.js';
import { record } from '../../content/json-record.js';
import { stringifyCanonical } from '../../content/json-write.js';
import { ImgkitError } from '../../errors.js';
import { DEFAULT_LIMITS } from '../../limits.js';
import { decodeBase64, encodeBase64 } from './base64-strict.js';
import { decodePem, encodePem } from './pem-text.js';
import { scryptKey, type ScryptCosts } from './scrypt-key.js';

/** What cosign calls its keys; every version of it reads the first, newer ones write the second. */
const LABELS: ReadonlySet<string> = new Set(['ENCRYPTED COSIGN PRIVATE KEY', 'ENCRYPTED SIGSTORE PRIVATE KEY']);
const WRITTEN_LABEL = 'ENCRYPTED COSIGN PRIVATE KEY';
const COSTS: ScryptCosts = { N: 32_768, r: 8, p: 1 };
const NAMES = { kdf: 'scrypt', cipher: 'nacl/secretbox' } as const;

/** True for the text of a private key that cosign encrypted. */
export function isCosignPrivateKey(text: string): boolean {
  return /^\s*-----BEGIN ENCRYPTED (?:COSIGN|SIGSTORE) PRIVATE KEY-----/.test(text);
}

/**
 * Reads a private key of `cosign generate-key-pair` (or `import-key-pair`): JSON in PEM, with scrypt and NaCl's secretbox around
 * PKCS#8. Without a passphrase the empty one is tried, as cosign does. Throws `key-malformed`, or `key-refused` for a wrong passphrase.
 */
export async function readCosignPrivateKey(text: string, name: string, passphrase: () => Promise<string | undefined>): Promise<KeyObject> {
  const malformed = (): ImgkitError => new ImgkitError('key-malformed', `${name}: is no private key of cosign, or is damaged; take it from a backup, or make a new one with imgkit keygen --type cosign.`, { file: name });
  const pem = decodePem(text.trim());
  if (pem === undefined || !LABELS.has(pem.label)) throw malformed();
  const { costs, salt, nonce, ciphertext } = readBox(pem.bytes, name, malformed);
  const key = await scryptKey((await passphrase()) ?? '', salt, costs, 32, name);
  const { xsalsa20poly1305 } = await import('@noble/ciphers/salsa.js');
  let der: Uint8Array;
  try {
    der = xsalsa20poly1305(key, nonce).decrypt(ciphertext);
  } catch (error) {
    throw new ImgkitError('key-refused', `${name}: the passphrase is wrong or missing, or the file is damaged; give the right one with --passphrase-file, or take the key from a backup.`, { file: name }, { cause: error });
  } finally {
    key.fill(0);
  }
  try {
    return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
  } catch {
    // The cause may quote the key.
    throw malformed();
  }
}

/** A private key as cosign writes it. */
export async function encodeCosignPrivateKey(key: KeyObject, passphrase: string): Promise<string> {
  const [salt, nonce] = [randomBytes(32), randomBytes(24)];
  const secret = await scryptKey(passphrase, salt, COSTS, 32, 'the new key');
  const { xsalsa20poly1305 } = await import('@noble/ciphers/salsa.js');
  const ciphertext = xsalsa20poly1305(secret, nonce).encrypt(key.export({ format: 'der', type: 'pkcs8' }));
  secret.fill(0);
  const box = {
    kdf: { name: NAMES.kdf, params: { N: COSTS.N, r: COSTS.r, p: COSTS.p }, salt: encodeBase64(salt) },
    cipher: { name: NAMES.cipher, nonce: encodeBase64(nonce) },
    ciphertext: encodeBase64(ciphertext),
  };
  return encodePem(WRITTEN_LABEL, Buffer.from(stringifyCanonical(box)));
}

interface Box {
  readonly costs: ScryptCosts;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

function readBox(json: Uint8Array, name: string, malformed: () => ImgkitError): Box {
  try {
    const box = record(parseJson(json, name, DEFAULT_LIMITS), name, ['kdf', 'cipher', 'ciphertext']);
    const kdf = box.record('kdf', ['name', 'params', 'salt']);
    const params = kdf.record('params', ['N', 'r', 'p']);
    const cipher = box.record('cipher', ['name', 'nonce']);
    const [salt, nonce, ciphertext] = [kdf.string('salt'), cipher.string('nonce'), box.string('ciphertext')].map(decodeBase64);
    if (kdf.string('name') !== NAMES.kdf || cipher.string('name') !== NAMES.cipher || nonce?.length !== 24 || salt === undefined || ciphertext === undefined) throw malformed();
    return { costs: { N: params.integer('N'), r: params.integer('r'), p: params.integer('p') }, salt, nonce, ciphertext };
  } catch {
    throw malformed();
  }
}
