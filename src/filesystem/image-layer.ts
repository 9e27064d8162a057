import { createHash } from 'node:crypto';
import type { BlobSource, FileRange } from '../content/byte-source.js';
import type { Compression } from '../content/compression.js';
import { countedChunks } from '../content/counted-chunks.js';
import { decompress } from '../content/decompress.js';
import type { Descriptor } from '../content/descriptor.js';
import { digestAlgorithm, finishDigest, type Digest } from '../content/digest.js';
import { gunzipStream } from '../content/gunzip-stream.js';
import { hashedStream } from '../content/hashed-stream.js';
import { throwIfInterrupted } from '../content/interrupted.js';
import { lentBytes, type LentChunk } from '../content/lent-chunk.js';
import { readAhead } from '../content/read-ahead.js';
import { readInThread } from '../content/read-in-thread.js';
import { BlobProof, openBlob, requireDigest, sizeMismatch } from '../content/verified-read.js';
import { ImgkitError, isImgkitError } from '../errors.js';
import { isAbsentLayer } from '../image/absent.js';
import { requireDiffId } from '../image/diff-id.js';
import { inFile } from '../image/in-file.js';
import { isEncrypted } from '../image/media-type.js';
import { storedCompression } from '../image/stored-compression.js';
import type { Limits } from '../limits.js';
import { announce, type WorkOptions } from '../progress.js';

/** Stored bytes below which a thread (40 ms to start) does not pay. */
const WORTH_A_THREAD = 4 * 1024 * 1024;

/** Stored bytes from which on hashing them here, and waiting for zlib's thread at each slice, takes longer than that thread. */
const MUCH_TO_HASH = 32 * 1024 * 1024;

/** One layer of an image, and where its bytes are. */
export interface ImageLayer {
  /** Base 0. */
  readonly number: number;
  /** For errors: the location and the layer's digest. */
  readonly name: string;
  readonly blobs: BlobSource;
  readonly descriptor: Descriptor;
  readonly compression: Compression;
  readonly diffId: Digest;
}

export interface ReadLayerOptions extends WorkOptions {
  readonly limits: Limits;
  /**
   * `digest`: the stored bytes are those that the manifest names. `diff-id`: the uncompressed ones are those that the config names.
   * `both` (default): each costs a hash of all of them. Who reads a layer twice may prove one each time.
   */
  readonly proof?: 'digest' | 'diff-id' | 'both' | undefined;
  /**
   * Where {@link pushLayer} computes the diffID, or the digest of a compressed layer where that is all to prove: in the thread that reads (default), or here, for who
   * reads one layer at a time and leaves that thread, or this one, waiting.
   */
  readonly hashing?: 'in-thread' | 'here' | undefined;
}

/** The layers of an image, base first; `location` is for errors. Throws `compression-unsupported` when one is encrypted. */
export function imageLayers(blobs: BlobSource, location: string, descriptors: readonly Descriptor[], diffIds: readonly Digest[]): readonly ImageLayer[] {
  return descriptors.map((descriptor, number) => {
    const { digest, mediaType } = descriptor;
    const name = `${location}: ${digest}`;
    const diffId = diffIds[number] as Digest;
    const compression = storedCompression(descriptor, diffId);
    if (compression === undefined) {
      throw new ImgkitError('compression-unsupported', `${name}: a layer of type ${mediaType} cannot be looked into; ${isEncrypted(mediaType) ? 'decrypt the image first: imgkit decrypt --layers' : 'it is no tar'}.`, { file: location, entry: digest });
    }
    return { number, name, blobs, descriptor, compression, diffId };
  });
}

/** Tells the receiver of progress which layers are to be read, so that it knows the whole before the first. */
export function announceLayers(layers: readonly ImageLayer[], { onProgress }: WorkOptions): void {
  announce(onProgress, 'read', layers.map(({ descriptor }) => [descriptor.digest, descriptor.size]));
}

/** True for an uncompressed layer whose digest proves its diffID as well: it is the same hash. */
export function hasOneProof({ compression, descriptor }: ImageLayer): boolean {
  return compression === 'none' && digestAlgorithm(descriptor.digest) === 'sha256';
}

/**
 * The uncompressed bytes of `layer`. They are a claim until the end: size and digest of the stored bytes, and the diffID, are checked
 * there unless `proof` says otherwise. Reports stored bytes as phase `read`. Throws as `openBlob` and `decompress` do, and `diffid-mismatch`.
 */
export function openLayer(layer: ImageLayer, options: ReadLayerOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const { compression, name } = layer;
  const { limits, signal } = options;
  return proven(layer, options, (stored) => (compression === 'none' ? stored : decompress(readAhead(stored), compression, { name, limits, signal })));
}

/** The same of a layer with gzip, lent: its memory is used again, where it would else wait for the collector. */
function lendLayer(layer: ImageLayer, options: ReadLayerOptions): AsyncGenerator<LentChunk, void, undefined> {
  const { name } = layer;
  const { limits, signal } = options;
  const meanwhile = (): void => throwIfInterrupted(signal, `decompressing ${name}`);
  return proven(layer, options, (stored) => gunzipStream(readAhead(stored), { name, limits, meanwhile, lent: true }));
}

async function* proven<Chunk extends LentChunk>(layer: ImageLayer, { signal, onProgress, proof = 'both' }: ReadLayerOptions, decode: (stored: AsyncIterable<Uint8Array>) => AsyncIterable<Chunk>): AsyncGenerator<Chunk, void, undefined> {
  const { descriptor, blobs, name, diffId } = layer;
  const { digest } = descriptor;
  const one = hasOneProof(layer);
  const check = (found: Digest): void => requireDiffId(digest, diffId, found, name);
  try {
    const read = proof === 'diff-id' && !one ? blobs.openUnverified(digest, signal) : openBlob(blobs, descriptor, signal);
    const stored = countedChunks(read, (done) => onProgress?.({ phase: 'read', item: digest, done, total: descriptor.size }));
    if (one) check(digest);
    const plain = decode(stored);
    yield* one || proof === 'digest' ? plain : hashedStream(plain, 'sha256', check);
  } catch (error) {
    throw explained(error, layer);
  }
}

/**
 * As {@link openLayer}, to a receiver that is done with a chunk (a view, valid only during the call) when it returns: a large layer in
 * a local file is then read in a thread of its own. Resolves when everything was proven. `receiver` says how long it takes over a
 * chunk: one that is quick (headers alone) does not need that thread.
 */
export async function pushLayer(layer: ImageLayer, options: ReadLayerOptions, onChunk: (chunk: Uint8Array) => void, receiver: 'quick' | 'slow' = 'slow'): Promise<void> {
  const { descriptor, compression } = layer;
  if (receiver === 'quick' && compression === 'gzip' && options.proof === 'digest' && descriptor.size < MUCH_TO_HASH) return pushGunzipped(layer, options, onChunk);
  const input = descriptor.size < WORTH_A_THREAD ? undefined : await located(layer);
  if (input !== undefined) return pushInThread(layer, input, options, onChunk);
  for await (const chunk of compression === 'gzip' ? lendLayer(layer, options) : openLayer(layer, options)) onChunk(lentBytes(chunk));
}

/** zlib's thread, which is there already, decodes; the rest is hashing and looking at headers, in the meantime here. */
async function pushGunzipped(layer: ImageLayer, { limits, signal, onProgress }: ReadLayerOptions, onChunk: (chunk: Uint8Array) => void): Promise<void> {
  const { descriptor, blobs, name } = layer;
  const { digest, size } = descriptor;
  const proof = new BlobProof(descriptor);
  let done = 0;
  const meanwhile = (slice: Uint8Array): void => {
    throwIfInterrupted(signal, `reading ${name}`);
    proof.take(slice);
    done += slice.length;
    onProgress?.({ phase: 'read', item: digest, done, total: size });
  };
  try {
    for await (const chunk of gunzipStream(readAhead(blobs.openUnverified(digest, signal)), { name, limits, meanwhile, lent: true })) onChunk(lentBytes(chunk));
    throwIfInterrupted(signal, `reading ${name}`);
    proof.finish();
  } catch (error) {
    throw explained(error, layer);
  }
}

async function pushInThread(layer: ImageLayer, input: FileRange, { limits, signal, onProgress, proof = 'both', hashing }: ReadLayerOptions, onChunk: (chunk: Uint8Array) => void): Promise<void> {
  const { descriptor, compression, name, diffId } = layer;
  const { digest, size } = descriptor;
  const one = hasOneProof(layer);
  const hashPlain = !one && proof !== 'digest';
  const here = hashPlain && hashing === 'here' ? createHash('sha256') : undefined;
  const hashStored = one || proof !== 'diff-id';
  const stored = proof === 'digest' && hashing === 'here' && compression !== 'none' ? new BlobProof(descriptor) : undefined;
  try {
    if (input.length !== size) throw sizeMismatch(descriptor, String(input.length));
    const found = await readInThread({
      name, input, compression, limits, signal,
      onChunk: here === undefined ? onChunk : (chunk) => {
        here.update(chunk);
        onChunk(chunk);
      },
      onStored: stored && ((chunk) => stored.take(chunk)),
      hashStored: hashStored && stored === undefined ? digestAlgorithm(digest) : undefined,
      hashPlain: hashPlain && here === undefined,
      onBytes: onProgress && ((done) => onProgress({ phase: 'read', item: digest, done, total: size })),
    });
    stored?.finish();
    if (found.digest !== undefined) requireDigest(digest, found.digest);
    const plain = one ? found.digest : here === undefined ? found.plainDigest : finishDigest(here, 'sha256');
    if (plain !== undefined) requireDiffId(digest, diffId, plain, name);
  } catch (error) {
    throw explained(error, layer);
  }
}

async function located(layer: ImageLayer): Promise<FileRange | undefined> {
  try {
    return await layer.blobs.locate(layer.descriptor.digest);
  } catch (error) {
    throw explained(error, layer);
  }
}

/** `error` with the image named in it. A layer that may legally be away is not lost, and to get the image again brings it no nearer. */
function explained(error: unknown, { descriptor, name }: ImageLayer): unknown {
  const { digest } = descriptor;
  const file = name.slice(0, -digest.length - 2);
  if (!isImgkitError(error) || error.code !== 'blob-missing' || !isAbsentLayer(descriptor)) return inFile(error, file);
  return new ImgkitError('blob-missing', `${name}: this layer is not here, which is legal, for its publisher does not let others distribute it; imgkit files --layer looks into one of the others.`, { file, entry: digest }, { cause: error });
}
