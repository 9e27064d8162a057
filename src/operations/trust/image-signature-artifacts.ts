import type { Descriptor } from '../../content/descriptor.js';
import { digestOf } from '../../content/digest.js';
import { readBlob } from '../../content/verified-read.js';
import type { ImageSource, Root } from '../../image/image-source.js';
import { encodeManifest } from '../../image/manifest-json.js';
import { OCI_CONFIG, OCI_MANIFEST } from '../../image/media-type.js';
import { BUNDLE, BUNDLE_CONTENT, BUNDLE_PREDICATE } from '../../crypto/sign/image/image-bundle.js';
import { SIGN_PREDICATE } from '../../crypto/sign/image/in-toto.js';
import type { ImageSignature } from '../../crypto/sign/image/sign-image.js';
import { SIGNATURE_ANNOTATION, SIMPLE_SIGNING } from '../../crypto/sign/image/simple-signing.js';
import { DEFAULT_LIMITS } from '../../limits.js';
import type { SignatureManifest } from './find-image-signatures.js';

/** A manifest, and every blob that it names. */
export interface Artifact {
  readonly root: Pick<Root, 'descriptor'>;
  readonly bytes: readonly Uint8Array[];
}

const EMPTY = Buffer.from('{}');
const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json';

/**
 * The manifest that cosign looks for under the tag `sha256-HEX.sig`: one layer for each signature (cosign SIGNATURE_SPEC). The signatures
 * of `existing` stay. It names its subject, too, so that it is found and goes along where there are no tags.
 */
export async function signatureArtifact(subject: Descriptor, signatures: readonly ImageSignature[], source: Pick<ImageSource, 'blobs'>, existing: SignatureManifest | undefined): Promise<Artifact> {
  const kept = existing?.manifest.layers ?? [];
  const bytes = await Promise.all(kept.map((layer) => readBlob(source.blobs, layer, DEFAULT_LIMITS.documentBytes)));
  const layers: Descriptor[] = [...kept, ...signatures.map(({ payload, signature }) => ({ ...describe(payload, SIMPLE_SIGNING), annotations: new Map([[SIGNATURE_ANNOTATION, signature]]) }))];
  const config = Buffer.from(JSON.stringify({ architecture: '', created: '0001-01-01T00:00:00Z', history: layers.map(() => ({ created: '0001-01-01T00:00:00Z' })), os: '', rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) }, config: {} }));
  const manifest = encodeManifest({ config: describe(config, OCI_CONFIG), layers, subject: bare(subject) });
  return { root: { descriptor: describe(manifest, OCI_MANIFEST) }, bytes: [...bytes, ...signatures.map(({ payload }) => payload), config, manifest] };
}

/** The manifest about `subject` that cosign 3 finds as a referrer (cosign BUNDLE_SPEC). */
export function bundleArtifact(subject: Descriptor, { bundle }: ImageSignature, at: Date): Artifact {
  const annotations = new Map([[BUNDLE_CONTENT, 'dsse-envelope'], [BUNDLE_PREDICATE, SIGN_PREDICATE], ['org.opencontainers.image.created', at.toISOString()]]);
  const manifest = encodeManifest({ artifactType: BUNDLE, config: describe(EMPTY, EMPTY_TYPE), layers: [describe(bundle, BUNDLE)], subject: bare(subject), annotations });
  return { root: { descriptor: describe(manifest, OCI_MANIFEST) }, bytes: [bundle, EMPTY, manifest] };
}

function describe(bytes: Uint8Array, mediaType: string): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

/** Without what an index says of it: names are no part of the image. */
function bare({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
