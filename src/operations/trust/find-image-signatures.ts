import type { Digest } from '../../content/digest.js';
import { readBlob } from '../../content/verified-read.js';
import { ImgkitError } from '../../errors.js';
import { walkClosure } from '../../image/closure.js';
import type { ImageSource, Root } from '../../image/image-source.js';
import type { Manifest } from '../../image/manifest.js';
import { isManifestType } from '../../image/media-type.js';
import { signedByTag } from '../../image/signature-tag.js';
import { decodeBase64 } from '../../crypto/keys/base64-strict.js';
import { BUNDLE, decodeImageBundle } from '../../crypto/sign/image/image-bundle.js';
import { CERTIFICATE_ANNOTATION, SIGNATURE_ANNOTATION, SIMPLE_SIGNING } from '../../crypto/sign/image/simple-signing.js';
import type { FoundImageSignature } from '../../crypto/sign/image/verify-image.js';
import { SIGNING_LIMITS, type Limits } from '../../limits.js';

/** A manifest of signatures about an image. */
export interface SignatureManifest {
  readonly root: Root;
  readonly manifest: Manifest;
}

/** Everything in `source` that holds signatures of the manifest `digest`: by cosign's tag, or by its subject. Manifests are verified when read. */
export async function findSignatureManifests(source: Pick<ImageSource, 'blobs' | 'location' | 'roots'>, digest: Digest, limits: Limits): Promise<readonly SignatureManifest[]> {
  const found: SignatureManifest[] = [];
  for (const root of source.roots) {
    const tagged = signedByTag(root);
    if (!isManifestType(root.descriptor.mediaType) || (tagged === undefined ? root.names.length > 0 : tagged !== digest)) continue;
    const { documents } = await walkClosure(source.blobs, root.descriptor, limits, source.location);
    const manifest = documents.get(root.descriptor.digest)?.manifest;
    if (manifest !== undefined && (tagged === digest || manifest.subject?.digest === digest)) found.push({ root, manifest });
  }
  return found;
}

/**
 * The signatures in those manifests, not verified. What else is in them (SBOMs, certificates of public CAs) is passed over. Throws
 * `signature-malformed`, `limit-exceeded` above the number of signatures that are looked at.
 */
export async function readImageSignatures({ blobs, location }: Pick<ImageSource, 'blobs' | 'location'>, manifests: readonly SignatureManifest[], signal?: AbortSignal): Promise<readonly FoundImageSignature[]> {
  const found: FoundImageSignature[] = [];
  for (const { root, manifest } of manifests) {
    for (const layer of manifest.layers) {
      const where = `${location}: ${root.names[0] ?? root.descriptor.digest}`;
      const signature = layer.annotations?.get(SIGNATURE_ANNOTATION);
      const simple = layer.mediaType === SIMPLE_SIGNING && signature !== undefined;
      if (!simple && layer.mediaType !== BUNDLE) continue;
      if (found.length === SIGNING_LIMITS.signatures) throw new ImgkitError('limit-exceeded', `${where}: the image has more than the ${SIGNING_LIMITS.signatures} signatures that are looked at; ask its publisher to remove those that nobody needs.`, { file: where });
      const bytes = await readBlob(blobs, layer, SIGNING_LIMITS.signatureBytes, signal);
      if (simple) {
        const decoded = decodeBase64(signature);
        if (decoded === undefined || decoded.length === 0) throw new ImgkitError('signature-malformed', `${where}: the signature is no base64; ask the signer to sign the image again.`, { file: where });
        found.push({ kind: 'simple', where, payload: bytes, signature: decoded, certified: layer.annotations?.has(CERTIFICATE_ANNOTATION) === true });
      } else {
        const bundle = decodeImageBundle(bytes, where);
        // An image that is signed anew every day has hundreds; one is enough to tell.
        if (bundle === 'keyless' && found.some(({ kind }) => kind === bundle)) continue;
        if (bundle !== undefined) found.push(bundle === 'keyless' ? { kind: bundle, where } : { kind: 'bundle', where, bundle });
      }
    }
  }
  return found;
}
