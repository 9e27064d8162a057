import { derOid } from '../../x509/der-write.js';
import { CMS_OID } from './cms-oid.js';

const CMS_HEAD = 32;
const TYPES = [CMS_OID.authEnveloped, CMS_OID.enveloped].map((oid) => Buffer.from(derOid(oid)));

/** True for the start of encrypted CMS, as DER or BER. */
export function isCms(head: Uint8Array): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, CMS_HEAD));
  const length = bytes[1] ?? 0;
  const at = length > 0x80 ? 2 + length - 0x80 : 2;
  return bytes[0] === 0x30 && TYPES.some((type) => bytes.subarray(at, at + type.length).equals(type));
}
