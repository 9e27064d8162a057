import { createHash, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { throwIfInterrupted } from '../../../content/interrupted.js';
import { ImgkitError } from '../../../errors.js';
import { readPkcs8 } from '../../keys/pkcs8-read.js';
import type { TrustFile } from '../../trust/trust.js';
import type { Certificate } from '../../x509/certificate.js';
import { checkSignerUsage, seconds, untrusted } from '../../x509/check-certificate.js';
import { der, derOid, derSequence, derSetOf, derTime, DER_NULL, derInteger } from '../../x509/der-write.js';
import { TAG } from '../../x509/der-node.js';
import { weaknessOf } from '../../x509/key-strength.js';
import { OID } from '../../x509/oids.js';
import { readCertificates } from '../../x509/read-certificates.js';
import type { Signer } from '../signature.js';

export interface CmsSignerOptions {
  /** PKCS#8, PKCS#1 or SEC1 in PEM or DER, encrypted or not; or a key that is open already. */
  readonly key: TrustFile | KeyObject;
  /** The signer's certificate; more in the file count as chain. */
  readonly certificate: TrustFile;
  /** CAs between it and the root; a root among them is left out: the receiver must have it. */
  readonly chain?: readonly TrustFile[] | undefined;
  readonly passphrase?: string | undefined;
  /** When it is going to sign: the certificate must be valid then. Default: now. */
  readonly at?: Date | undefined;
}

/**
 * A signer that makes detached CMS signatures (DER, `.p7s`): RSA or ECDSA on P-256 or P-384, SHA-256, with contentType,
 * signingTime, messageDigest and signingCertificateV2. `openssl cms -verify -binary -inform DER` reads them.
 * Throws `key-malformed`, `key-refused` (too weak, wrong passphrase, not the certificate's key, a type CMS lacks) or
 * `signature-untrusted` (the certificate is not for signing, or not valid then).
 */
export async function createCmsSigner(options: CmsSignerOptions): Promise<Signer> {
  const [certificate, ...more] = readCertificates(options.certificate) as readonly [Certificate, ...Certificate[]];
  const chain = [...more, ...(options.chain ?? []).flatMap(readCertificates)].filter((other) => Buffer.compare(other.subject.raw, other.issuer.raw) !== 0);
  const key = 'bytes' in options.key ? readPkcs8(options.key, options.passphrase) : options.key;
  checkKey(key, certificate, 'bytes' in options.key ? options.key.name : certificate.source);
  checkSignerUsage(certificate);
  checkTime(certificate, options.at ?? new Date());
  return {
    format: 'cms',
    keyId: `${certificate.subject.text} (sha256:${certificate.fingerprint})`,
    // oxlint-disable-next-line require-await -- so that errors reject
    async sign(document, { at = new Date(), signal } = {}) {
      throwIfInterrupted(signal, 'signing');
      return signedData(document, key, certificate, chain, at);
    },
  };
}

function checkKey(key: KeyObject, certificate: Certificate, name: string): void {
  const { publicKey } = certificate;
  const weakness = weaknessOf(publicKey);
  const curve = publicKey.asymmetricKeyDetails?.namedCurve;
  const fits = publicKey.asymmetricKeyType === 'rsa' || (publicKey.asymmetricKeyType === 'ec' && (curve === 'prime256v1' || curve === 'secp384r1'));
  if (weakness !== undefined || !fits) throw new ImgkitError('key-refused', `${name}: the key is ${weakness ?? `of a kind (${publicKey.asymmetricKeyType ?? 'unknown'}${curve === undefined ? '' : ` ${curve}`}) that other CMS tools do not read`}; use ECDSA on P-256, or RSA with 3072 bits.`, { file: name });
  if (key.type !== 'private' || !createPublicKey(key).equals(publicKey)) {
    throw new ImgkitError('key-refused', `${name}: is not the private key of the certificate "${certificate.subject.text}" (${certificate.source}); name the two that belong together.`, { file: name });
  }
}

/** Known before anything is written: the receivers would find out, when it is far away. */
function checkTime(certificate: Certificate, at: Date): void {
  const [from, until] = [certificate.notBefore, certificate.notAfter].map(seconds) as [string, string];
  const [expected, found] = [`${from} to ${until}`, seconds(at)];
  if (at < certificate.notBefore) throw untrusted(certificate, `is not valid before ${from}, and it is ${found}`, 'check the clock', { expected, found });
  if (at > certificate.notAfter) throw untrusted(certificate, `expired on ${until}, so nobody would accept what it signs`, 'get a new one from its CA', { expected, found });
}

function signedData(document: Uint8Array, key: KeyObject, certificate: Certificate, chain: readonly Certificate[], at: Date): Uint8Array {
  const sha256 = derSequence(derOid(OID.sha256));
  const algorithm = key.asymmetricKeyType === 'rsa' ? derSequence(derOid(OID.rsaEncryption), DER_NULL) : derSequence(derOid(OID.ecdsaWithSha256));
  const attribute = (oid: string, value: Uint8Array): Uint8Array => derSequence(derOid(oid), der(TAG.set, value));
  const digest = (bytes: Uint8Array): Uint8Array => der(TAG.octetString, createHash('sha256').update(bytes).digest());
  const attributes = [
    attribute(OID.contentType, derOid(OID.data)),
    attribute(OID.signingTime, derTime(at)),
    attribute(OID.messageDigest, digest(document)),
    attribute(OID.signingCertificateV2, derSequence(derSequence(derSequence(digest(certificate.raw))))),
  ];
  // Signed as a SET (0x31), stored under [0]: RFC 5652, 5.4.
  const signature = sign('sha256', derSetOf(attributes), key);
  const { issuer, serial } = certificate;
  const signerInfo = derSequence(
    derInteger(1), derSequence(issuer.raw, der(TAG.integer, Buffer.from(serial, 'hex'))), sha256,
    derSetOf(attributes, 0xa0), algorithm, der(TAG.octetString, signature),
  );
  const unique = new Map([certificate, ...chain].map((each) => [each.fingerprint, each.raw]));
  return derSequence(derOid(OID.signedData), der(0xa0, derSequence(
    derInteger(1), der(TAG.set, sha256), derSequence(derOid(OID.data)),
    derSetOf([...unique.values()], 0xa0), der(TAG.set, signerInfo),
  )));
}
