import type { Digest } from './digest.js';
import type { LentChunk } from './lent-chunk.js';

/** `length` bytes from `offset`. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * A range of an open local file, for workers and positional copies. The descriptor stays owned by its source: keep that
 * reachable and open meanwhile (Node closes a forgotten `FileHandle` when it collects it).
 */
export interface FileRange extends ByteRange {
  readonly fd: number;
}

/** Positional bytes: safe to read concurrently. Whoever opened it closes it. */
export interface ByteSource {
  /** As the user named it; used in errors. */
  readonly name: string;
  readonly size: number;
  /** Exactly `length` bytes at `offset`. Throws `tar-truncated` when the source ends before. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** The bytes of `range` (default: all) in chunks of up to 1 MiB; each chunk belongs to the receiver. */
  stream(range?: ByteRange, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** As `stream`, but lent: what comes from a host need not pile up until it is collected. Only where there is a difference. */
  lend?(range?: ByteRange, signal?: AbortSignal): AsyncIterable<LentChunk>;
  /** The same range in a local file, when the bytes are in one. */
  locate(range: ByteRange): FileRange | undefined;
  close(): Promise<void>;
}

/** Raw access to blobs by digest. {@link openBlob} (verified-read.ts) is the way to read one. */
export interface BlobSource {
  /** Size of the stored blob in bytes, or undefined when it is not here. */
  stat(digest: Digest): Promise<number | undefined>;
  /** The bytes as stored, **not** checked against the digest. Throws `blob-missing`. */
  openUnverified(digest: Digest, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** As `openUnverified`, but lent. Only where there is a difference. */
  lendUnverified?(digest: Digest, signal?: AbortSignal): AsyncIterable<LentChunk>;
  /** Where the blob lies in a local file, when it does. Throws `blob-missing`. */
  locate(digest: Digest): Promise<FileRange | undefined>;
}

