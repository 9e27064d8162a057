import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { asn1, pkcs12 } from 'node-forge';
import { ImgkitError } from '../../errors.js';
import { SIGNING_LIMITS } from '../../limits.js';
import type { TrustFile } from '../trust/trust.js';
import { pkcs12Iterations } from './pkcs12-iterations.js';

type Forge = Awaited<typeof import('node-forge')>;

/** What a PKCS#12 file holds for a signer. */
export interface Pkcs12 {
  readonly key: KeyObject;
  /** DER of the certificate of that key. */
  readonly certificate: Uint8Array;
  /** DER of the others, in the order of the file. */
  readonly chain: readonly Uint8Array[];
}

/** True for what begins as a PKCS#12 file does (RFC 7292, PFX): a sequence whose first part is the version 3. */
export function isPkcs12(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x30) return false;
  const length = bytes[1] ?? 0;
  const at = 2 + (length > 0x80 ? length - 0x80 : 0);
  return bytes[at] === 0x02 && bytes[at + 1] === 0x01 && bytes[at + 2] === 0x03;
}

/**
 * Opens a PKCS#12 file as `openssl pkcs12 -export` and key stores of Windows and Java make them: PBES2 with AES, and the older 3DES and RC2.
 * Its MAC is checked first. Throws `key-refused` for a wrong passphrase, for iterations outside `SIGNING_LIMITS`, for more than one key, and
 * when no certificate belongs to the key; `key-malformed` for what is no such file. No text of an error shows anything of the key.
 */
export async function readPkcs12({ name, bytes }: TrustFile, passphrase: string | undefined): Promise<Pkcs12> {
  const { default: forge } = (await import('node-forge')) as unknown as { default: Forge };
  const pfx = parse(forge, bytes, name);
  requireIterations(pkcs12Iterations(pfx, (nested) => parseNested(forge, nested)), name);
  const bags = open(forge, pfx, passphrase, name).safeContents.flatMap(({ safeBags }) => safeBags);
  const { oids } = forge.pki;
  const keys = bags.filter(({ type }) => type === oids['keyBag'] || type === oids['pkcs8ShroudedKeyBag']);
  if (keys.length !== 1) throw refused(name, `holds ${keys.length} private keys instead of one; export the one to sign with into a file of its own`);
  const key = privateKey(forge, keys[0] as pkcs12.Bag, name);
  const certificates = bags.filter(({ type }) => type === oids['certBag']).map((bag) => der(forge, bag.cert === undefined || bag.cert === null ? bag.asn1 : forge.pki.certificateToAsn1(bag.cert)));
  const own = certificates.find((each) => belongs(each, key));
  if (own === undefined) throw refused(name, 'holds no certificate of its key; export both together: openssl pkcs12 -export -inkey KEY -in CERT');
  return { key, certificate: own, chain: certificates.filter((each) => each !== own) };
}

function parse(forge: Forge, bytes: Uint8Array, name: string): asn1.Asn1 {
  try {
    return forge.asn1.fromDer(forge.util.createBuffer(Buffer.from(bytes).toString('binary')), true);
  } catch {
    throw malformed(name);
  }
}

function parseNested(forge: Forge, bytes: string): asn1.Asn1 | undefined {
  try {
    return forge.asn1.fromDer(forge.util.createBuffer(bytes), true);
  } catch {
    return undefined;
  }
}

function open(forge: Forge, pfx: asn1.Asn1, passphrase: string | undefined, name: string): pkcs12.Pkcs12Pfx {
  try {
    return forge.pkcs12.pkcs12FromAsn1(pfx, true, passphrase ?? '');
  } catch (error) {
    // What forge says may quote the input; a wrong passphrase is told by the MAC, or by what decrypting gives.
    const text = error instanceof Error ? error.message : '';
    if (!/MAC could not be verified|password|decrypt|unpad|padding/i.test(text)) throw malformed(name);
    const ascii = passphrase === undefined || /^[\x20-\x7e]*$/.test(passphrase);
    throw refused(name, passphrase === undefined ? 'has a passphrase; give it with --passphrase-file' : `the passphrase does not open it${ascii ? '' : ' (letters outside ASCII mean other bytes to other tools: export it with plain ones)'}; give the right one with --passphrase-file`);
  }
}

function privateKey(forge: Forge, { key, asn1: raw }: pkcs12.Bag, name: string): KeyObject {
  try {
    const value = key === undefined || key === null ? raw : forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(key));
    return createPrivateKey({ key: der(forge, value), format: 'der', type: 'pkcs8' });
  } catch {
    throw malformed(name);
  }
}

function der(forge: Forge, value: asn1.Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(value).getBytes(), 'binary');
}

function belongs(certificate: Uint8Array, key: KeyObject): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(key);
  } catch {
    return false;
  }
}

function requireIterations(counts: readonly number[], name: string): void {
  const { leastPkcs12Iterations: least, mostPkcs12Iterations: most } = SIGNING_LIMITS;
  const wrong = counts.find((count) => !(count >= least && count <= most));
  if (wrong !== undefined) throw refused(name, `stretches its passphrase ${wrong} times, and ${least} to ${most} are accepted; export it again: openssl pkcs12 -export -iter 600000`);
}

function refused(name: string, problem: string): ImgkitError {
  return new ImgkitError('key-refused', `${name}: ${problem}.`, { file: name });
}

function malformed(name: string): ImgkitError {
  return new ImgkitError('key-malformed', `${name}: is no PKCS#12 file, or a damaged one; export it again.`, { file: name });
}
