import { parseDigest, type Digest } from '../../../content/digest.js';
import { record } from '../../../content/json-record.js';
import { parseJson, type JsonValue } from '../../../content/json.js';
import { stringifyCanonical } from '../../../content/json-write.js';
import { ImgkitError } from '../../../errors.js';
import type { Limits } from '../../../limits.js';
import { decodeBase64, encodeBase64 } from '../../keys/base64-strict.js';
import { KEY_BYTES, LAYER_CIPHER, NONCE_BYTES, type LayerKey } from './layer-cipher.js';

/** What recipients get: the layer's secret, and the digest that it had before it was encrypted. */
export interface PrivateOptions extends LayerKey {
  /** May be that of another compression: the HMAC decides. Absent when it makes no sense. */
  readonly digest?: Digest | undefined;
}

/** `org.opencontainers.image.enc.pubopts`, decoded: the HMAC over the ciphertext. */
export function encodePublicOptions(hmac: Uint8Array): string {
  return encodeBase64(Buffer.from(stringifyCanonical({ cipher: LAYER_CIPHER, hmac: encodeBase64(hmac), cipheroptions: {} })));
}

/** The HMAC that the annotation says. Throws `ciphertext-malformed`, naming `where`. */
export function decodePublicOptions(text: string, where: string, limits: Limits): Uint8Array {
  return parsed(text === '' ? undefined : decodeBase64(text), where, limits, ['cipher', 'hmac', 'cipheroptions'], (fields) => {
    const cipher = fields.string('cipher');
    const hmac = decodeBase64(fields.string('hmac'));
    return cipher === LAYER_CIPHER && hmac?.length === 32 ? hmac : undefined;
  });
}

/** The document that is wrapped for each recipient. */
export function encodePrivateOptions({ key, nonce, digest }: PrivateOptions): Uint8Array {
  return Buffer.from(stringifyCanonical({ symkey: encodeBase64(key), digest: digest ?? '', cipheroptions: { nonce: encodeBase64(nonce) } }));
}

/** The layer's secret in what a key unwrapped. Throws `ciphertext-malformed`, naming `where`, never quoting it. */
export function decodePrivateOptions(bytes: Uint8Array, where: string, limits: Limits): PrivateOptions {
  return parsed(bytes, where, limits, ['symkey', 'digest', 'cipheroptions'], (fields) => {
    const key = decodeBase64(fields.string('symkey'));
    const nonce = decodeBase64(fields.record('cipheroptions', ['nonce']).string('nonce'));
    if (key?.length !== KEY_BYTES || nonce?.length !== NONCE_BYTES) return undefined;
    const digest = fields.optionalString('digest') ?? '';
    return { key, nonce, digest: /^sha(?:256|512):/.test(digest) ? parseDigest(digest, where) : undefined };
  });
}

function parsed<K extends string, T>(bytes: Uint8Array | undefined, where: string, limits: Limits, known: readonly K[], read: (fields: ReturnType<typeof record<K>>) => T | undefined): T {
  let value: T | undefined;
  try {
    // Messages of the parser may quote what they met, and here that is a secret.
    value = bytes === undefined ? undefined : read(record(parseJson(bytes, where, limits) satisfies JsonValue, where, known));
  } catch {
    value = undefined;
  }
  if (value !== undefined) return value;
  throw new ImgkitError('ciphertext-malformed', `${where}: what its annotations say about the encryption cannot be read; the image is damaged, or was encrypted with another cipher than ${LAYER_CIPHER}.`, { entry: where });
}
