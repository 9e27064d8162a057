import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { digestAlgorithm, digestOf, finishDigest, type Digest } from '../content/digest.js';
import { ImgkitError } from '../errors.js';
import type { Transfer, TransferBlob } from '../image/image-sink.js';
import { blobPath, blobSize, LayoutBlobs } from './layout-blobs.js';

/** A blob up to here is read to see whether it is what it should be: hashing it takes a millisecond or two. Configs are smaller. */
const READ_MAX = 1024 * 1024;

/** What a transfer still has to write into a layout. */
export interface MissingContent {
  readonly blobs: readonly TransferBlob[];
  readonly documents: readonly (readonly [Digest, Uint8Array])[];
  /** Blobs and documents that are here already. */
  readonly reused: number;
  /** Those of the blobs that must be checked as layers, which nobody does while they are written. */
  readonly unchecked: readonly TransferBlob[];
  /** Sizes of blobs that are here and that the transfer only guessed. */
  readonly learned: ReadonlyMap<Digest, number>;
  /** Bytes to write, as far as known. */
  readonly bytes: number;
}

/**
 * Compares a transfer with what the layout in `folder` and `staged` hold. What has the wrong size counts as missing, and so do documents
 * and small blobs that are damaged: to read the others would take as long as to write them, and is done where `readAll` asks for it. Call it
 * under a lease. Throws `digest-mismatch` for a document that is not what it claims.
 */
export async function findMissing(folder: string, transfer: Transfer, staged: ReadonlySet<Digest>, options: { readonly readAll?: boolean | undefined; readonly signal?: AbortSignal | undefined } = {}): Promise<MissingContent> {
  const readMax = options.readAll === true ? Infinity : READ_MAX;
  const blobs: TransferBlob[] = [];
  const documents: [Digest, Uint8Array][] = [];
  const learned = new Map<Digest, number>();
  const unchecked: TransferBlob[] = [];
  let reused = 0;
  for (const blob of transfer.blobs) {
    const { digest, size } = blob.descriptor;
    if (staged.has(digest)) continue;
    const found = await blobSize(folder, digest);
    if (found === undefined || (found !== size && blob.size === 'exact') || (found <= readMax && (await isDamaged(folder, digest, options.signal)))) blobs.push(blob);
    else if (found === size) {
      reused += 1;
      // One that is, or would be, uncompressed lies here under its diffID.
      if (blob.layer !== undefined && blob.decompress === undefined && blob.layer.diffId !== digest) unchecked.push(blob);
    } else learned.set(digest, found);
  }
  for (const [digest, { bytes }] of transfer.documents) {
    requireDigest(digest, bytes);
    if (staged.has(digest)) continue;
    if (await holdsDocument(folder, digest, bytes)) reused += 1;
    else documents.push([digest, bytes]);
  }
  const bytes = blobs.reduce((sum, { descriptor }) => sum + descriptor.size, 0) + documents.reduce((sum, [, { length }]) => sum + length, 0);
  return { blobs, documents, reused, unchecked, learned, bytes };
}

/** The blobs of `transfer` that neither the layout in `folder` nor `staged` holds; before there is a lease that is a guess. */
export async function absentBlobs(folder: string, { blobs }: Transfer, staged: ReadonlySet<Digest>): Promise<readonly TransferBlob[]> {
  const there = await Promise.all(blobs.map(async ({ descriptor: { digest } }) => staged.has(digest) || (await blobSize(folder, digest)) !== undefined));
  return blobs.filter((_, i) => !(there[i] as boolean));
}

function requireDigest(digest: Digest, bytes: Uint8Array): void {
  const found = digestOf(bytes, digestAlgorithm(digest));
  if (found === digest) return;
  throw new ImgkitError('digest-mismatch', `Manifest ${digest} has the digest ${found}; get the image again.`, { entry: digest, expected: digest, found });
}

async function isDamaged(folder: string, digest: Digest, signal: AbortSignal | undefined): Promise<boolean> {
  const algorithm = digestAlgorithm(digest);
  const hash = createHash(algorithm);
  for await (const chunk of new LayoutBlobs(folder).openUnverified(digest, signal)) hash.update(chunk);
  return finishDigest(hash, algorithm) !== digest;
}

async function holdsDocument(folder: string, digest: Digest, bytes: Uint8Array): Promise<boolean> {
  if ((await blobSize(folder, digest)) !== bytes.length) return false;
  return Buffer.compare(await readFile(blobPath(folder, digest)), bytes) === 0;
}
