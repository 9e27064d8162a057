import type { BlobPassResult } from '../content/blob-pass.js';
import { runConcurrently } from '../content/concurrent.js';
import { counted } from '../content/counted.js';
import { sniffCompression, type Compression } from '../content/compression.js';
import type { Descriptor } from '../content/descriptor.js';
import { digestAlgorithm, type Digest } from '../content/digest.js';
import type { LayerNames } from '../content/layer-names.js';
import { predictDecompressedSize } from '../content/predict-size.js';
import { spool } from '../content/spool.js';
import { isImgkitError } from '../errors.js';
import type { Check, Finding } from '../image/finding.js';
import type { ImageSource } from '../image/image-source.js';
import { layerCompression } from '../image/media-type.js';
import { announce } from '../progress.js';
import { findingFor, type VerifyOptions } from './verify-finding.js';

const BLOBS_AT_ONCE = 4;
/** Bytes of what layers give names to that are kept: those of some four million. */
const MOST_NAMES = 32 * 1024 * 1024;

export interface BlobToCheck {
  readonly descriptor: Descriptor;
  /** Each place where an image uses the blob as a layer. */
  readonly layers: { readonly compression: Compression; readonly diffId: Digest }[];
}

export interface CheckedBlobs {
  /** In the order of the blobs. */
  readonly findings: readonly Finding[];
  /** What each layer gives names to, of as many layers as fit. */
  readonly names: ReadonlyMap<Digest, LayerNames>;
}

/** Reads every blob once, several at a time. */
export async function checkBlobs(source: ImageSource, blobs: readonly BlobToCheck[], options: VerifyOptions): Promise<CheckedBlobs> {
  const findings = new Map<BlobToCheck, readonly Finding[]>();
  const names = new Map<Digest, LayerNames>();
  let room = MOST_NAMES;
  const onNames = (digest: Digest, given: LayerNames): void => {
    room -= [...given.implied, ...given.again].reduce((sum, name) => sum + 2 * name.length, given.pairs.byteLength);
    if (room >= 0) names.set(digest, given);
  };
  const prepared = await Promise.all(blobs.map((blob) => prepare(source, blob)));
  announce(options.onProgress, 'verify', prepared.map(({ blob: { descriptor } }) => [descriptor.digest, descriptor.size]));
  await runConcurrently(prepared, { limit: BLOBS_AT_ONCE, signal: options.signal, cost: ({ cost }) => cost }, async (each, signal) => {
    findings.set(each.blob, await checkBlob(source, each, { ...options, signal }, onNames));
  });
  return { findings: blobs.flatMap((blob) => findings.get(blob) ?? []), names };
}

interface PreparedBlob {
  readonly blob: BlobToCheck;
  /** Bytes to hash: what is stored and, of a compressed layer, what it claims to expand to. */
  readonly cost: number;
  /** Of a blob in a local file. Looked at before any pass begins: done on the way to the pool, it would shuffle their order. */
  readonly mediaType: ReturnType<typeof checkMediaType> | undefined;
}

async function prepare(source: ImageSource, blob: BlobToCheck): Promise<PreparedBlob> {
  const { descriptor: { digest, size }, layers: [layer] } = blob;
  const range = layer && (await source.blobs.locate(digest));
  if (layer === undefined || range === undefined) return { blob, cost: layer === undefined || layer.compression === 'none' ? size : 4 * size, mediaType: undefined };
  const mediaType = checkMediaType(source, blob);
  // A failure is told with the blob.
  await mediaType.catch(() => undefined);
  if (layer.compression === 'none') return { blob, cost: size, mediaType };
  return { blob, cost: size + ((await predictDecompressedSize(range, layer.compression))?.size ?? 3 * size), mediaType };
}

async function checkBlob(source: ImageSource, { blob, mediaType }: PreparedBlob, options: VerifyOptions, onNames: (digest: Digest, names: LayerNames) => void): Promise<readonly Finding[]> {
  const { digest } = blob.descriptor;
  try {
    const { compression, finding } = await (mediaType ?? checkMediaType(source, blob));
    const result = await pass(source, blob, compression, options);
    if (result.layer?.names !== undefined) onNames(digest, result.layer.names);
    return [...finding, ...judge(blob, result, compression !== undefined)];
  } catch (error) {
    const isTar = isImgkitError(error, 'tar-malformed', 'tar-truncated', 'limit-exceeded', 'compression-malformed');
    return [findingFor(error, isTar ? 'layer-structure' : 'blob', digest)];
  }
}

/** Whether the bytes are compressed as the media type says; a lie would make two readers see two different layers. */
async function checkMediaType(source: ImageSource, { descriptor, layers }: BlobToCheck): Promise<{ compression: Compression | undefined; finding: readonly Finding[] }> {
  const [layer] = layers;
  if (layer === undefined) return { compression: undefined, finding: [] };
  const { mediaType, digest } = descriptor;
  const found = sniffCompression(await head(source, digest));
  const said = layerCompression(mediaType) ?? 'none';
  if (found === said) return { compression: found, finding: [{ check: 'media-types', status: 'ok', subject: digest, message: mediaType }] };
  const message = `the media type ${mediaType} says ${said}, the content is ${found}`;
  // Its diffID says as much, so there is no other layer for anybody to see.
  if (found === 'none' && layer.compression === 'none') return { compression: found, finding: [{ check: 'media-types', status: 'note', subject: digest, message: `${message}, as its diffID says too: readers take it as it is` }] };
  return { compression: found, finding: [{ check: 'media-types', status: 'failed', subject: digest, message, expected: said, found }] };
}

async function head(source: ImageSource, digest: Digest): Promise<Uint8Array> {
  for await (const chunk of source.blobs.openUnverified(digest)) if (chunk.length > 0) return chunk;
  return new Uint8Array();
}

async function pass(source: ImageSource, { descriptor }: BlobToCheck, compression: Compression | undefined, options: VerifyOptions): Promise<BlobPassResult> {
  const { digest, size } = descriptor;
  const { signal, onProgress, pool, limits } = options;
  let range = await source.blobs.locate(digest);
  // What is not in a local file is brought into a private one: the worker is the only place that checks layers.
  const spooled = range === undefined ? await spool(digest, source.blobs.openUnverified(digest, signal), { signal }) : undefined;
  range ??= spooled?.locate({ offset: 0, length: spooled.size });
  if (range === undefined) throw new TypeError(`blob ${digest} has no file`);
  try {
    return await pool.run(
      { input: range, compression: compression ?? 'none', algorithm: digestAlgorithm(digest), scanLayer: compression !== undefined, judgeLayer: true, limits, name: `${source.location}: ${digest}` },
      { signal, onBytes: (done) => onProgress?.({ phase: 'verify', item: digest, done, total: size }) },
    );
  } finally {
    await spooled?.close();
  }
}

function judge({ descriptor, layers }: BlobToCheck, result: BlobPassResult, isLayer: boolean): readonly Finding[] {
  const { digest, size } = descriptor;
  const findings: Finding[] = [];
  const add = (check: Check, fits: boolean, good: string, bad: string, expected: string, found: string): void => {
    findings.push(fits ? { check, status: 'ok', subject: digest, message: good } : { check, status: 'failed', subject: digest, message: bad, expected, found });
  };
  const fits = result.size === size && result.digest === digest;
  const wrong = result.size === size ? 'the content was changed or damaged' : 'the size differs from the descriptor';
  add('blob', fits, `${size} bytes, size and digest right`, wrong, result.size === size ? digest : String(size), result.size === size ? result.digest : String(result.size));
  for (const { diffId } of layers) {
    add('diff-id', result.diffId === diffId, `${diffId}, ${result.decompressedSize} bytes uncompressed`, 'the uncompressed layer is not the one that the config names', diffId, result.diffId);
  }
  if (isLayer && result.layer !== undefined) {
    findings.push({ check: 'layer-structure', status: 'ok', subject: digest, message: counted(result.layer.entries, 'entry', 'entries') });
    for (const message of result.layer.notes) findings.push({ check: 'layer-structure', status: 'note', subject: digest, message });
  }
  return findings;
}
