import { openCms } from '../../../../src/crypto/encrypt/cms/decrypt-cms.js';
import { prepareCms } from '../../../../src/crypto/encrypt/cms/encrypt-cms.js';
import { readCertificate } from '../../../../src/crypto/x509/certificate.js';
import { keyUsage } from '../../../../src/crypto/x509/write-extensions.js';
import { collect, inPieces } from '../../../content/bytes.js';
import { memorySource } from '../../../tar/memory-source.js';
import { makeSigner, p256, rsa, type Party } from '../../pki.js';

/** Owners of certificates for encryption. */
export const PARTIES = {
  rsa: makeSigner({ name: 'RSA', keys: rsa(2048), extensions: [keyUsage(2)] }),
  ec: makeSigner({ name: 'P-256', keys: p256(), extensions: [keyUsage(4)] }),
  other: makeSigner({ name: 'Other', keys: p256(), extensions: [keyUsage(4)] }),
} as const;

/** A message for `parties`. */
export function sealed(content: Uint8Array, parties: readonly Party[], piece?: number): Promise<Buffer> {
  const cms = prepareCms(parties.map(({ certificate, name }) => readCertificate(certificate.bytes, name)));
  return collect(cms.encrypt(inPieces(content, piece), content.length, { name: 'test' }));
}

/** What `party` reads in a message. */
export async function opened(message: Uint8Array, { key, name }: Party, acceptUnauthenticated = false): Promise<Buffer> {
  const { content } = await openCms(memorySource(message, 'test'), [{ key, label: name }], { name: 'test', acceptUnauthenticated });
  return collect(content);
}
