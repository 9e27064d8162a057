import { createHash, verify } from 'node:crypto';
import { ImgkitError } from '../../errors.js';
import { decodeBase64 } from '../keys/base64-strict.js';
import { parseCosignPublicKey, type CosignPublicKey } from '../keys/cosign-public-key.js';
import { keyThumbprint } from '../keys/key-thumbprint.js';
import { describeTrusted } from '../trust/describe-trusted.js';
import type { Trust } from '../trust/trust.js';
import type { VerifiedSignature, VerifySignature } from './signature.js';
import { decodeCosignSignature, type CosignSignature } from './sigstore-bundle.js';
import { keyFileIdentities } from './key-file-identity.js';

/**
 * Checks a signature of `cosign sign-blob --key`, as a sigstore bundle or as bare base64, against the keys of `trust.cosign`:
 * gives one for each file that holds the key.
 * Transparency logs are not looked at: the key is what is trusted. With `trust.identity`, the name of the key file must be
 * that, with or without its ending. Throws as {@link VerifySignature}, and `key-malformed`, `key-refused` for broken trust.
 */
export async function verifyCosignBlob(...[document, bytes, trust, name]: Parameters<VerifySignature>): Promise<readonly VerifiedSignature[]> {
  const found = decodeCosignSignature(bytes, name);
  const keys = candidates(found, trust, name);
  if (found.digest !== undefined && !createHash('sha256').update(document).digest().equals(found.digest)) throw invalid(name, 'is about another document');
  const key = keys.find((each) => verify(each.hash, document, each.key, found.signature));
  if (key === undefined) throw invalid(name, `fits none of the keys ${keys.map((each) => each.name).join(', ')}`);
  const untrusted = (problem: string): ImgkitError => new ImgkitError('signature-untrusted', `${name}: the cosign signature by ${key.keyId} ${problem}.`, { file: name, found: key.keyId });
  if (key.weakness !== undefined) throw untrusted(`is worth nothing: ${key.weakness}`);
  const identities = keyFileIdentities(keys.filter(({ keyId }) => keyId === key.keyId).map((each) => each.name), trust.identity);
  if (identities.length === 0) throw untrusted(`is by the key ${key.name}, not by one named ${trust.identity}`);
  return identities.map((identity) => ({ format: 'cosign', keyId: key.keyId, thumbprint: keyThumbprint(key.key), identity, notes: found.logged ? ['the entry in a transparency log was not looked at'] : [] }));
}

/** The trusted keys that may have signed: the one of the hint when it is the digest of a key, else all. */
function candidates({ hint }: CosignSignature, trust: Trust, name: string): readonly CosignPublicKey[] {
  const keys = trust.cosign.map(parseCosignPublicKey);
  if (keys.length === 0) throw new ImgkitError('signature-untrusted', `${name}: the signature is of cosign, and no key for that is trusted (${describeTrusted(trust)}); if you know whose it is, name their public key (PEM) with --key.`, { file: name });
  if (hint === undefined || decodeBase64(hint)?.length !== 32) return keys;
  const meant = keys.filter(({ keyId }) => keyId === `SHA256:${hint}`);
  if (meant.length > 0) return meant;
  throw new ImgkitError('signature-untrusted', `${name}: the cosign signature is by the key SHA256:${hint}, which is not trusted (${describeTrusted(trust)}); if you know whose it is, name their public key with --key.`, { file: name, found: `SHA256:${hint}` });
}

function invalid(name: string, problem: string): ImgkitError {
  return new ImgkitError('signature-invalid', `${name}: the cosign signature ${problem}: what it signed was changed, or it belongs to something else; transfer both again.`, { file: name });
}
