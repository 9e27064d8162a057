import type { Platform } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import type { ManifestOrigin } from './image-source.js';

/** One line of `list`. */
export interface ListedImage {
  readonly names: readonly string[];
  /** The raw ref name of an OCI layout when it is not a full reference. */
  readonly refName?: string | undefined;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly kind: 'image' | 'index' | 'attestation' | 'artifact' | 'unknown';
  readonly manifestOrigin: ManifestOrigin;
  readonly imageId?: Digest | undefined;
  readonly platform?: Platform | undefined;
  readonly created?: string | undefined;
  /** Bytes of config and layers as stored; those present, for an index. Unknown in a list of a registry's tags, and of a damaged image in a store. */
  readonly size?: number | undefined;
  /** Layers that are not here, which is legal: their publisher does not let others distribute them. */
  readonly absentLayers?: readonly Digest[] | undefined;
  /** For an index: its members, absent ones included. */
  readonly members?: readonly ListedMember[] | undefined;
}

export interface ListedMember {
  readonly digest: Digest;
  readonly platform?: Platform | undefined;
  readonly kind: ListedImage['kind'];
  /** False when the index names it and its blobs are not here: legal in a partial copy of an index. */
  readonly present: boolean;
  /** Of an index within the index: its members. */
  readonly members?: readonly ListedMember[] | undefined;
}
