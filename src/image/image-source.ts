import type { BlobSource } from '../content/byte-source.js';
import type { Descriptor } from '../content/descriptor.js';
import type { Finding } from './finding.js';

/** What a location turned out to hold. */
export type SourceFormat = 'docker-archive' | 'oci-archive' | 'hybrid' | 'oci-layout' | 'store' | 'docker-daemon' | 'registry';

/** `synthesized`: the source holds no manifest (docker save); ours was made up from its manifest.json. */
export type ManifestOrigin = 'stored' | 'synthesized';

/** One top-level image, index or artifact of a source. */
export interface Root {
  /** As the source's index spells it, annotations included. */
  readonly descriptor: Descriptor;
  /** Full references (`docker.io/library/app:1.9.6`), in the source's order; empty for an untagged root. */
  readonly names: readonly string[];
  /** The raw `org.opencontainers.image.ref.name`, which may be a bare tag. */
  readonly refName?: string | undefined;
  /** Repository and digest (`docker.io/library/app@sha256:...`) by which a registry was asked for it, for an image without a name. */
  readonly askedAs?: string | undefined;
  readonly manifestOrigin: ManifestOrigin;
}

/** Reads images from anywhere. Every manifest and index, synthesized ones included, is in `blobs` under its digest. */
export interface ImageSource {
  /** As the user typed it. */
  readonly location: string;
  readonly format: SourceFormat;
  readonly blobs: BlobSource;
  readonly roots: readonly Root[];
  /** Oddities met while opening that are legal but worth telling. */
  readonly notes: readonly Finding[];
  close(): Promise<void>;
}
