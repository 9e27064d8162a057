import { verify } from 'node:crypto';
import { ImgkitError } from '../../errors.js';
import { blake2b512 } from '../keys/blake2b.js';
import { keyThumbprint } from '../keys/key-thumbprint.js';
import { minisignKeyId } from '../keys/minisign-comment.js';
import { parseMinisignPublicKey } from '../keys/minisign-public-key.js';
import { describeTrusted } from '../trust/describe-trusted.js';
import { refuseFuture } from './claimed-time.js';
import { decodeMinisignFile, MINISIGN } from './minisign-file.js';
import { keyFileIdentities } from './key-file-identity.js';
import type { VerifiedSignature, VerifySignature } from './signature.js';

/**
 * Checks a minisign signature: over the BLAKE2b-512 of the document, and the global one over signature and trusted comment. The
 * key must be one of `trust.minisign`: gives one for each file that holds it. Legacy signatures (`Ed`) are not accepted. The untrusted comment is protected by
 * nothing and so not looked at; the time in the trusted one must not be in the future. minisign knows no names: with
 * `trust.identity`, the name of the key file must be that, with or without its ending. Throws as {@link VerifySignature}, and `key-malformed`.
 */
export async function verifyMinisign(...[document, bytes, trust, name]: Parameters<VerifySignature>): Promise<readonly VerifiedSignature[]> {
  const file = decodeMinisignFile(bytes, name);
  const keyId = minisignKeyId(file.id);
  const untrusted = (problem: string): ImgkitError => new ImgkitError('signature-untrusted', `${name}: the minisign signature by ${keyId} ${problem}`, { file: name, found: keyId });
  const keys = trust.minisign.map(parseMinisignPublicKey).filter(({ id }) => Buffer.from(id).equals(file.id));
  if (keys.length === 0) throw untrusted(`is by a key that is not trusted (${describeTrusted(trust)}); if you know whose it is, name their minisign public key with --key.`);
  if (file.algorithm === MINISIGN.legacy) throw untrusted('is of the old kind, without hashing, which is not accepted; sign again with: minisign -S -H');
  const key = keys.find((each) => verify(null, blake2b512(document), each.key, file.signature));
  if (key === undefined) {
    throw new ImgkitError('signature-invalid', `${name}: the minisign signature by ${keyId} does not fit: what it signed was changed, or it belongs to something else; transfer both again.`, { file: name, found: keyId });
  }
  if (!verify(null, Buffer.concat([file.signature, Buffer.from(file.trustedComment)]), key.key, file.globalSignature)) {
    throw new ImgkitError('signature-invalid', `${name}: the trusted comment of the minisign signature by ${keyId} was changed; get it again from the sender.`, { file: name, found: keyId });
  }
  const identities = keyFileIdentities(keys.filter((each) => each.key.equals(key.key)).map((each) => each.name), trust.identity);
  if (identities.length === 0) throw untrusted(`is by the key ${key.name}, not by one named ${trust.identity}.`);
  const claimedAt = claimedTime(file.trustedComment);
  refuseFuture(claimedAt, trust.at, name);
  return identities.map((identity) => ({ format: 'minisign', keyId, thumbprint: keyThumbprint(key.key), identity, claimedAt, notes: [] }));
}

function claimedTime(comment: string): Date | undefined {
  const seconds = /(?:^|\t)timestamp:(\d{1,11})(?:\t|$)/.exec(comment)?.[1];
  return seconds === undefined ? undefined : new Date(Number(seconds) * 1000);
}
