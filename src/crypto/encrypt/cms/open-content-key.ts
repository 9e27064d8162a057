import { constants, createPublicKey, privateDecrypt, type KeyObject } from 'node:crypto';
import { CMS_LIMITS } from '../../../limits.js';
import { readDer, TAG, type DerNode } from '../../x509/der-node.js';
import { der, derSequence } from '../../x509/der-write.js';
import { unpadRsa } from '../unpad-rsa.js';
import { CMS_OID, ECDH_HASHES, KEY_WRAPS, OAEP_HASHES } from './cms-oid.js';
import { unwrapAgreed } from './key-agreement.js';

const AGREEMENT = 0xa1;

/** The content key in a RecipientInfo (RFC 5652, 6.2); undefined when it is for another key, or of a kind that is not read. Throws the error of the node's context. */
export function openContentKey(info: DerNode, key: KeyObject): Uint8Array | undefined {
  if (info.tag === TAG.sequence) return key.asymmetricKeyType === 'rsa' ? transported(info, key) : undefined;
  return info.tag === AGREEMENT && key.asymmetricKeyType === 'ec' ? agreed(info, key) : undefined;
}

function transported(info: DerNode, key: KeyObject): Uint8Array | undefined {
  const fields = info.fields();
  fields.next(TAG.integer);
  fields.next();
  const algorithm = fields.next().fields();
  const sealed = fields.next().octets();
  fields.end();
  const type = algorithm.next().oid();
  if (type === CMS_OID.rsa) return unpadRsa(key, sealed);
  const hash = type === CMS_OID.rsaOaep ? oaepHash(algorithm.optional(TAG.sequence)) : undefined;
  if (hash === undefined) return undefined;
  try {
    return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash }, sealed);
  } catch {
    return undefined;
  }
}

/** RSAES-OAEP-params (RFC 4055, 4.1): both hashes must be the same and the label empty, as everybody writes it. */
function oaepHash(parameters: DerNode | undefined): string | undefined {
  const fields = parameters?.fields();
  const hash = fields?.optional(0xa0)?.only();
  const mask = fields?.optional(0xa1)?.only().fields();
  const label = fields?.optional(0xa2);
  fields?.end();
  if (mask !== undefined && mask.next().oid() !== CMS_OID.mgf1) return undefined;
  const [first, second] = [hash, mask?.next()].map((node) => (node === undefined ? 'sha1' : OAEP_HASHES.get(node.fields().next().oid())));
  return label === undefined && first === second ? first : undefined;
}

function agreed(info: DerNode, key: KeyObject): Uint8Array | undefined {
  const fields = info.fields(AGREEMENT);
  fields.next(TAG.integer);
  const originator = fields.next(0xa0).only();
  const ukm = fields.optional(0xa1)?.only().octets();
  const algorithm = fields.next().fields();
  const recipients = fields.next(TAG.sequence);
  fields.end();
  const hash = ECDH_HASHES.get(algorithm.next().oid());
  const wrapAlgorithm = algorithm.next(TAG.sequence);
  const wrap = KEY_WRAPS.get(wrapAlgorithm.fields().next().oid());
  // Another originator is named by a certificate, which is not here.
  if (hash === undefined || wrap === undefined || originator.tag !== AGREEMENT) return undefined;
  const sender = originator.fields(AGREEMENT);
  sender.next(TAG.sequence);
  const publicKey = onCurveOf(key, sender.next().bits());
  if (publicKey === undefined) return undefined;
  return unwrapAgreed(wrappedKeys(recipients), { privateKey: key, publicKey, hash, wrapAlgorithm: wrapAlgorithm.raw, wrap, ukm });
}

function* wrappedKeys(recipients: DerNode): Generator<Uint8Array, void, undefined> {
  let count = 0;
  for (const recipient of recipients.children()) {
    count += 1;
    if (count > CMS_LIMITS.recipients) throw recipients.fault(`names more than ${CMS_LIMITS.recipients} recipients`);
    const parts = recipient.fields();
    parts.next();
    yield parts.next().octets();
  }
}

/** The public key of a point on the curve of `key`, where the two must be; undefined when it is none there. */
function onCurveOf(key: KeyObject, point: Uint8Array): KeyObject | undefined {
  const [algorithm] = readDer(createPublicKey(key).export({ format: 'der', type: 'spki' }), { where: 'a key', code: 'key-malformed' }, 1024).children();
  const spki = derSequence((algorithm as DerNode).raw, der(TAG.bitString, Uint8Array.of(0), point));
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}
