import { createCipheriv, createDecipheriv, createHash, diffieHellman, type KeyObject } from 'node:crypto';
import { der, derSequence } from '../../x509/der-write.js';
import { KEY_WRAPS } from './cms-oid.js';

/** Initial value of AES key wrap (RFC 3394, 2.2.3.1). */
const WRAP_START = Buffer.alloc(8, 0xa6);

export interface Agreement {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** Of the key derivation. */
  readonly hash: string;
  /** AlgorithmIdentifier of the key wrap, as it stands in the message, and what it names. */
  readonly wrapAlgorithm: Uint8Array;
  readonly wrap: NonNullable<ReturnType<typeof KEY_WRAPS.get>>;
  /** User keying material of the sender. */
  readonly ukm?: Uint8Array | undefined;
}

/** The content key, wrapped with what two EC keys agree on (RFC 5753). */
export function wrapAgreed(contentKey: Uint8Array, agreement: Agreement): Uint8Array {
  const cipher = createCipheriv(agreement.wrap.cipher, keyOf(agreement), WRAP_START);
  return Buffer.concat([cipher.update(contentKey), cipher.final()]);
}

/** The first content key that {@link wrapAgreed} wrapped among `wrapped`; undefined when all are for other keys. */
export function unwrapAgreed(wrapped: Iterable<Uint8Array>, agreement: Agreement): Uint8Array | undefined {
  const key = attempt(() => keyOf(agreement));
  if (key === undefined) return undefined;
  for (const each of wrapped) {
    const found = attempt(() => {
      const cipher = createDecipheriv(agreement.wrap.cipher, key, WRAP_START);
      return Buffer.concat([cipher.update(each), cipher.final()]);
    });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Undefined where the arithmetic refuses: another curve, a wrapping that does not fit. */
function attempt(work: () => Uint8Array): Uint8Array | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** X9.63 key derivation over ECC-CMS-SharedInfo (RFC 5753, 7.1.4 and 7.2). */
function keyOf({ privateKey, publicKey, hash, wrapAlgorithm, wrap: { keyBytes }, ukm }: Agreement): Uint8Array {
  const secret = diffieHellman({ privateKey, publicKey });
  const shared = derSequence(wrapAlgorithm, ...(ukm === undefined ? [] : [der(0xa0, der(0x04, ukm))]), der(0xa2, der(0x04, bigEndian(keyBytes * 8))));
  const blocks: Uint8Array[] = [];
  for (let made = 0, counter = 1; made < keyBytes; counter++) {
    const block = createHash(hash).update(secret).update(bigEndian(counter)).update(shared).digest();
    blocks.push(block);
    made += block.length;
  }
  return Buffer.concat(blocks).subarray(0, keyBytes);
}

function bigEndian(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
