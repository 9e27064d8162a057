import { ImgkitError } from '../../errors.js';
import { DER_LIMITS } from '../../limits.js';
import type { TrustFile } from '../trust/trust.js';
import { readCertificate, type Certificate } from './certificate.js';
import { derFault } from './der-check.js';
import { readPem } from './pem.js';

const LABELS: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE']);

/** Every certificate of a PEM file, or the one of a DER file. Throws `key-malformed` when there is none, or one cannot be read. */
export function readCertificates({ name, bytes }: TrustFile): readonly Certificate[] {
  const context = { where: name, code: 'key-malformed' } as const;
  const blocks = readPem(bytes, context);
  if (blocks.length > DER_LIMITS.certificates) {
    throw new ImgkitError('limit-exceeded', `${name}: holds ${blocks.length} certificates, more than the ${DER_LIMITS.certificates} that are read; leave only those that are needed in it.`, { file: name });
  }
  if (blocks.length === 0) {
    if (bytes[0] !== 0x30) throw derFault(context, 'holds no certificate, neither as PEM nor as DER');
    return [readCertificate(bytes, name)];
  }
  const wrong = blocks.find(({ label }) => !LABELS.has(label));
  if (wrong !== undefined) throw new ImgkitError('key-malformed', `${name}: holds a PEM block "${wrong.label}" where only certificates belong; leave it out.`, { file: name, expected: 'CERTIFICATE', found: wrong.label });
  return blocks.map(({ bytes: der }, i) => readCertificate(der, blocks.length === 1 ? name : `${name}, certificate ${i + 1}`));
}
