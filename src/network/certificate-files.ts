import { readFile } from 'node:fs/promises';
import { readSecretFile, readSecretLine } from '../content/secret-file.js';
import { fromSystemError, ImgkitError } from '../errors.js';
import type { NetworkOptions } from './network-options.js';

/** What the files hold that a TLS connection is made with; {@link trustContext} makes it usable. */
export interface CertificateFiles {
  /** Authorities that are trusted besides the default ones, PEM. */
  readonly ca?: string;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly passphrase?: string;
}

/**
 * Reads the files that `network` names: `ca`, client certificate and key.
 * Throws `file-not-found`, `key-malformed`, `key-exposed` (a key that others can read), `key-refused` (wrong passphrase), `usage`.
 */
export async function readCertificateFiles(network: NetworkOptions): Promise<CertificateFiles> {
  const { ca, clientCert, clientKey, keyPassphraseFile } = network;
  if ((clientCert === undefined) !== (clientKey === undefined)) {
    throw new ImgkitError('usage', clientKey === undefined ? 'A client certificate needs its key too: --client-key FILE.' : 'A client key needs its certificate too: --client-cert FILE.');
  }
  const files: CertificateFiles = {
    ...(ca !== undefined && { ca: await readPem(ca, 'authority certificates') }),
    ...(clientCert !== undefined && { cert: Buffer.from(await readPem(clientCert, 'a client certificate')) }),
    ...(clientKey !== undefined && { key: await readSecretFile(clientKey, { what: 'the client key' }) }),
    ...(clientKey !== undefined && keyPassphraseFile !== undefined && { passphrase: await readSecretLine(keyPassphraseFile, 'the passphrase file') }),
  };
  if (clientCert !== undefined && clientKey !== undefined) await checkClientKey(files, clientCert, clientKey);
  return files;
}

async function readPem(path: string, what: string): Promise<string> {
  const { X509Certificate } = await import('node:crypto');
  const text = await readFile(path, 'latin1').catch((error: unknown) => { throw fromSystemError(error, path, `reading ${what}`); });
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    blocks.forEach((block) => new X509Certificate(block));
  } catch (error) {
    throw new ImgkitError('key-malformed', `${path}: a certificate in it is damaged; get a fresh copy.`, { file: path }, { cause: error });
  }
  if (blocks.length === 0) throw new ImgkitError('key-malformed', `${path}: should hold ${what} in PEM form (-----BEGIN CERTIFICATE-----), and holds none; convert it: openssl x509 -inform der -in FILE -out FILE.pem.`, { file: path });
  return text;
}

async function checkClientKey({ cert, key, passphrase }: CertificateFiles, certFile: string, keyFile: string): Promise<void> {
  const { createPrivateKey, X509Certificate } = await import('node:crypto');
  let privateKey;
  try {
    privateKey = createPrivateKey({ key: key ?? '', ...(passphrase !== undefined && { passphrase }) });
  } catch (error) {
    if (/ENCRYPTED/.test(key?.toString('latin1') ?? '')) {
      const why = passphrase === undefined ? 'needs a passphrase: --key-passphrase-file FILE' : 'has another passphrase than the one given; try another';
      throw new ImgkitError('key-refused', `${keyFile}: the client key ${why}.`, { file: keyFile }, { cause: error });
    }
    throw new ImgkitError('key-malformed', `${keyFile}: is no private key in PEM form (-----BEGIN PRIVATE KEY-----); name another file, or convert it with openssl pkey.`, { file: keyFile }, { cause: error });
  }
  if (!new X509Certificate(cert ?? '').checkPrivateKey(privateKey)) throw new ImgkitError('key-refused', `${keyFile}: is not the key of the certificate in ${certFile}; name the two files that belong together.`, { file: keyFile });
}
