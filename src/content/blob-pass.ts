import type { FileRange } from './byte-source.js';
import type { Compression } from './compression.js';
import type { Digest, DigestAlgorithm } from './digest.js';
import type { LayerNames } from './layer-names.js';
import type { Limits } from '../limits.js';

/** One pass over one blob in a local file: hash, and on the way decompress, check, or write it. Runs in a worker. */
export interface BlobPass {
  /** As errors are to name the blob: its digest or path. */
  readonly name?: string | undefined;
  readonly input: FileRange;
  /** Of the stored bytes; `none` when they are not to be decompressed. */
  readonly compression: Compression;
  readonly algorithm: DigestAlgorithm;
  /** Walk the (decompressed) bytes as a layer tar and check every header strictly. */
  readonly scanLayer: boolean;
  /** Note, too, what engines refuse of the layer, though its headers are right. */
  readonly judgeLayer?: boolean | undefined;
  /** Write the stored or the decompressed bytes to this open file, from `offset`. */
  readonly output?: { readonly fd: number; readonly offset: number; readonly what: 'stored' | 'decompressed' } | undefined;
  readonly limits: Limits;
  /** Of a pass that only hashes: false where another keeps the other processor busy, from which reading ahead would take. Default: true. */
  readonly readAhead?: boolean | undefined;
}

/** What a pass with `scanLayer` saw. */
export interface ScannedLayer {
  readonly entries: number;
  /** Legal oddities: a missing end marker, say. */
  readonly notes: readonly string[];
  /** With `judgeLayer`. */
  readonly names?: LayerNames | undefined;
}

export interface BlobPassResult {
  /** Digest of the stored bytes. */
  readonly digest: Digest;
  readonly size: number;
  /** sha256 of the decompressed bytes (of the stored ones when `compression` is `none`). */
  readonly diffId: Digest;
  readonly decompressedSize: number;
  readonly layer?: ScannedLayer | undefined;
}

/** True for a pass that computes one SHA-256 and does nothing else. */
export function onlyHashes({ compression, algorithm, scanLayer, output }: BlobPass): boolean {
  return compression === 'none' && algorithm === 'sha256' && !scanLayer && output === undefined;
}
