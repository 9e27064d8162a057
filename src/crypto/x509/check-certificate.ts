import { ImgkitError } from '../../errors.js';
import { describe, type Certificate } from './certificate.js';
import { weaknessOf } from './key-strength.js';
import { OID } from './oids.js';
import { isRefused } from './signature-algorithm.js';

/** Purposes of extendedKeyUsage that make a certificate one for signing files. */
const PURPOSES: readonly string[] = [OID.codeSigning, OID.emailProtection, OID.anyExtendedKeyUsage];

/** The error for a certificate that is not believed: code `signature-untrusted`. */
export function untrusted(certificate: Certificate, problem: string, remedy: string, details: { readonly expected?: string; readonly found?: string } = {}): ImgkitError {
  return new ImgkitError('signature-untrusted', `${sentence(describe(certificate))} ${problem}; ${remedy}.`, { file: certificate.source, ...details });
}

/**
 * What every certificate of a chain must fulfil at `at` (RFC 5280, 6.1): valid then, a strong key, nothing critical that is
 * not understood. `anchor` is a root that the receiver put there: its signature is not asked for. Throws `signature-untrusted`.
 */
export function checkCertificate(certificate: Certificate, at: Date, anchor: boolean): void {
  const { notBefore, notAfter, extensions, algorithm } = certificate;
  const [from, until, now] = [notBefore, notAfter, at].map(seconds) as [string, string, string];
  if (at < notBefore) throw untrusted(certificate, `is not valid before ${from}, and it is ${now}`, 'check the clock, or the time given with --at', { expected: `>= ${from}`, found: now });
  if (at > notAfter) throw untrusted(certificate, `expired on ${until}`, 'ask the signer to sign with a current one; --at TIME checks as of another time', { expected: `<= ${until}`, found: now });
  const weakness = weaknessOf(certificate.publicKey);
  if (weakness !== undefined) throw untrusted(certificate, `has a key that is too weak: ${weakness}`, 'ask for one with a stronger key');
  if (extensions.notUnderstood.length > 0) throw untrusted(certificate, `has extensions that must be understood and are not (${extensions.notUnderstood.join(', ')})`, 'ask for one without them');
  if (!anchor && isRefused(algorithm)) throw untrusted(certificate, `is signed with ${algorithm.refused}`, 'ask its CA for one that is signed with SHA-256');
}

/** What a signer's own certificate must be for. Absent usages allow everything (RFC 5280, 4.2.1.3 and 4.2.1.12). Throws `signature-untrusted`. */
export function checkSignerUsage(certificate: Certificate): void {
  const { keyUsage } = certificate.extensions;
  if (keyUsage !== undefined && !keyUsage.has('digitalSignature') && !keyUsage.has('nonRepudiation')) {
    throw untrusted(certificate, 'is not for signing: its key usage lacks digitalSignature', 'ask for one that is', { expected: 'digitalSignature', found: [...keyUsage].join(', ') });
  }
  checkPurpose(certificate);
}

/** What a CA must be to have issued another certificate, with `below` CAs between the two. Throws `signature-untrusted`. */
export function checkIssuerUsage(certificate: Certificate, below: number): void {
  const { ca, pathLength, keyUsage } = certificate.extensions;
  if (!ca) throw untrusted(certificate, 'issued another one but is no CA certificate', 'ask for a chain of CA certificates', { expected: 'CA:TRUE', found: 'CA:FALSE' });
  if (keyUsage !== undefined && !keyUsage.has('keyCertSign')) throw untrusted(certificate, 'may not issue certificates: its key usage lacks keyCertSign', 'ask for one that has it', { expected: 'keyCertSign', found: [...keyUsage].join(', ') });
  if (pathLength !== undefined && below > pathLength) throw untrusted(certificate, `allows ${pathLength} CAs below it, and ${below} are there`, 'ask for a shorter chain', { expected: `<= ${pathLength}`, found: String(below) });
  checkPurpose(certificate);
}

/** A CA with purposes restricts what is below it, as openssl and others read it. */
function checkPurpose(certificate: Certificate): void {
  const { extendedKeyUsage } = certificate.extensions;
  if (extendedKeyUsage === undefined || PURPOSES.some((purpose) => extendedKeyUsage.has(purpose))) return;
  throw untrusted(certificate, 'is for another purpose: its extended key usage has neither codeSigning nor emailProtection', 'ask for one that is for signing', { expected: 'codeSigning or emailProtection', found: [...extendedKeyUsage].join(', ') });
}

export function seconds(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
