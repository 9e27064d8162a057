import { createPublicKey } from 'node:crypto';
import { openSink } from '../../formats/locations/open-sink.js';
import { readLocation } from '../../formats/locations/open-source.js';
import type { Digest } from '../content/digest.js';
import { cosignPublicKey } from '../crypto/keys/cosign-public-key.js';
import type { PassphraseOptions } from '../crypto/keys/passphrase.js';
import { SIMPLE_SIGNING } from '../crypto/sign/image/simple-signing.js';
import { verifyImageSignature } from '../crypto/sign/image/verify-image.js';
import { signImageClaim } from '../crypto/sign/image/sign-image.js';
import { emptyTrust } from '../crypto/trust/trust.js';
import { ImgkitError, isImgkitError } from '../errors.js';
import { walkClosure } from '../image/closure.js';
import type { ImageSource, Root } from '../image/image-source.js';
import type { Location } from '../image/location.js';
import { formatReference, parseReference } from '../image/reference.js';
import { signatureTag, signedByTag } from '../image/signature-tag.js';
import { documentsSource } from '../operations/documents-source.js';
import { moveImages } from '../operations/move-images.js';
import { findSignatureManifests, readImageSignatures } from '../operations/trust/find-image-signatures.js';
import { bundleArtifact, signatureArtifact, type Artifact } from '../operations/trust/image-signature-artifacts.js';
import { loadImageKey } from '../operations/trust/load-image-key.js';
import { PATH, TEXT } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import { namesToSign, signableImages } from './signable-images.js';
import { Session } from './session.js';

export interface SignImageOptions extends CommonOptions, PassphraseOptions {
  /** An image in the store, an OCI layout or a registry: `store:app:1`, `oci:DIR:REF`, `docker://HOST/app:1`. */
  readonly location: string;
  /** A private key of cosign, or ECDSA P-256, Ed25519 or RSA in PEM. */
  readonly key: string;
  /** The name that the image is signed for. Default: the one that it has; without a name the signature holds for all. */
  readonly reference?: string | undefined;
  /** When the signature was made, for people; no part of what is signed. Default: now. */
  readonly at?: Date | undefined;
}

export interface SignImageResult {
  readonly location: string;
  readonly keyId: string;
  readonly signed: readonly {
    /** Of the image or index that is signed, or of an image in the index: who takes one platform checks that one. */
    readonly digest: Digest;
    /** The name that is signed with it. */
    readonly reference?: string | undefined;
    /** True when this key had signed it for this name already: nothing was written. */
    readonly kept: boolean;
    /** Manifests that hold the signature: under cosign's tag, and the sigstore bundle. */
    readonly manifests: readonly Digest[];
  }[];
}

/**
 * Signs an image where it lies, as cosign does: simple signing under the tag `sha256-HEX.sig`, and a sigstore bundle v0.3 as an OCI
 * referrer. Both go along when the image is saved, copied or pushed. Signed is the digest of the manifest, so nothing of the image changes;
 * of an index its own, and those of all images in it that are here.
 * Throws `usage` for a location that cannot hold signatures, `image-not-found`, `key-malformed`, `key-refused`, `key-exposed`.
 */
export function signImage(options: SignImageOptions): Promise<SignImageResult> {
  return Session.call(options, { location: TEXT, key: PATH }, async (session) => {
    const { signal, at = new Date() } = options;
    const location = readLocation(options.location);
    if (location.kind !== 'store' && location.kind !== 'oci-layout' && location.kind !== 'registry') throw new ImgkitError('usage', `${options.location}: signatures of images lie in the store (store:), OCI layouts (oci:DIR) and registries (docker://); load it first, or sign the file: imgkit sign FILE.`, { file: options.location });
    const key = await loadImageKey(options, signal);
    const publicKey = createPublicKey(key);
    const { keyId } = cosignPublicKey(publicKey, options.key);
    const trust = { ...emptyTrust(at), cosign: [{ name: options.key, bytes: Buffer.from(publicKey.export({ format: 'pem', type: 'spki' })) }] };
    const { source, roots } = await session.open(location, { referrers: true });
    const signed: SignImageResult['signed'][number][] = [];
    const images: Root[] = [];
    for (const root of signableImages(roots, options)) {
      // Who takes one platform out of an index checks that one.
      const { documents } = await walkClosure(source.blobs, root.descriptor, session.limits, source.location);
      images.push(...[...documents.values()].map(({ descriptor }) => ({ ...root, descriptor })));
    }
    for (const image of images) {
      const existing = await findSignatureManifests(source, image.descriptor.digest, session.limits);
      const made = await readImageSignatures(source, existing, signal);
      const { digest } = image.descriptor;
      const has = (reference: string | undefined, kind: 'simple' | 'bundle'): boolean => made.some((each) => each.kind === kind && isOurs(() => verifyImageSignature(each, digest, trust)?.reference === reference));
      const references = namesToSign(image, options.reference);
      const missing = references.filter((reference) => !has(reference, 'simple') || !has(reference, 'bundle'));
      const signatures = missing.map((reference) => signImageClaim({ digest, reference }, key, options.key));
      const tagged = existing.find(({ root }) => signedByTag(root) === digest) ?? existing.find(({ manifest }) => manifest.layers.some(({ mediaType }) => mediaType === SIMPLE_SIGNING));
      const artifacts = signatures.length === 0 ? [] : [await signatureArtifact(image.descriptor, signatures, source, tagged), ...signatures.map((each) => bundleArtifact(image.descriptor, each, at))];
      if (artifacts.length > 0) await write(session, location, image, artifacts);
      const manifests = (artifacts.length > 0 ? artifacts : existing).map(({ root }) => root.descriptor.digest);
      for (const reference of references) signed.push({ digest, reference, kept: !missing.includes(reference), manifests });
    }
    return { location: options.location, keyId, signed };
  });
}

function isOurs(check: () => boolean): boolean {
  try {
    return check();
  } catch (error) {
    if (isImgkitError(error)) return false;
    throw error;
  }
}

async function write(session: Session, location: Location, image: Root, artifacts: readonly Artifact[]): Promise<void> {
  const tag = signatureTag(image.descriptor.digest);
  const { names, refName, repository } = nameFor(location, image, tag);
  // The first is the one that cosign finds by its tag.
  const roots = artifacts.map(({ root: { descriptor } }, i): Root => ({ descriptor, manifestOrigin: 'stored', ...(i === 0 ? { names, refName } : { names: [] }) }));
  const source: ImageSource = documentsSource(location.text, roots, artifacts.flatMap(({ bytes }) => bytes));
  const { storeFolder, network, signal } = session.options;
  const pool = await session.pool();
  // Only the tag of the signatures moves: to a manifest that holds the old ones, too.
  const sink = await openSink(repository ?? location, { pool, limits: session.limits, format: 'oci-archive', force: true, storeFolder, network, signal });
  await moveImages(roots.map((root) => ({ source, root, names: root.names, refName: root.refName, meant: true })), sink, { pool, limits: session.limits, signal, checkLayers: false });
}

/** What the manifest of signatures is called: the tag in the repository of the image, or the tag alone. */
function nameFor(location: Location, { names, refName }: Root, tag: string): { readonly names: readonly string[]; readonly refName?: string | undefined; readonly repository?: Location } {
  const name = location.kind === 'registry' ? location.reference : names[0];
  if (name === undefined) return { names: [], refName: refName === undefined ? undefined : tag };
  const { registry, repository } = parseReference(name);
  const full = formatReference({ registry, repository, tag });
  return { names: [full], ...(location.kind === 'registry' ? { repository: readLocation(`docker://${full}`) } : {}) };
}
