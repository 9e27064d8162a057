import { createHash } from 'node:crypto';
import { ImgkitError } from '../../../errors.js';
import { keyThumbprint } from '../../keys/key-thumbprint.js';
import type { Trust } from '../../trust/trust.js';
import { buildChain, type ChainMaterial } from '../../x509/build-chain.js';
import { describe, type Certificate } from '../../x509/certificate.js';
import { untrusted } from '../../x509/check-certificate.js';
import { hasIdentity, identitiesOf, otherNamesOf } from '../../x509/identity.js';
import { weaknessOf } from '../../x509/key-strength.js';
import { OID } from '../../x509/oids.js';
import { isRefused, verifyWith, type HashName } from '../../x509/signature-algorithm.js';
import { refuseFuture } from '../claimed-time.js';
import type { VerifiedSignature } from '../signature.js';
import { couldBeAttributes } from './signed-attributes.js';
import type { SignerInfo } from './signer-info.js';

/** Checks one signer of a CMS signature over `document`; see `verifyCms`. */
export function verifySigner(document: Uint8Array, signer: SignerInfo, material: ChainMaterial, trust: Trust, name: string): VerifiedSignature {
  const { attributes, algorithm, hash } = signer;
  if (isRefused(hash)) throw refused(name, hash.refused);
  if (isRefused(algorithm)) throw refused(name, algorithm.refused);
  if (algorithm.kind === 'ed25519') throw refused(name, 'Ed25519, which other CMS tools do not read');
  if (algorithm.hash !== undefined && algorithm.hash !== hash) throw invalid(name, `names two hashes, ${hash} and ${algorithm.hash}`);
  const certificate = signerCertificate(signer, [...material.intermediates, ...material.roots], name);
  const weakness = weaknessOf(certificate.publicKey);
  if (weakness !== undefined) throw untrusted(certificate, `has a key that is too weak: ${weakness}`, 'ask for one with a stronger key');
  const signed = attributes === undefined ? withoutAttributes(document, name) : withAttributes(document, attributes, hash, certificate, name);
  if (!verifyWith(algorithm, hash, certificate.publicKey, signed, signer.signature)) {
    throw invalid(name, `was not made with the key of ${describe(certificate)}${attributes === undefined ? ' over this content' : ', or was changed'}`);
  }
  const chain = buildChain(certificate, material, trust);
  const claimedAt = attributes?.signingTime;
  refuseFuture(claimedAt, trust.at, name);
  if (trust.identity !== undefined && !hasIdentity(certificate, trust.identity)) {
    throw untrusted(certificate, `does not belong to ${trust.identity}, but to ${identitiesOf(certificate)[0]}`, 'ask for the signature of the one you expect', { expected: trust.identity, found: identitiesOf(certificate).join(', ') });
  }
  const keyId = `${certificate.subject.text} (sha256:${certificate.fingerprint})`;
  const others = otherNamesOf(certificate);
  return { format: 'cms', keyId, thumbprint: keyThumbprint(certificate.publicKey), identity: trust.identity ?? identitiesOf(certificate)[0], ...(others.length > 0 && trust.identity === undefined ? { names: others } : {}), claimedAt, notes: chain.notes };
}

function signerCertificate({ id }: SignerInfo, certificates: readonly Certificate[], name: string): Certificate {
  const found = certificates.find(({ issuer, serial, extensions }) => ('keyId' in id
    ? extensions.subjectKeyId !== undefined && Buffer.compare(extensions.subjectKeyId, id.keyId) === 0
    : serial === id.serial && Buffer.compare(issuer.raw, id.issuer) === 0));
  if (found !== undefined) return found;
  const wanted = 'keyId' in id ? `key identifier ${Buffer.from(id.keyId).toString('hex')}` : `serial number ${id.serial}`;
  throw new ImgkitError('signature-untrusted', `${name}: the certificate of the signer (${wanted}) is neither in the signature nor trusted; ask for a signature that carries it, or add it to the trust folder under intermediates.`, { file: name, expected: wanted });
}

function withAttributes(document: Uint8Array, attributes: NonNullable<SignerInfo['attributes']>, hash: HashName, certificate: Certificate, name: string): Uint8Array {
  if (attributes.contentType !== OID.data) throw invalid(name, 'was made for content of another type');
  const digest = createHash(hash).update(document).digest();
  if (Buffer.compare(digest, attributes.messageDigest) !== 0) {
    if (Buffer.compare(createHash(hash).update(asMailText(document)).digest(), attributes.messageDigest) === 0) {
      throw new ImgkitError('signature-invalid', `${name}: is over the content as the text of a mail, with other line ends; have it signed as it is: openssl cms -sign -binary.`, { file: name });
    }
    throw new ImgkitError('signature-invalid', `${name}: does not fit the content: it was changed after it was signed, or the signature belongs to something else; transfer both again.`, {
      file: name, expected: `${hash}:${Buffer.from(attributes.messageDigest).toString('hex')}`, found: `${hash}:${digest.toString('hex')}`,
    });
  }
  const named = attributes.certificate;
  if (named !== undefined) {
    if (isRefused(named.hash)) throw refused(name, named.hash.refused);
    if (Buffer.compare(createHash(named.hash).update(certificate.raw).digest(), named.digest) !== 0) throw invalid(name, 'was made with another certificate than the one that comes with it');
  }
  return attributes.signed;
}

/** What openssl signs unless it is told `-binary`. */
function asMailText(document: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(document).toString('latin1').replaceAll(/\r?\n/g, '\r\n'), 'latin1');
}

/**
 * A signature without attributes is over the content itself. Signed attributes are signed as DER, so who has a signature
 * *with* attributes could present these as content: content that can be read as attributes is refused.
 */
function withoutAttributes(document: Uint8Array, name: string): Uint8Array {
  if (!couldBeAttributes(document)) return document;
  throw invalid(name, 'has no signed attributes, and the content could be the attributes of another signature');
}

function invalid(name: string, problem: string): ImgkitError {
  return new ImgkitError('signature-invalid', `${name}: ${problem}; transfer it again, and if it stays so, do not use what it signs.`, { file: name });
}

function refused(name: string, what: string): ImgkitError {
  return new ImgkitError('signature-untrusted', `${name}: is made with ${what}; ask the signer for SHA-256 with RSA or ECDSA.`, { file: name, found: what });
}
