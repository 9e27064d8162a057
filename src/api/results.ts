import type { Descriptor, Platform } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import type { VerifiedSignature } from '../crypto/sign/signature.js';
import type { Finding } from '../image/finding.js';
import type { ListedImage, ListedMember } from '../image/listing.js';
import type { ManifestOrigin } from '../image/image-source.js';

/** One image (or index, or artifact) that was moved. */
export interface MovedImage {
  /** Full references; empty when untagged. */
  readonly names: readonly string[];
  /** The bare ref name that it has at the target, an OCI layout, in place of a name. */
  readonly refName?: string | undefined;
  /** Digest of the manifest or index at the target. */
  readonly digest: Digest;
  /** Digest of the manifest at the source, when it had to change. */
  readonly sourceDigest?: Digest | undefined;
  /** One sentence: why the manifest digest had to change. */
  readonly changedBecause?: string | undefined;
  /** Image ID: the digest of the config; absent for an index or artifact. */
  readonly imageId?: Digest | undefined;
  /** True for what goes along because it is about another one: a signature, an SBOM. */
  readonly attached?: true | undefined;
  readonly manifestOrigin: ManifestOrigin;
}

/** What `save`, `load` and `copy` did. */
export interface MoveResult {
  readonly from: readonly string[];
  readonly to: string;
  readonly format: string;
  readonly images: readonly MovedImage[];
  /** Bytes written at the target. */
  readonly bytes: number;
  /** Blobs that the target had already. */
  readonly reused: number;
  /** What the user should know: absent platforms, synthesized manifests, changed digests. */
  readonly notes: readonly Finding[];
}

export interface ListResult {
  readonly location: string;
  readonly format: string;
  readonly images: readonly ListedImage[];
  readonly notes: readonly Finding[];
}

export interface InspectedLayer {
  readonly descriptor: Descriptor;
  readonly diffId?: Digest | undefined;
  /** The history entry that made it. */
  readonly createdBy?: string | undefined;
  /** It is not here, which is legal: its publisher does not let others distribute it. */
  readonly absent?: true | undefined;
}

/** One image, looked at closely. */
export interface InspectResult {
  readonly location: string;
  readonly format: string;
  readonly names: readonly string[];
  /** The bare ref name of an OCI layout, in place of a name. */
  readonly refName?: string | undefined;
  readonly digest: Digest;
  readonly manifestOrigin: ManifestOrigin;
  readonly mediaType: string;
  readonly kind: ListedImage['kind'];
  /** What an artifact says it is: its artifact type, else the media type of its config. */
  readonly artifactType?: string | undefined;
  readonly imageId?: Digest | undefined;
  readonly platform?: Platform | undefined;
  readonly created?: string | undefined;
  readonly author?: string | undefined;
  /** The `config` section of the image config: Env, Cmd, Entrypoint, ... as plain JSON. */
  readonly config?: unknown;
  /** These Maps, and those in `layers`, are objects to `JSON.stringify`. */
  readonly labels?: ReadonlyMap<string, string> | undefined;
  readonly annotations?: ReadonlyMap<string, string> | undefined;
  /** Title, version, revision, source... from OCI and label-schema labels: [field, value, from which label]. */
  readonly about: readonly { readonly field: string; readonly value: string; readonly from: string }[];
  readonly layers: readonly InspectedLayer[];
  readonly members?: readonly ListedMember[] | undefined;
  /** Digests of stored artifacts whose subject is this image. */
  readonly referrers: readonly { readonly digest: Digest; readonly artifactType?: string | undefined }[];
  /** Bytes of config and layers as stored. */
  readonly size: number;
  readonly notes: readonly Finding[];
}

/** One line of `history`, newest first. */
export interface HistoryLine {
  /** The image ID on the first line, `<missing>` after it, as docker prints. */
  readonly id: string;
  readonly created?: string | undefined;
  readonly createdBy: string;
  readonly comment?: string | undefined;
  readonly author?: string | undefined;
  readonly emptyLayer: boolean;
  /** Bytes of the layer as stored; 0 for an empty one. */
  readonly size: number;
  readonly layer?: Digest | undefined;
}

export interface HistoryResult {
  readonly location: string;
  readonly digest: Digest;
  readonly imageId: Digest;
  readonly lines: readonly HistoryLine[];
}

/** `digest` of a plain file, or of the images at a location. */
export interface DigestResult {
  readonly location: string;
  /** Of the file as a whole, when the target is a file or standard input. */
  readonly file?: Digest | undefined;
  readonly images: readonly { readonly names: readonly string[]; readonly refName?: string | undefined; readonly manifest: Digest; readonly config?: Digest | undefined; readonly manifestOrigin: ManifestOrigin }[];
  /** Why there are no images, where the file should hold some: it is cut, damaged, or encrypted. */
  readonly notes: readonly Finding[];
}

export interface VerifyReport {
  readonly location: string;
  readonly format?: string | undefined;
  readonly ok: boolean;
  /** Every finding, in the order of the checks. */
  readonly findings: readonly Finding[];
  readonly images: readonly { readonly names: readonly string[]; readonly refName?: string | undefined; readonly digest: Digest; readonly manifestOrigin: ManifestOrigin }[];
  /** With `expect`: what it matched. */
  readonly matched?: 'file' | 'manifest' | 'config' | undefined;
  /** With trust: the signatures by somebody trusted. */
  readonly signatures?: readonly VerifiedSignature[] | undefined;
  /** True when the target was refused for its signatures: nothing is told of what is in it. */
  readonly refused?: true | undefined;
  /** True when only signatures were looked at, as was asked for. */
  readonly signatureOnly?: true | undefined;
}

export interface TagResult {
  readonly digest: Digest;
  readonly added: readonly string[];
  /** Names that were moved from another digest, by `force`. */
  readonly moved: readonly string[];
  /** Names that the image had already. */
  readonly kept: readonly string[];
}

export interface RemoveResult {
  readonly removed: readonly string[];
}

export interface GcResult {
  readonly removedBlobs: number;
  readonly bytes: number;
  readonly dryRun: boolean;
}
