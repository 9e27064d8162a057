import { createCipheriv, randomBytes } from 'node:crypto';
import { throwIfInterrupted } from '../../../content/interrupted.js';
import { ImgkitError } from '../../../errors.js';
import { CMS_LIMITS } from '../../../limits.js';
import type { Certificate } from '../../x509/certificate.js';
import { der, derHeader, derInteger, derOid, derSequence, derSetOf } from '../../x509/der-write.js';
import { CMS_OID, GCM_NONCE, GCM_TAG } from './cms-oid.js';
import { sealContentKey } from './seal-content-key.js';

/** The authentication tag, as the last element. */
const TAG_ELEMENT = 2 + GCM_TAG;

/** A content key, sealed for its recipients: encrypts one content of known size. */
export interface CmsEncryption {
  /** Bytes of the message over `plainSize` bytes of content. */
  size(plainSize: number): number;
  /** The message over `chunks`, which must be `plainSize` bytes. Once: the same key must not encrypt two contents. */
  encrypt(chunks: AsyncIterable<Uint8Array>, plainSize: number, options: { readonly name: string; readonly signal?: AbortSignal | undefined }): AsyncIterable<Uint8Array>;
}

/**
 * Makes CMS AuthEnvelopedData (RFC 5083) with AES-256-GCM for the owners of `certificates`: `openssl cms -decrypt` (3.0 and
 * later) opens it, and notices a changed byte. Constant memory here, but not there: hence the limit. Throws `usage`.
 */
export function prepareCms(certificates: readonly Certificate[]): CmsEncryption {
  if (certificates.length === 0) throw new ImgkitError('usage', 'There is nobody to encrypt for; name a certificate (-r cert.pem).');
  if (certificates.length > CMS_LIMITS.recipients) throw new ImgkitError('usage', `There are ${certificates.length} recipients; at most ${CMS_LIMITS.recipients} fit into one message: encrypt for fewer, or write a second file for the others.`);
  const key = randomBytes(32);
  const nonce = randomBytes(GCM_NONCE);
  const recipients = derSetOf(certificates.map((certificate) => sealContentKey(key, certificate)));
  const algorithm = derSequence(derOid(CMS_OID.aes256Gcm), derSequence(der(0x04, nonce), derInteger(GCM_TAG)));
  let used = false;
  return {
    size: (plainSize) => around(recipients, algorithm, plainSize).length + plainSize + TAG_ELEMENT,
    async *encrypt(chunks, plainSize, { name, signal }) {
      if (used) throw new TypeError('a content key encrypts one content only');
      used = true;
      if (plainSize > CMS_LIMITS.contentBytes) throw tooLarge(name, plainSize);
      yield around(recipients, algorithm, plainSize);
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: GCM_TAG });
      key.fill(0);
      let done = 0;
      for await (const chunk of chunks) {
        throwIfInterrupted(signal, `encrypting ${name}`);
        done += chunk.length;
        if (done > plainSize) break;
        yield cipher.update(chunk);
      }
      if (done !== plainSize) throw new ImgkitError('io-failed', `${name}: changed while it was read: it had ${plainSize} bytes, then ${done > plainSize ? 'more' : done}; encrypt it again when nobody writes to it.`, { file: name });
      cipher.final();
      yield der(0x04, cipher.getAuthTag());
    },
  };
}

/** The error for content that `openssl cms` could not open. */
export function tooLarge(name: string, found: number): ImgkitError {
  const [expected, text] = [`at most ${CMS_LIMITS.contentBytes} bytes`, `${found} bytes`];
  return new ImgkitError('limit-exceeded', `${name}: has ${text}, and as CMS ${expected} are encrypted, because openssl holds all of it in memory to open it; encrypt it as an age file instead (leave --format out).`, { file: name, expected, found: text });
}

/** Everything before the ciphertext, from the inside outwards: each header counts what it holds, ciphertext and tag too. */
function around(recipients: Uint8Array, algorithm: Uint8Array, plainSize: number): Uint8Array {
  const after = plainSize + TAG_ELEMENT;
  const content = headed(0x30, plainSize, derOid(CMS_OID.data), algorithm, derHeader(0x80, plainSize));
  const envelope = headed(0x30, after, derInteger(0), recipients, content);
  return headed(0x30, after, derOid(CMS_OID.authEnveloped), headed(0xa0, after, envelope));
}

/** The start of an element: its header, and those of its parts that come before the last `after` bytes. */
function headed(tag: number, after: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const inside = Buffer.concat(parts);
  return Buffer.concat([derHeader(tag, inside.length + after), inside]);
}
