import type { FileHandle } from 'node:fs/promises';
import type { BlobSource } from '../content/byte-source.js';
import type { Compression } from '../content/compression.js';
import type { Descriptor } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import type { LentChunk } from '../content/lent-chunk.js';
import type { WorkOptions } from '../progress.js';
import type { ManifestOrigin } from './image-source.js';

export type SinkFormat = 'hybrid' | 'oci-archive' | 'docker-archive' | 'oci-layout' | 'store' | 'docker-daemon' | 'registry';

/** One named root of a transfer. */
export interface TransferRoot {
  readonly descriptor: Descriptor;
  /** Full references it gets at the target; empty leaves it untagged. */
  readonly names: readonly string[];
  readonly refName?: string | undefined;
  readonly manifestOrigin: ManifestOrigin;
}

/** One blob to move: configs, layers, artifact content. */
export interface TransferBlob {
  /** What the target will hold. */
  readonly descriptor: Descriptor;
  /** What the source holds; equal to `descriptor.digest` unless `decompress` is set. */
  readonly from: { readonly blobs: BlobSource; readonly digest: Digest; readonly size: number; /** For errors: the location and the blob. */ readonly name?: string | undefined };
  /** Decompress while moving. `descriptor.digest` is then the diffID and `descriptor.size` may be a guess. */
  readonly decompress?: Exclude<Compression, 'none'> | undefined;
  /** Check the decompressed bytes on the way: strict layer tar, and this diffID. Compared by the sink (`diffid-mismatch`). */
  readonly layer?: { readonly compression: Compression; readonly diffId: Digest } | undefined;
  /** `guess`: from the gzip trailer; the sink throws {@link SizeMispredicted} when it proves wrong. */
  readonly size: 'exact' | 'guess';
}

/** One runnable image among the roots' closure, for targets that list images rather than descriptors. */
export interface TransferImage {
  readonly root: TransferRoot;
  readonly manifest: Descriptor;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** Everything a sink writes: planned first, sizes known, in the order it will be written. */
export interface Transfer {
  readonly roots: readonly TransferRoot[];
  /** The images a docker-archive's manifest.json names: one per root that is, or points at, an image. */
  readonly images: readonly TransferImage[];
  /** Manifests and indexes, bit for bit, in order. */
  readonly documents: ReadonlyMap<Digest, { readonly descriptor: Descriptor; readonly bytes: Uint8Array }>;
  /** Unique by digest, in order. */
  readonly blobs: readonly TransferBlob[];
}

/** Thrown by a sink when a guessed size was wrong; the caller plans again with the sizes `learned`. */
export class SizeMispredicted extends Error {
  readonly learned: ReadonlyMap<Digest, number>;
  constructor(learned: ReadonlyMap<Digest, number>) {
    super('a predicted size was wrong');
    this.learned = learned;
  }
}

/** What came of it. */
export interface Written {
  /** Bytes of blobs and documents written now, without those that were there already. */
  readonly bytes: number;
  /** Blobs that the target had already. */
  readonly reused: number;
}

/** Where a staged blob of known size goes: into this open file, from `offset`. */
export interface StagedPlace {
  readonly handle: FileHandle;
  readonly offset: number;
}

export interface SinkWriteOptions extends WorkOptions {
  /**
   * Awaited before anything shows at the target: at the end where what is written stays out of sight until then, else before the first byte.
   * What it throws ends the write, and nothing is left.
   */
  readonly proven?: (() => Promise<void>) | undefined;
}

/** A root as it is before its layers are changed, which takes long. */
export interface Outlook {
  /** With the names that it will have; its digest and `bytes` are those of the source. */
  readonly root: TransferRoot;
  readonly bytes: Uint8Array;
  /** Its digest will be another, because layers of images in it change, and nothing else does. */
  readonly changes: boolean;
  /** Layers of images in it that are here and do not change. */
  readonly kept: ReadonlySet<Digest>;
}

/** Writes images anywhere. Used once: `stage` any number of times, then `write`, or `discard`. */
export interface ImageSink {
  readonly format: SinkFormat;
  /** `none`: layers must be uncompressed here (docker-archive). */
  readonly layers: 'any' | 'none';
  /**
   * What its images are listed under: full names and the bare ref names of OCI layouts (`any`), full names (`full`), or names with a tag
   * (`tags`: docker archives and engines, which hold nothing but runnable images, each with all its layers).
   */
  readonly lists: 'any' | 'full' | 'tags';
  /** False when the target can be written only once, front to back (stdout): sizes must then be exact. */
  readonly canRetry: boolean;
  /** True where blobs may be staged several at once: each goes to a place of its own, and their order shows nowhere. */
  readonly stagesTogether: boolean;
  /** Throws `tag-would-move` where that is certain before any layer is changed; `write` looks again. Absent where nothing is refused. */
  foresee?(outlooks: readonly Outlook[], options?: WorkOptions): Promise<void>;
  /** Takes a blob whose digest is known only after it was made, whose maker tells how far it is; `write` then finds the blob in place. */
  stage(chunks: AsyncIterable<LentChunk>, options?: Pick<WorkOptions, 'signal'>): Promise<{ readonly digest: Digest; readonly size: number }>;
  /**
   * As `stage`, for a blob whose size is known: `fill` writes it where it is told, all of it or throw, and returns its digest.
   * Several may be staged so at once, each blob once; the order of the calls, not that of their ends, is the order in an archive.
   */
  stageFile(size: number, fill: (place: StagedPlace) => Promise<Digest>, options?: WorkOptions): Promise<void>;
  /**
   * Writes the transfer and commits it: under its final name only when complete, every blob checked against digest and size.
   * Throws `digest-mismatch`, `size-mismatch`, `disk-full` (before the first byte where it can be known), {@link SizeMispredicted}.
   */
  write(transfer: Transfer, options?: SinkWriteOptions): Promise<Written>;
  /** Removes everything not committed. Safe to call at any time, also after `write`. */
  discard(): Promise<void>;
}
