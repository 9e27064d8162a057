import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
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
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const { asn1 } = forge;
/** Its types leave one out. */
const pki = forge.pki as typeof forge.pki & { getTBSCertificate(certificate: forge.pki.Certificate): forge.asn1.Asn1 };

interface Certified {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signWith: KeyObject;
  readonly from: Date;
  readonly until: Date;
  readonly extensions: readonly object[];
}

/** Makes an authority with keys on P-256, which take no time; nothing touches the disk. */
export async function makeAuthority(name = 'imgkit test authority'): Promise<Authority> {
  const root = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ca = certify({
    subject: name, issuer: name, publicKey: root.publicKey, signWith: root.privateKey, from: new Date(Date.now() - 2 * DAY), until: new Date(Date.now() + 30 * DAY),
    extensions: [{ name: 'basicConstraints', cA: true, critical: true }, { name: 'keyUsage', keyCertSign: true, critical: true }],
  });
  return {
    ca,
    async issue({ names = ['localhost', '127.0.0.1', '::1'], notBefore = new Date(Date.now() - DAY), notAfter = new Date(Date.now() + 20 * DAY) } = {}) {
      const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const cert = certify({
        subject: names[0] ?? 'nobody', issuer: name, publicKey: own.publicKey, signWith: root.privateKey, from: notBefore, until: notAfter,
        extensions: [
          { name: 'basicConstraints', cA: false, critical: true },
          { name: 'keyUsage', digitalSignature: true, critical: true },
          { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
          { name: 'subjectAltName', altNames: names.map((value) => (/^[\d.]+$|:/.test(value) ? { type: 7, ip: value } : { type: 2, value })) },
        ],
      });
      return { cert, key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    },
  };
}

/** node-forge only knows RSA: it makes the rest of the certificate, and key, algorithm and signature are put in. */
function certify({ subject, issuer, publicKey, signWith, from, until, extensions }: Certified): string {
  const certificate = pki.createCertificate();
  certificate.serialNumber = `01${forge.util.bytesToHex(forge.random.getBytesSync(8))}`;
  certificate.publicKey = pki.setRsaPublicKey(new forge.jsbn.BigInteger('3'), new forge.jsbn.BigInteger('3'));
  certificate.signatureOid = ECDSA_WITH_SHA256;
  certificate.siginfo.algorithmOid = ECDSA_WITH_SHA256;
  certificate.validity.notBefore = from;
  certificate.validity.notAfter = until;
  certificate.setSubject([{ name: 'commonName', value: subject }]);
  certificate.setIssuer([{ name: 'commonName', value: issuer }]);
  certificate.setExtensions([...extensions]);
  const fields = pki.getTBSCertificate(certificate);
  const parts = fields.value as forge.asn1.Asn1[];
  const algorithm = sequence(asn1.create(asn1.Class.UNIVERSAL, asn1.Type.OID, false, asn1.oidToDer(ECDSA_WITH_SHA256).getBytes()));
  parts[2] = algorithm;
  parts[6] = asn1.fromDer(publicKey.export({ type: 'spki', format: 'der' }).toString('binary'));
  const signature = sign('sha256', toDer(fields), signWith).toString('binary');
  const whole = sequence(fields, algorithm, asn1.create(asn1.Class.UNIVERSAL, asn1.Type.BITSTRING, false, `\0${signature}`));
  return `-----BEGIN CERTIFICATE-----\n${toDer(whole).toString('base64').replaceAll(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}

function sequence(...parts: readonly forge.asn1.Asn1[]): forge.asn1.Asn1 {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [...parts]);
}

function toDer(value: forge.asn1.Asn1): Buffer {
  return Buffer.from(asn1.toDer(value).getBytes(), 'binary');
}
