import { createDecipheriv, type Decipher, type DecipherGCM } from 'node:crypto';
import type { ByteSource } from '../../../content/byte-source.js';
import { throwIfInterrupted } from '../../../content/interrupted.js';
import { ImgkitError } from '../../../errors.js';
import { CMS_LIMITS } from '../../../limits.js';
import { TAG, type DerNode } from '../../x509/der-node.js';
import type { LayerIdentity } from '../ocicrypt/layer-keys.js';
import { BerCursor } from './ber-cursor.js';
import { CMS_OID, CONTENT_CIPHERS, GCM_NONCE, GCM_TAG, type ContentCipher } from './cms-oid.js';
import { tooLarge } from './encrypt-cms.js';
import { openContentKey } from './open-content-key.js';

/** Bytes that AES-CBC pads to. */
const CBC_BLOCK = 16;
/** Kinds of RecipientInfo (RFC 5652, 6.2). */
const [SHARED_KEY, PASSWORD] = [0xa2, 0xa3];

export interface DecryptCmsOptions {
  /** For errors. */
  readonly name: string;
  /** Open EnvelopedData too, whose content anybody on the way could have changed. */
  readonly acceptUnauthenticated: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** An encrypted message whose key was found. */
export interface OpenedCms {
  /** False for EnvelopedData: nothing proves its content. */
  readonly authenticated: boolean;
  /** Once. Nothing of it is proven before it has ended: keep it out of sight until then. Throws `ciphertext-malformed`, `limit-exceeded`. */
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * Opens a CMS message: AuthEnvelopedData with AES-GCM, and on request EnvelopedData with AES-CBC; for RSA and EC keys, as
 * `openssl cms -encrypt -outform DER` writes it, with `-stream` or without. Throws `ciphertext-malformed` for a damaged message,
 * `decryption-refused` when no key is meant or nothing proves the content, `limit-exceeded`. The source stays the caller's.
 */
export async function openCms(source: ByteSource, identities: readonly LayerIdentity[], { name, acceptUnauthenticated, signal }: DecryptCmsOptions): Promise<OpenedCms> {
  const cursor = new BerCursor(source, { where: name, code: 'ciphertext-malformed' });
  await cursor.enter(TAG.sequence);
  const authenticated = await readType(cursor, name);
  await cursor.enter(0xa0);
  await cursor.enter(TAG.sequence);
  await cursor.element(16);
  const infos = await cursor.element(CMS_LIMITS.headerBytes);
  requireKeys(infos, name);
  if (!authenticated && !acceptUnauthenticated) throw unauthenticated(name);
  await cursor.enter(TAG.sequence);
  if ((await cursor.element(32)).oid() !== CMS_OID.data) throw cursor.fault('holds something else than plain data');
  const { cipher, nonce } = readAlgorithm(await cursor.element(256), authenticated);
  const key = contentKey(infos, cipher, identities, name);
  const decipher: Decipher = authenticated ? createDecipheriv(cipher.name as 'aes-256-gcm', key, nonce, { authTagLength: GCM_TAG }) : createDecipheriv(cipher.name, key, nonce);
  return { authenticated, content: contentOf(cursor, decipher, { authenticated, name, signal }) };
}

async function* contentOf(cursor: BerCursor, decipher: Decipher, { authenticated, name, signal }: { readonly authenticated: boolean; readonly name: string; readonly signal: AbortSignal | undefined }): AsyncGenerator<Uint8Array, void, undefined> {
  let done = 0;
  for await (const chunk of sealedChunks(cursor, signal)) {
    throwIfInterrupted(signal, `decrypting ${name}`);
    done += chunk.length;
    if (done > CMS_LIMITS.contentBytes + CBC_BLOCK) throw tooLarge(name, done);
    yield decipher.update(chunk);
  }
  await cursor.leave();
  if (authenticated) (decipher as DecipherGCM).setAuthTag(tagOf(await cursor.element(64), cursor));
  // The envelope, what holds it, the message, and the source.
  for (let depth = 4; depth > 0; depth--) await cursor.leave();
  try {
    yield decipher.final();
  } catch (error) {
    throw new ImgkitError('ciphertext-malformed', `${name}: does not match its authentication tag, or its padding; it was damaged or changed, get it again.`, { file: name }, { cause: error });
  }
}

/** True for the kind that proves its content. */
async function readType(cursor: BerCursor, name: string): Promise<boolean> {
  const type = (await cursor.element(32)).oid();
  if (type === CMS_OID.authEnveloped || type === CMS_OID.enveloped) return type === CMS_OID.authEnveloped;
  throw new ImgkitError('ciphertext-malformed', `${name}: is CMS, but not encrypted for anybody (its type is ${type}); name the file that openssl cms -encrypt made.`, { file: name, found: type });
}

function unauthenticated(name: string): ImgkitError {
  return new ImgkitError('decryption-refused', `${name}: nothing in it proves that its content is what was encrypted (CMS EnvelopedData, AES-CBC); ask the sender for openssl cms -encrypt -aes-256-gcm, or take it as it is with --insecure-accept-unauthenticated.`, { file: name, expected: 'AuthEnvelopedData', found: 'EnvelopedData' });
}

function readAlgorithm(node: DerNode, authenticated: boolean): { readonly cipher: ContentCipher; readonly nonce: Uint8Array } {
  const fields = node.fields();
  const type = fields.next().oid();
  const cipher = CONTENT_CIPHERS.get(type);
  if (cipher === undefined || cipher.gcm !== authenticated) throw node.fault(`is encrypted with a cipher that is not read here (${type}, not AES-${authenticated ? 'GCM' : 'CBC'})`);
  if (!cipher.gcm) {
    const nonce = fields.next().octets();
    fields.end();
    if (nonce.length !== CBC_BLOCK) throw node.fault('has an initial value of the wrong length');
    return { cipher, nonce };
  }
  const parameters = fields.next().fields();
  fields.end();
  const nonce = parameters.next().octets();
  const tag = parameters.optional(TAG.integer)?.number();
  parameters.end();
  if (nonce.length !== GCM_NONCE || tag !== GCM_TAG) throw node.fault(`has a nonce or a tag of another length than ${GCM_NONCE} and ${GCM_TAG} bytes`);
  return { cipher, nonce };
}

/** A secret that both sides know opens it, no key of anybody's: no option would help. */
function requireKeys(infos: DerNode, name: string): void {
  const kinds = Array.from(infos.as(TAG.set).children(), ({ tag }) => tag);
  if (kinds.length === 0 || !kinds.every((tag) => tag === PASSWORD || tag === SHARED_KEY)) return;
  throw new ImgkitError('decryption-refused', `${name} is encrypted for ${kinds.includes(PASSWORD) ? 'a passphrase' : 'a shared key'}, which is not read of CMS; ask the sender to encrypt it for your certificate, or for a passphrase with age (imgkit encrypt --passphrase-file).`, { file: name });
}

function contentKey(infos: DerNode, { keyBytes }: ContentCipher, identities: readonly LayerIdentity[], name: string): Uint8Array {
  let recipients = 0;
  for (const info of infos.as(TAG.set).children()) {
    recipients += 1;
    if (recipients > CMS_LIMITS.recipients) throw infos.fault(`names more than ${CMS_LIMITS.recipients} recipients`);
    for (const { key } of identities) {
      const found = openContentKey(info, key);
      if (found?.length === keyBytes) return found;
    }
  }
  const given = identities.length === 0 ? 'give the private key with --identity key.pem' : `none of the given keys is among them (${identities.map(({ label }) => label).slice(0, 5).join(', ')})`;
  throw new ImgkitError('decryption-refused', `${name} is encrypted for ${recipients} ${recipients === 1 ? 'recipient' : 'recipients'}: ${given}.`, { file: name, found: identities.length === 0 ? 'no identity' : undefined });
}

/** The ciphertext: in one piece, or in pieces as a stream is written. Leaves it at its end. */
async function* sealedChunks(cursor: BerCursor, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  const tag = await cursor.tag();
  if (tag !== 0xa0) {
    await cursor.enter(0x80);
    yield* cursor.chunks(signal);
    return cursor.leave();
  }
  await cursor.enter(0xa0);
  while ((await cursor.tag()) !== undefined) {
    await cursor.enter(TAG.octetString);
    yield* cursor.chunks(signal);
    await cursor.leave();
  }
  return cursor.leave();
}

function tagOf(node: DerNode, cursor: BerCursor): Uint8Array {
  if (node.tag !== TAG.octetString) throw cursor.fault('has attributes, which are not read here');
  const tag = node.octets();
  if (tag.length !== GCM_TAG) throw node.fault(`has a tag of another length than ${GCM_TAG} bytes`);
  return tag;
}
