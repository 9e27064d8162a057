import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Keys, certificates, signatures and encrypted files that ssh-keygen, age, minisign, gpg, openssl, bzip2, xz and imgkit made, for these tests alone. */
export type SeedName =
  | 'root.crt' | 'sub.crt' | 'signer.crt' | 'rsa.crt' | 'root.crl' | 'doc.p7s' | 'krl' | 'locked' | 'id.txt' | 'doc.age' | 'doc.armor' | 'm.pub' | 'm.key'
  | 'doc.minisig' | 'rsa.key' | 'cosign.pub' | 'doc.sigstore.json' | 'layer.jwe' | 'layer.pkcs7' | 'doc.p7m' | 'doc-cbc.p7m'
  | 'signer.p12' | 'text.bz2' | 'text.xz' | 'gpg.sig' | 'gpg-zip.sig' | 'gpg.asc' | 'gpg.gpg' | 'many.age' | 'pass.age' | 'doc-ec.p7m' | 'ec.key';

export type Seeds = (name: SeedName) => Buffer;

/** Reads them all; they do not change, so a case is the same everywhere. */
export function readSeeds(): Seeds {
  const values = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../../test/fixtures/fuzz/seeds.json'), 'utf8')) as Record<SeedName, string>;
  return (name) => Buffer.from(values[name], 'base64');
}
