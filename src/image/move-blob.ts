import type { FileHandle } from 'node:fs/promises';
import { decompress } from '../content/decompress.js';
import { digestAlgorithm } from '../content/digest.js';
import type { FileRange } from '../content/byte-source.js';
import type { BlobPassResult } from '../content/blob-pass.js';
import { hashedStream } from '../content/hashed-stream.js';
import { throwIfInterrupted } from '../content/interrupted.js';
import { lentBytes } from '../content/lent-chunk.js';
import { openBlob, requireDigest, sizeMismatch } from '../content/verified-read.js';
import type { BlobPool } from '../content/worker-pool.js';
import { writeFully } from '../content/write-fully.js';
import { WriteThread } from '../content/write-thread.js';
import type { Limits } from '../limits.js';
import { announce, type WorkOptions } from '../progress.js';
import { requireDiffId } from './diff-id.js';
import type { TransferBlob } from './image-sink.js';
import { withLocalBlob } from './local-blob.js';

/** From so many bytes on, a thread (40 ms to start) is worth it. */
const WORTH_A_THREAD = 8 * 1024 * 1024;

/** No pool has more workers by itself. */
const EXPECTED = 4;

export interface MoveBlobOptions extends WorkOptions {
  readonly pool: BlobPool;
  readonly limits: Limits;
  /** The file being written, for errors. */
  readonly name: string;
}

/**
 * Writes `blob` to the open file `handle` from `offset`, checking digest, size and, where `blob.layer` says so, diffID and
 * layer structure on the way. Returns the bytes written, which differ from the plan only when `blob.size` is a guess.
 * Bytes in a local file are read, hashed and written in a worker; others pass through this thread, unless they are a layer to check.
 * Throws `digest-mismatch`, `size-mismatch`, `diffid-mismatch`, `tar-malformed`, `compression-malformed`, `disk-full`.
 */
export async function moveBlob(blob: TransferBlob, handle: FileHandle, offset: number, options: MoveBlobOptions): Promise<number> {
  const { from, layer } = blob;
  if (layer === undefined && (await from.blobs.locate(from.digest)) === undefined) {
    if (blob.decompress === undefined && from.size >= WORTH_A_THREAD) return stream(blob, handle, offset, options);
    let at = offset;
    for await (const chunk of blobChunks(blob, options)) {
      await writeFully(handle, chunk, at, options.name);
      at += chunk.length;
    }
    return at - offset;
  }
  return withLocalBlob(from, options.signal, (input) => pass(blob, input, handle, offset, options));
}

/** Announces to progress the blobs that {@link moveBlob} is about to be asked for, as far as it will report on them. */
export async function announceMoves(blobs: readonly TransferBlob[], { onProgress }: WorkOptions): Promise<void> {
  if (onProgress === undefined) return;
  announce(onProgress, 'copy', (await readByWorkers(blobs)).map(({ descriptor, from }) => [descriptor.digest, from.size]));
}

/**
 * Has `pool` ready for the blobs that {@link moveBlob} will soon be asked for. Only the largest are looked at: what is located stays open, and
 * of many small ones nothing would be left for the target to open. Throws `blob-missing` for one of those.
 */
export async function expectMoves(blobs: readonly TransferBlob[], pool: BlobPool): Promise<void> {
  const largest = blobs.toSorted((a, b) => b.from.size - a.from.size).slice(0, EXPECTED);
  pool.expect((await readByWorkers(largest)).map(({ from }) => from.size));
}

async function readByWorkers(blobs: readonly TransferBlob[]): Promise<readonly TransferBlob[]> {
  const are = await Promise.all(blobs.map(async ({ layer, from }) => layer !== undefined || (await from.blobs.locate(from.digest)) !== undefined));
  return blobs.filter((_, i) => are[i]);
}

/** As `openBlob` reads, but hashed and written in a thread: this one has the network to attend to. */
async function stream({ from }: TransferBlob, handle: FileHandle, offset: number, { signal, name }: MoveBlobOptions): Promise<number> {
  const thread = new WriteThread({ handle, offset, name, algorithm: digestAlgorithm(from.digest) });
  try {
    let seen = 0;
    for await (const lent of from.blobs.lendUnverified?.(from.digest, signal) ?? from.blobs.openUnverified(from.digest, signal)) {
      throwIfInterrupted(signal, `reading ${from.digest}`);
      seen += lent.length;
      if (seen > from.size) throw sizeMismatch(from, `more than ${from.size}`);
      await thread.write(lentBytes(lent));
    }
    throwIfInterrupted(signal, `reading ${from.digest}`);
    if (seen !== from.size) throw sizeMismatch(from, String(seen));
    requireDigest(from.digest, await thread.finish());
    return seen;
  } finally {
    await thread.close();
  }
}

async function pass(blob: TransferBlob, input: FileRange, handle: FileHandle, offset: number, options: MoveBlobOptions): Promise<number> {
  const { from, descriptor, decompress: compression, layer } = blob;
  if (input.length !== from.size) throw sizeMismatch(from, String(input.length));
  const result = await options.pool.run(
    {
      input,
      compression: compression ?? layer?.compression ?? 'none',
      algorithm: digestAlgorithm(from.digest),
      scanLayer: layer !== undefined,
      output: { fd: handle.fd, offset, what: compression === undefined ? 'stored' : 'decompressed' },
      limits: options.limits,
      name: from.name,
    },
    { signal: options.signal, onBytes: (done) => options.onProgress?.({ phase: 'copy', item: descriptor.digest, done, total: input.length }) },
  );
  checkPass(blob, result);
  return compression === undefined ? result.size : result.decompressedSize;
}

/**
 * Reads the layer that `blob` comes from once, without writing it, and checks what `blob.layer` says of it: for targets that
 * cannot check while they write. Throws as {@link moveBlob}.
 */
export async function checkLayer({ from, layer }: TransferBlob, { pool, limits, signal, onProgress }: Omit<MoveBlobOptions, 'name'>): Promise<void> {
  if (layer === undefined) return;
  const result = await withLocalBlob(from, signal, (input) => {
    if (input.length !== from.size) throw sizeMismatch(from, String(input.length));
    return pool.run(
      { input, compression: layer.compression, algorithm: digestAlgorithm(from.digest), scanLayer: true, limits, name: from.name },
      { signal, onBytes: (done) => onProgress?.({ phase: 'verify', item: from.digest, done, total: input.length }) },
    );
  });
  requireDigest(from.digest, result.digest, from.name);
  requireDiffId(from.digest, layer.diffId, result.diffId, from.name);
}

function checkPass({ from, descriptor, decompress: compression, layer }: TransferBlob, result: BlobPassResult): void {
  requireDigest(from.digest, result.digest, from.name);
  const diffId = compression === undefined ? layer?.diffId : descriptor.digest;
  if (diffId !== undefined && diffId !== from.digest) requireDiffId(from.digest, diffId, result.diffId, from.name);
}

/** The bytes that the target will hold, checked as {@link moveBlob} checks them (layer structure excepted). */
export async function* blobChunks(blob: TransferBlob, options: { readonly limits: Limits; readonly signal?: AbortSignal | undefined }): AsyncIterable<Uint8Array> {
  const { from, descriptor } = blob;
  const stored = openBlob(from.blobs, { ...descriptor, digest: from.digest, size: from.size }, options.signal);
  if (blob.decompress === undefined) {
    yield* stored;
    return;
  }
  const plain = decompress(stored, blob.decompress, { name: from.name ?? from.digest, limits: options.limits, signal: options.signal });
  yield* hashedStream(plain, digestAlgorithm(descriptor.digest), (found) => requireDiffId(from.digest, descriptor.digest, found, from.name));
}
