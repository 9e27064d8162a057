import type { Digest } from './digest.js';

/** A platform as in an index descriptor (OCI image spec, image-index.md). */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
}

/** Names content by media type, digest and size (OCI image spec, descriptor.md). Immutable. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes of the content. */
  readonly size: number;
  readonly annotations?: ReadonlyMap<string, string>;
  readonly platform?: Platform;
  readonly artifactType?: string;
  /** Never fetched. A non-distributable layer may be absent. */
  readonly urls?: readonly string[];
}
