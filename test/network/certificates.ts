import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';

/** A certificate with its key, PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface IssueOptions {
  /** Host names and IP addresses. Default: localhost, 127.0.0.1, ::1. */
  readonly names?: readonly string[] | undefined;
  readonly notBefore?: Date | undefined;
  readonly notAfter?: Date | undefined;
}

/** An authority made for a test. */
export interface Authority {
  /** Its certificate, PEM. */
  readonly ca: string;
  issue(options?: IssueOptions): Promise<Identity>;
}

const DAY = 86_400_000;
const makeKeys = promisify(generateKeyPair);

interface Certified {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: forge.pki.rsa.PublicKey;
  readonly signWith: forge.pki.rsa.PrivateKey;
  readonly from: Date;
  readonly until: Date;
  readonly extensions: readonly object[];
}

/** Makes an authority. All its certificates share one key: making keys is what takes time. Nothing touches the disk. */
export async function makeAuthority(name = 'imgkit test authority'): Promise<Authority> {
  const [root, leaf] = await Promise.all([keyPair(), keyPair()]);
  const ca = certify({
    subject: name, issuer: name, publicKey: root.publicKey, signWith: root.privateKey, from: new Date(Date.now() - 2 * DAY), until: new Date(Date.now() + 30 * DAY),
    extensions: [{ name: 'basicConstraints', cA: true, critical: true }, { name: 'keyUsage', keyCertSign: true, critical: true }, { name: 'subjectKeyIdentifier' }],
  });
  return {
    ca,
    async issue({ names = ['localhost', '127.0.0.1', '::1'], notBefore = new Date(Date.now() - DAY), notAfter = new Date(Date.now() + 20 * DAY) } = {}) {
      const cert = certify({
        subject: names[0] ?? 'nobody', issuer: name, publicKey: leaf.publicKey, signWith: root.privateKey, from: notBefore, until: notAfter,
        extensions: [
          { name: 'basicConstraints', cA: false, critical: true },
          { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
          { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
          { name: 'subjectAltName', altNames: names.map((value) => (/^[\d.]+$|:/.test(value) ? { type: 7, ip: value } : { type: 2, value })) },
        ],
      });
      return { cert, key: leaf.pem };
    },
  };
}

async function keyPair(): Promise<{ readonly publicKey: forge.pki.rsa.PublicKey; readonly privateKey: forge.pki.rsa.PrivateKey; readonly pem: string }> {
  const { privateKey, publicKey } = await makeKeys('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
  return { publicKey: forge.pki.publicKeyFromPem(publicKey), privateKey: forge.pki.privateKeyFromPem(privateKey), pem: privateKey };
}

function certify({ subject, issuer, publicKey, signWith, from, until, extensions }: Certified): string {
  const certificate = forge.pki.createCertificate();
  certificate.serialNumber = `01${forge.util.bytesToHex(forge.random.getBytesSync(8))}`;
  certificate.publicKey = publicKey;
  certificate.validity.notBefore = from;
  certificate.validity.notAfter = until;
  certificate.setSubject([{ name: 'commonName', value: subject }]);
  certificate.setIssuer([{ name: 'commonName', value: issuer }]);
  certificate.setExtensions([...extensions]);
  certificate.sign(signWith, forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}
