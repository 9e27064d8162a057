import type { KeyObject } from 'node:crypto';
import type { FlattenedJWE, JWEHeaderParameters } from 'jose';
import { plainJson } from '../../../content/json-plain.js';
import { parseJson } from '../../../content/json.js';
import { stringifyCanonical, type JsonWritable } from '../../../content/json-write.js';
import { DEFAULT_LIMITS } from '../../../limits.js';

const CONTENT = 'A256GCM';
const KEY_ALGORITHMS = ['RSA-OAEP', 'RSA-OAEP-256', 'ECDH-ES+A256KW'];
const MOST_RECIPIENTS = 1000;

/** `content` as a JWE (RFC 7516) for `keys`: flattened for one, general for several, as ocicrypt writes it. */
export async function wrapJwe(content: Uint8Array, keys: readonly KeyObject[]): Promise<Uint8Array> {
  const { FlattenedEncrypt, GeneralEncrypt } = await import('jose');
  const [first, ...others] = keys;
  if (first === undefined) throw new TypeError('a JWE needs a recipient');
  if (others.length === 0) {
    return json(await new FlattenedEncrypt(content).setProtectedHeader({ alg: algorithm(first), enc: CONTENT }).encrypt(first));
  }
  const general = new GeneralEncrypt(content).setProtectedHeader({ enc: CONTENT });
  for (const key of keys) general.addRecipient(key).setUnprotectedHeader({ alg: algorithm(key) });
  return json(await general.encrypt());
}

/** What a JWE holds; undefined when `key` is not meant, or when it is no JWE. */
export async function unwrapJwe(bytes: Uint8Array, key: KeyObject): Promise<Uint8Array | undefined> {
  if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'ec') return undefined;
  let jwe: Partial<FlattenedJWE> & { readonly recipients?: unknown };
  try {
    const value = parseJson(bytes, 'a JWE', DEFAULT_LIMITS);
    if (!(value instanceof Map)) return undefined;
    jwe = plainJson(value) as typeof jwe;
  } catch {
    return undefined;
  }
  const { recipients, ...shared } = jwe;
  const { flattenedDecrypt } = await import('jose');
  const each = Array.isArray(recipients) ? (recipients as readonly Partial<FlattenedJWE>[]).slice(0, MOST_RECIPIENTS) : [{}];
  for (const recipient of each) {
    try {
      const { plaintext } = await flattenedDecrypt({ ...shared, ...recipient } as FlattenedJWE, key, { keyManagementAlgorithms: KEY_ALGORITHMS, contentEncryptionAlgorithms: [CONTENT] });
      return plaintext;
    } catch {
      // Meant for another key, or damaged: the caller says which keys did not fit.
    }
  }
  return undefined;
}

function algorithm(key: KeyObject): NonNullable<JWEHeaderParameters['alg']> {
  return key.asymmetricKeyType === 'rsa' ? 'RSA-OAEP' : 'ECDH-ES+A256KW';
}

function json(value: object): Uint8Array {
  return Buffer.from(stringifyCanonical(value as JsonWritable));
}
