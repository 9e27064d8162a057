import type { VerifiedSignature } from '../../crypto/sign/signature.js';
import type { Waste } from '../../filesystem/waste-meter.js';
import type { Finding } from '../../image/finding.js';
import type { ManifestOrigin } from '../../image/image-source.js';
import type { HistoryEntry, ImageConfig } from '../../image/config.js';
import type { ConfigChange } from '../diff-config.js';
import type { Tally } from '../diff-files.js';
import type { FoldedTree } from './fold-tree.js';

/** A layer as a report shows it. */
export interface ReportedLayer {
  /** 1 is the base. */
  readonly number: number;
  readonly digest: string;
  readonly diffId: string;
  readonly mediaType: string;
  /** Bytes as stored. */
  readonly size: number;
  /** The history entry that made it. */
  readonly step: HistoryEntry | undefined;
}

/** A path that differs between two images. */
export interface ReportedChange {
  readonly kind: 'added' | 'changed' | 'deleted';
  readonly path: string;
  readonly differences: readonly string[];
  /** What a folder or file took and takes, in bytes. */
  readonly oldBytes: number;
  readonly newBytes: number;
}

/** How an image differs from an older one. */
export interface ReportedComparison {
  readonly location: string;
  readonly digest: string;
  readonly layers: { readonly same: number; readonly added: number; readonly deleted: number };
  readonly added: Tally;
  readonly changed: Tally;
  readonly deleted: Tally;
  /** Those that change the most bytes, first. */
  readonly changes: readonly ReportedChange[];
  /** Of all changed paths, folders that are named only for what is in them left out. */
  readonly count: number;
  readonly config: readonly ConfigChange[];
}

/** Everything that a report shows. Texts are as they are in the image: hostile until a renderer made them harmless. */
export interface ReportFacts {
  readonly location: string;
  readonly format: string;
  readonly names: readonly string[];
  readonly digest: string;
  readonly imageId: string;
  readonly manifestOrigin: ManifestOrigin;
  readonly mediaType: string;
  readonly config: ImageConfig;
  readonly annotations: ReadonlyMap<string, string>;
  readonly layers: readonly ReportedLayer[];
  /** Files and what is wasted; undefined when a layer could not be read, which `findings` tell. */
  readonly contents: { readonly tree: FoldedTree; readonly waste: Waste } | undefined;
  readonly comparison: ReportedComparison | undefined;
  /** Everything that was checked, and how it went. */
  readonly findings: readonly Finding[];
  /** The signatures by somebody trusted; undefined when nobody to trust was named. */
  readonly signatures: readonly VerifiedSignature[] | undefined;
}
