import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { openSecretFile, readSecretFile } from '../../../content/secret-file.js';
import { ImgkitError } from '../../../errors.js';
import { resolvePassphrase, type PassphraseOptions } from '../../keys/passphrase.js';

/** Who can open a layer: the owners of public keys (JWE) and of certificates (PKCS#7). */
export interface LayerRecipients {
  readonly keys: readonly KeyObject[];
  readonly certificates: readonly X509Certificate[];
  readonly labels: readonly string[];
}

/** A private key that may open what is encrypted: layers, CMS. */
export interface LayerIdentity {
  readonly label: string;
  readonly key: KeyObject;
}

const LEAST_BITS = 2048;
/** Curves of EC keys by what they are for, as node and as people call them. PKCS#7 knows RSA alone. */
const CURVES = {
  jwe: new Map([['prime256v1', 'P-256'], ['secp384r1', 'P-384'], ['secp521r1', 'P-521']]),
  pkcs7: new Map<string, string>(),
  cms: new Map([['prime256v1', 'P-256']]),
} as const;

/**
 * Reads PEM files, each a public key (RSA, or EC on P-256, P-384 or P-521) or an RSA certificate; `jwe:` and `pkcs7:` before a path, as
 * skopeo has it, say which it must be. Throws `key-malformed`, `key-refused`, `file-not-found`, `interrupted`.
 */
export async function readLayerRecipients(paths: readonly string[], signal?: AbortSignal): Promise<LayerRecipients> {
  const keys: KeyObject[] = [];
  const certificates: X509Certificate[] = [];
  const labels: string[] = [];
  for (const text of paths) {
    const [, scheme, path = text] = /^(?:(jwe|pkcs7):)?(.+)$/s.exec(text) ?? [];
    const pem = (await openSecretFile(path, { what: 'a public key or certificate', signal })).bytes.toString('latin1');
    const found = /-----BEGIN ([A-Z ]+)-----/.exec(pem)?.[1] ?? '';
    if (found.includes('PRIVATE')) throw new ImgkitError('key-refused', `${path}: is a private key; name the public key or certificate of the recipient.`, { file: path });
    const expected = found === 'CERTIFICATE' ? 'pkcs7' : 'jwe';
    if (scheme !== undefined && scheme !== expected) throw new ImgkitError('key-refused', `${path}: ${scheme} needs ${scheme === 'jwe' ? 'a public key' : 'a certificate'}, and this is ${found === '' ? 'no PEM file' : found.toLowerCase()}; name another file, or leave "${scheme}:" out.`, { file: path });
    const certificate = expected === 'pkcs7' ? parse(path, () => new X509Certificate(pem)) : undefined;
    const key = certificate?.publicKey ?? parse(path, () => createPublicKey(pem));
    requireUsable(key, path, expected);
    if (certificate === undefined) keys.push(key);
    else certificates.push(certificate);
    labels.push(`${expected}:${path}`);
  }
  return { keys, certificates, labels };
}

/** Reads private keys (PEM, 0600, with a passphrase or not). Throws `key-exposed`, `key-malformed`, `key-refused`. */
export async function readLayerIdentities(paths: readonly string[], passphrase: PassphraseOptions, signal?: AbortSignal): Promise<readonly LayerIdentity[]> {
  let known: Promise<string | undefined> | undefined;
  const identities: LayerIdentity[] = [];
  for (const path of paths) {
    const bytes = await readSecretFile(path, { signal });
    const pem = bytes.toString('latin1');
    bytes.fill(0);
    const encrypted = /ENCRYPTED/.test(pem);
    const given = encrypted ? await (known ??= resolvePassphrase(passphrase, signal)) : undefined;
    if (encrypted && given === undefined) throw new ImgkitError('key-refused', `${path}: is protected by a passphrase and none was given; name a --passphrase-file.`, { file: path });
    let key: KeyObject;
    try {
      key = createPrivateKey({ key: pem, format: 'pem', ...(given === undefined ? {} : { passphrase: given }) });
    } catch {
      throw new ImgkitError(encrypted ? 'key-refused' : 'key-malformed', `${path}: ${encrypted ? 'cannot be opened with this passphrase; name the file with the right one (--passphrase-file)' : 'is no private key in PEM; name the key that belongs to the public key or certificate that was encrypted for'}.`, { file: path });
    }
    requireUsable(key, path, 'jwe');
    identities.push({ label: path, key });
  }
  return identities;
}

function parse<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ImgkitError('key-malformed', `${path}: is neither a public key nor a certificate in PEM; ask the recipient for one (openssl pkey -in KEY -pubout makes it).`, { file: path }, { cause: error });
  }
}

/** Throws `key-refused` for a key that nothing is encrypted for in that format. */
export function requireUsable(key: KeyObject, path: string, format: keyof typeof CURVES): void {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  const curves: ReadonlyMap<string, string> = CURVES[format];
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= LEAST_BITS) return;
  if (key.asymmetricKeyType === 'ec' && curves.has(namedCurve ?? '')) return;
  const found = key.asymmetricKeyType === 'rsa' ? `RSA of ${modulusLength} bits` : (namedCurve ?? key.asymmetricKeyType ?? 'unknown');
  const accepted = curves.size === 0 ? ' where it is layers for certificates' : ` and EC keys on ${[...curves.values()].join(', ')}`;
  throw new ImgkitError('key-refused', `${path}: encryption is for RSA keys of ${LEAST_BITS} bits or more${accepted}, and this is ${found}; ask the recipient for another key.`, { file: path, found });
}
