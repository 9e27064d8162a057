import { createPrivateKey, createPublicKey, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';
import { ImgkitError } from '../../errors.js';
import { blake2b256 } from './blake2b.js';
import { MINISIGN_SECRET_LENGTH, keyFileBytes, minisignKeyId } from './minisign-comment.js';
import { MINISIGN_ALGORITHM } from './minisign-public-key.js';
import { scryptKey, type ScryptCosts } from './scrypt-key.js';

/** Bytes of a secret key file: algorithms (2 each), salt, two limits, and what is encrypted: ID, key, checksum. */
const SALT = { start: 6, end: 38 } as const;
const SEALED = 54;
const KDF = { scrypt: 'Sc', none: '\0\0' } as const;
const CHECKSUM = 'B2';

/** libsodium's limits "sensitive", which minisign writes; they come to N = 2^20, r = 8, p = 1, so 1 GiB. */
export const SENSITIVE = { operations: 33_554_432, memory: 1_073_741_824 } as const;

export interface MinisignSecretKey {
  readonly id: Uint8Array;
  readonly keyId: string;
  readonly key: KeyObject;
}

/**
 * Reads a secret key file of minisign, encrypted or not (`minisign -G -W`); its checksum must fit, if it has one. `passphrase` is asked only
 * when it is needed. Throws `key-malformed`, or `key-refused` without a passphrase or with a wrong one.
 */
export async function readMinisignSecretKey(file: Uint8Array, name: string, passphrase: () => Promise<string | undefined>): Promise<MinisignSecretKey> {
  const bytes = keyFileBytes(file, MINISIGN_SECRET_LENGTH);
  const text = Buffer.from(bytes?.subarray(0, 6) ?? []).toString('latin1');
  const kdf = text.slice(2, 4);
  if (bytes === undefined || text.slice(0, 2) !== MINISIGN_ALGORITHM || text.slice(4) !== CHECKSUM || (kdf !== KDF.scrypt && kdf !== KDF.none)) {
    throw new ImgkitError('key-malformed', `${name}: is no secret key of minisign, or is damaged.`, { file: name });
  }
  const plain = Uint8Array.from(bytes.subarray(SEALED));
  if (kdf === KDF.scrypt) {
    const given = await passphrase();
    if (given === undefined) throw new ImgkitError('key-refused', `${name}: is protected by a passphrase and none was given; name a --passphrase-file.`, { file: name });
    const limits = new DataView(bytes.buffer, bytes.byteOffset);
    const costs = costsOf(Number(limits.getBigUint64(SALT.end, true)), Number(limits.getBigUint64(SALT.end + 8, true)));
    mask(plain, await scryptKey(given, bytes.subarray(SALT.start, SALT.end), costs, plain.length, name));
  }
  const [id, pair, checksum] = [plain.slice(0, 8), plain.subarray(8, 72), plain.subarray(72)];
  // minisign writes no checksum into a key that is not encrypted.
  const unchecked = kdf === KDF.none && checksum.every((byte) => byte === 0);
  if (!unchecked && !timingSafeEqual(checksum, await checksumOf(id, pair))) {
    if (kdf === KDF.none) throw new ImgkitError('key-malformed', `${name}: the secret key is damaged: its checksum does not fit.`, { file: name });
    throw new ImgkitError('key-refused', `${name}: the passphrase is wrong, or the file is damaged; give the right one with --passphrase-file, or take the key from a backup.`, { file: name });
  }
  const jwk = { kty: 'OKP', crv: 'Ed25519', d: base64Url(pair.subarray(0, 32)), x: base64Url(pair.subarray(32)) };
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  if (createPublicKey(key).export({ format: 'jwk' }).x !== jwk.x) throw new ImgkitError('key-malformed', `${name}: the secret key does not belong to the public key beside it.`, { file: name });
  plain.fill(0);
  return { id, keyId: minisignKeyId(id), key };
}

/** The bytes of a secret key file for an Ed25519 seed and its public point. */
export async function encodeMinisignSecretKey(id: Uint8Array, seed: Uint8Array, point: Uint8Array, passphrase: string | undefined, limits: { readonly operations: number; readonly memory: number } = SENSITIVE): Promise<Uint8Array> {
  const pair = Buffer.concat([seed, point]);
  const plain = Buffer.concat([id, pair, passphrase === undefined ? new Uint8Array(32) : await checksumOf(id, pair)]);
  const head = Buffer.alloc(SEALED);
  head.write(`${MINISIGN_ALGORITHM}${passphrase === undefined ? KDF.none : KDF.scrypt}${CHECKSUM}`, 'latin1');
  if (passphrase !== undefined) {
    const salt = randomBytes(SALT.end - SALT.start);
    salt.copy(head, SALT.start);
    head.writeBigUInt64LE(BigInt(limits.operations), SALT.end);
    head.writeBigUInt64LE(BigInt(limits.memory), SALT.end + 8);
    mask(plain, await scryptKey(passphrase, salt, costsOf(limits.operations, limits.memory), plain.length, 'the new key'));
  }
  return Buffer.concat([head, plain]);
}

/** The costs that libsodium makes of two limits (crypto_pwhash_scryptsalsa208sha256, pickparams). */
export function costsOf(operations: number, memory: number): ScryptCosts {
  const r = 8;
  const work = Math.max(operations, 32_768);
  if (work < memory / 32) return { N: powerOver(work / (r * 4)), r, p: 1 };
  const N = powerOver(memory / (r * 128));
  return { N, r, p: Math.max(1, Math.floor(Math.min(Math.floor(work / 4 / N), 0x3fffffff) / r)) };
}

/** The least power of two that is more than half of `most`; at least 2. */
function powerOver(most: number): number {
  let log = 1;
  while (log < 63 && 2 ** log <= Math.floor(Math.floor(most) / 2)) log += 1;
  return 2 ** log;
}

function mask(bytes: Uint8Array, stream: Uint8Array): void {
  for (const [i, byte] of stream.entries()) bytes[i] = (bytes[i] as number) ^ byte;
}

function checksumOf(id: Uint8Array, pair: Uint8Array): Promise<Uint8Array> {
  return blake2b256(Buffer.concat([Buffer.from(MINISIGN_ALGORITHM), id, pair]));
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
