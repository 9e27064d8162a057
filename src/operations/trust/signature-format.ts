import type { SignatureFormat, VerifySignature } from '../../crypto/sign/signature.js';

/** What kind of signature file these bytes are, by how they begin; undefined when they are none. The name of a file proves nothing. */
export function signatureFormatOf(bytes: Uint8Array): SignatureFormat | undefined {
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  if (start.startsWith('-----BEGIN SSH SIGNATURE-----')) return 'ssh';
  if (start.startsWith('untrusted comment:')) return 'minisign';
  if (start.startsWith('{')) return 'cosign';
  if (start.startsWith('-----BEGIN CMS-----') || start.startsWith('-----BEGIN PKCS7-----') || bytes[0] === 0x30 && (bytes[1] ?? 0) >= 0x80) return 'cms';
  return /^[A-Za-z0-9+/]{16,}={0,2}\r?\n?$/.test(start) ? 'cosign' : undefined;
}

/** The verifier of a format, loaded when it is met. */
export async function verifierOf(format: SignatureFormat): Promise<VerifySignature> {
  switch (format) {
    case 'ssh': return (await import('../../crypto/sign/verify-ssh.js')).verifySsh;
    case 'minisign': return (await import('../../crypto/sign/verify-minisign.js')).verifyMinisign;
    case 'cosign': return (await import('../../crypto/sign/verify-cosign.js')).verifyCosignBlob;
    case 'cms': return (await import('../../crypto/sign/cms/verify-cms.js')).verifyCms;
  }
}
