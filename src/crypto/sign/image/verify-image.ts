import { verify } from 'node:crypto';
import type { Digest } from '../../../content/digest.js';
import { ImgkitError } from '../../../errors.js';
import { decodeBase64 } from '../../keys/base64-strict.js';
import { parseCosignPublicKey, type CosignPublicKey } from '../../keys/cosign-public-key.js';
import { keyThumbprint } from '../../keys/key-thumbprint.js';
import type { Trust } from '../../trust/trust.js';
import { keyFileIdentities } from '../key-file-identity.js';
import { dssePreimage, type ImageBundle } from './image-bundle.js';
import { IN_TOTO, parseInToto } from './in-toto.js';
import { parseSimpleSigning, type ImageClaim } from './simple-signing.js';

/** A signature that was found beside an image, in one of cosign's two forms. */
export type FoundImageSignature = { readonly where: string } & (
  | { readonly kind: 'simple'; readonly payload: Uint8Array; readonly signature: Uint8Array; /** A certificate came with it. */ readonly certified?: boolean }
  | { readonly kind: 'bundle'; readonly bundle: ImageBundle }
  | { readonly kind: 'keyless' }
);

/** A claim about the very image, by a trusted key. */
export interface VerifiedClaim {
  readonly keyId: string;
  readonly thumbprint: string;
  readonly identity: string;
  /** All that the key is called: one name for each file that holds it. */
  readonly identities: readonly string[];
  /** The name that the image is signed for; undefined: any. */
  readonly reference: string | undefined;
  readonly logged: boolean;
}

/**
 * Checks one signature of the image `digest`: first that a trusted key made it, then what it says. Undefined for a signed statement that
 * vouches for nothing (an SBOM, provenance). Throws `signature-untrusted` when no trusted key made it, `signature-invalid` when the
 * key that it names did not, or when it is good and about another image: then somebody put it here; `signature-malformed`; `signature-missing`
 * for one that is keyless: it is no better than none, and no worse.
 */
export function verifyImageSignature(found: FoundImageSignature, digest: Digest, trust: Trust): VerifiedClaim | undefined {
  const { where } = found;
  if (found.kind === 'keyless') throw keyless(where);
  const simple = found.kind === 'simple';
  if (!simple && found.bundle.payloadType !== IN_TOTO) return undefined;
  const document = simple ? found.payload : dssePreimage(found.bundle.payloadType, found.bundle.payload);
  const key = signerOf(document, simple ? found.signature : found.bundle.signature, simple ? undefined : found.bundle.hint, trust, where);
  if (key === undefined) throw simple && found.certified === true ? keyless(where) : stranger(simple ? undefined : found.bundle.hint, where);
  const claims = simple ? [parseSimpleSigning(found.payload, where)] : parseInToto(found.bundle.payload, where);
  if (claims === undefined) return undefined;
  const claim = claims.find((each) => each.digest === digest);
  if (claim === undefined) throw otherImage(claims, digest, where);
  const identities = keyFileIdentities(trust.cosign.map(parseCosignPublicKey).filter(({ keyId }) => keyId === key.keyId).map(({ name }) => name), trust.identity);
  const [identity] = identities;
  if (identity === undefined) throw new ImgkitError('signature-untrusted', `${where}: the signature is by the key ${key.name}, not by one named ${trust.identity}.`, { file: where, found: key.keyId });
  return { keyId: key.keyId, thumbprint: keyThumbprint(key.key), identity, identities, reference: claim.reference, logged: !simple && found.bundle.logged };
}

function signerOf(document: Uint8Array, signature: Uint8Array, hint: string | undefined, trust: Trust, where: string): CosignPublicKey | undefined {
  const keys = trust.cosign.map(parseCosignPublicKey);
  const hinted = namesOneKey(hint);
  const meant = hinted ? keys.filter(({ keyId }) => keyId === `SHA256:${hint}`) : keys;
  const key = meant.find((each) => verify(each.hash, document, each.key, signature));
  if (key !== undefined && key.weakness === undefined) return key;
  if (key !== undefined) throw new ImgkitError('signature-untrusted', `${where}: the signature by ${key.keyId} is worth nothing: ${key.weakness}.`, { file: where, found: key.keyId });
  if (hinted && meant.length > 0) throw new ImgkitError('signature-invalid', `${where}: the signature does not fit the key that it names, ${meant[0]?.name}: what was signed was changed; get the image again.`, { file: where });
  return undefined;
}

/** A hint is the digest of a key by convention; anything else says nothing. */
function namesOneKey(hint: string | undefined): boolean {
  return hint !== undefined && decodeBase64(hint)?.length === 32;
}

function stranger(hint: string | undefined, where: string): ImgkitError {
  const by = namesOneKey(hint) ? `is by the key SHA256:${hint}, which is not trusted` : 'is by none of the cosign keys that are trusted';
  return new ImgkitError('signature-untrusted', `${where}: the signature ${by}; if you know whose it is, add the public key.`, { file: where });
}

function keyless(where: string): ImgkitError {
  return new ImgkitError('signature-missing', `${where}: the image is signed keyless, by a certificate of a public CA (Fulcio) that was valid for minutes, and that cannot be checked here; check it with cosign verify, or ask for a signature by a key (cosign sign --key KEY).`, { file: where });
}

function otherImage(claims: readonly ImageClaim[], digest: Digest, where: string): ImgkitError {
  const found = claims.map((each) => each.digest).join(', ') || 'nothing';
  return new ImgkitError('signature-invalid', `${where}: the signature is good, but over ${found}: it belongs to another image and was put beside this one; do not use it.`, { file: where, expected: digest, found });
}
