import { ImgkitError } from '../../../errors.js';
import { describe, type Certificate } from '../../x509/certificate.js';
import { readCertificates } from '../../x509/read-certificates.js';
import type { TrustFile } from '../../trust/trust.js';
import { requireUsable } from '../ocicrypt/layer-keys.js';

/**
 * Certificates of those who shall open a message: RSA of 2048 bits or more, or P-256, valid at `now` and not for signing only. Whom
 * they belong to is not checked: name only those that came from somebody you trust. Throws `key-malformed`, `key-refused`.
 */
export function readCertificateRecipients(files: readonly TrustFile[], now: Date): readonly Certificate[] {
  return files.flatMap((file) => readCertificates(file)).map((certificate) => {
    const { publicKey, notBefore, notAfter, extensions: { keyUsage }, source } = certificate;
    const refuse = (problem: string): ImgkitError => new ImgkitError('key-refused', `${describe(certificate)} ${problem}; ask its owner for another.`, { file: source });
    requireUsable(publicKey, source, 'cms');
    if (now < notBefore || now > notAfter) throw refuse(`is valid from ${notBefore.toISOString()} to ${notAfter.toISOString()} only`);
    const usage = publicKey.asymmetricKeyType === 'rsa' ? 'keyEncipherment' : 'keyAgreement';
    if (keyUsage?.has(usage) === false) throw refuse(`is not for encryption: its key usage lacks ${usage}`);
    return certificate;
  });
}
