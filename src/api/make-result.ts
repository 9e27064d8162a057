import type { Digest } from '../content/digest.js';
import type { Finding } from '../image/finding.js';

/** A layer that was made or added. */
export interface MadeLayer {
  /** Of the bytes as stored. */
  readonly digest: Digest;
  readonly diffId: Digest;
  /** Bytes as stored. */
  readonly size: number;
  /** The file or folder it came from, when it came from one. */
  readonly from?: string | undefined;
}

/** What a call did that makes an image: `edit`, `append`, `import`, `rebase`, `commit`, `squash`. */
export interface MakeResult {
  /** The image or rootfs it was made from. */
  readonly from: string;
  readonly to: string;
  readonly format: string;
  /** Full references; empty when untagged. */
  readonly names: readonly string[];
  /** Digest of the new manifest. */
  readonly digest: Digest;
  /** Digest of the new config. */
  readonly imageId: Digest;
  /** Digest of the manifest it was made from. */
  readonly sourceDigest?: Digest | undefined;
  /** What is different, one clause each: `ENV A=b`, `2 layers of the old base replaced by 3`. */
  readonly changes: readonly string[];
  /** The new layers, base first. */
  readonly layers: readonly MadeLayer[];
  /** Bytes written at the target. */
  readonly bytes: number;
  /** Blobs that the target had already. */
  readonly reused: number;
  readonly notes: readonly Finding[];
}
