import { constants, verify, type KeyObject } from 'node:crypto';
import { TAG, type DerNode } from './der-node.js';
import { OID } from './oids.js';

export type HashName = 'sha256' | 'sha384' | 'sha512';

/** How something was signed. `hash` is undefined for a bare `rsaEncryption`, where CMS names the hash elsewhere. */
export interface SignatureAlgorithm {
  readonly kind: 'rsa' | 'rsa-pss' | 'ecdsa' | 'ed25519';
  readonly hash: HashName | undefined;
  readonly saltLength?: number | undefined;
}

/** An algorithm that is known to be broken, or not known at all: a sentence part, "md5WithRSA, which is broken". */
export interface RefusedAlgorithm {
  readonly refused: string;
}

const PLAIN: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  [OID.rsaEncryption, { kind: 'rsa', hash: undefined }],
  ['1.2.840.113549.1.1.11', { kind: 'rsa', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { kind: 'rsa', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { kind: 'rsa', hash: 'sha512' }],
  [OID.ecdsaWithSha256, { kind: 'ecdsa', hash: 'sha256' }],
  [OID.ecdsaWithSha384, { kind: 'ecdsa', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { kind: 'ecdsa', hash: 'sha512' }],
  [OID.ed25519, { kind: 'ed25519', hash: undefined }],
]);
const BROKEN: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.2', 'MD2'], ['1.2.840.113549.1.1.3', 'MD4'], ['1.2.840.113549.1.1.4', 'MD5'], ['1.2.840.113549.1.1.5', 'SHA-1'],
  ['1.3.14.3.2.29', 'SHA-1'], ['1.2.840.10045.4.1', 'SHA-1'], ['1.2.840.10040.4.3', 'SHA-1'], [OID.md5, 'MD5'], [OID.sha1, 'SHA-1'],
]);
const HASHES: ReadonlyMap<string, HashName> = new Map([[OID.sha256, 'sha256'], [OID.sha384, 'sha384'], [OID.sha512, 'sha512']]);

/** An AlgorithmIdentifier of a signature. Parameters must be those of its standard. Throws when it is malformed. */
export function readSignatureAlgorithm(node: DerNode): SignatureAlgorithm | RefusedAlgorithm {
  const fields = node.fields();
  const oid = fields.next().oid();
  if (oid === OID.rsaPss) {
    const parameters = fields.next(TAG.sequence);
    fields.end();
    return readPss(parameters);
  }
  const parameters = fields.tag === undefined ? undefined : fields.next();
  fields.end();
  const plain = PLAIN.get(oid);
  if (plain === undefined) return { refused: BROKEN.has(oid) ? `${BROKEN.get(oid)}, which is broken` : `the algorithm ${oid}, which is not accepted here` };
  if (parameters !== undefined && !(plain.kind === 'rsa' && parameters.tag === TAG.null)) throw node.fault('has a signature algorithm with parameters that it does not take');
  return plain;
}

/** An AlgorithmIdentifier of a digest: the name of the hash, or why it is refused. */
export function readHashAlgorithm(node: DerNode): HashName | RefusedAlgorithm {
  const fields = node.fields();
  const oid = fields.next().oid();
  fields.optional(TAG.null);
  fields.end();
  return HASHES.get(oid) ?? { refused: BROKEN.has(oid) ? `${BROKEN.get(oid)}, which is broken` : `the digest ${oid}, which is not accepted here` };
}

export function isRefused(value: SignatureAlgorithm | HashName | RefusedAlgorithm): value is RefusedAlgorithm {
  return typeof value === 'object' && 'refused' in value;
}

/** RSASSA-PSS (RFC 4055): hash, MGF1 with the same hash, and a salt of at least the usual length. */
function readPss(parameters: DerNode): SignatureAlgorithm | RefusedAlgorithm {
  const fields = parameters.fields();
  const hashField = fields.optional(0xa0);
  const maskField = fields.optional(0xa1);
  const salt = fields.optional(0xa2)?.only().number() ?? 20;
  const trailer = fields.optional(0xa3)?.only().number() ?? 1;
  fields.end();
  if (trailer !== 1) throw parameters.fault('has parameters of RSA-PSS with a trailer that does not exist');
  if (hashField === undefined || maskField === undefined) return { refused: 'SHA-1, which is broken' };
  const hash = readHashAlgorithm(hashField.only());
  if (isRefused(hash)) return hash;
  const mask = maskField.only().fields();
  const [maskOid, maskHash] = [mask.next().oid(), mask.next()];
  mask.end();
  if (maskOid !== OID.mgf1 || readHashAlgorithm(maskHash) !== hash) return { refused: 'RSA-PSS with two different hashes, which is not accepted here' };
  if (salt < 20 || salt > 512) return { refused: `RSA-PSS with a salt of ${salt} bytes, which is not accepted here` };
  return { kind: 'rsa-pss', hash, saltLength: salt };
}

/**
 * True when `signature` over `data` was made with the key. The algorithm must belong to the type of the key: a signature
 * that claims another never verifies, whatever its bytes.
 */
export function verifyWith(algorithm: SignatureAlgorithm, hash: HashName, key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  const type = key.asymmetricKeyType;
  try {
    switch (algorithm.kind) {
      case 'rsa':
        return type === 'rsa' && verify(hash, data, { key, padding: constants.RSA_PKCS1_PADDING }, signature);
      case 'rsa-pss':
        return (type === 'rsa' || type === 'rsa-pss') && verify(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: algorithm.saltLength ?? 32 }, signature);
      case 'ecdsa':
        return type === 'ec' && verify(hash, data, { key, dsaEncoding: 'der' }, signature);
      case 'ed25519':
        return type === 'ed25519' && verify(null, data, key, signature);
    }
  } catch {
    return false; // A signature that is no signature at all.
  }
}
