import type { ByteSource } from '../content/byte-source.js';
import type { Compression } from '../content/compression.js';
import { decompress } from '../content/decompress.js';
import { digestOf, type Digest } from '../content/digest.js';
import { hashedStream } from '../content/hashed-stream.js';
import { countedChunks } from '../content/counted-chunks.js';
import { closedRoot } from '../filesystem/closed-root.js';
import { LoneLayer } from '../filesystem/lone-layer.js';
import type { DraftLayer } from '../image/derive.js';
import type { ImageSink } from '../image/image-sink.js';
import { layerTypeFor } from '../image/media-type.js';
import type { Limits } from '../limits.js';
import { malformed } from '../tar/fault.js';
import type { TarEntry } from '../tar/tar-entry.js';
import { TarScanner } from '../tar/tar-scanner.js';
import { stageLayer, type StageOptions } from './stage-layer.js';

export interface StageTarOptions extends Omit<StageOptions, 'compression'> {
  readonly limits: Limits;
  /** How the target shall hold it; undefined keeps the bytes of `source` when they are compressed. */
  readonly compression: Compression | undefined;
  /** Something that the user should know. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/**
 * Takes the layer tar in `source`, with `around` around it, into `sink`: its uncompressed bytes are checked as a layer and kept
 * bit for bit. Compressed ones keep that form too, unless `compression` asks otherwise. Throws `tar-malformed`, `tar-truncated`,
 * `compression-malformed`, `disk-full`.
 */
export async function stageTar(source: ByteSource, around: Compression, sink: ImageSink, options: StageTarOptions): Promise<DraftLayer> {
  const { signal, onProgress, family } = options;
  const { name, size: total } = source;
  const read = (): AsyncIterable<Uint8Array> => countedChunks(source.stream(undefined, signal), (done) => onProgress?.({ phase: 'write', item: name, done, total }));
  const plain = (): AsyncIterable<Uint8Array> => {
    const stored = read();
    return checkedLayer(around === 'none' ? stored : decompress(stored, around, { name, limits: options.limits, signal }), name, options);
  };
  const compression = options.compression ?? (around === 'none' ? 'gzip' : around);
  if (around === 'none' || compression !== around) return stageLayer(plain(), sink, { ...options, compression });
  let diffId: Digest = digestOf(new Uint8Array(0));
  for await (const chunk of hashedStream(plain(), 'sha256', (found) => { diffId = found; })) void chunk;
  const staged = await sink.stage(read(), { signal });
  return { descriptor: { mediaType: layerTypeFor(around === 'zstd' ? 'oci' : family, around), ...staged }, diffId };
}

/** Passes a layer on and checks every header on the way; the end comes only when all of it was right. */
async function* checkedLayer(chunks: AsyncIterable<Uint8Array>, file: string, { limits, onNote }: StageTarOptions): AsyncIterable<Uint8Array> {
  const alone = new LoneLayer();
  let closed: string | undefined;
  const onEntry = (entry: TarEntry): void => {
    alone.add(entry);
    if (entry.path === '') closed = closedRoot(entry.mode);
  };
  const scanner = new TarScanner({ file, mode: 'layer', limits, onEntry });
  for await (const chunk of chunks) {
    scanner.push(chunk);
    if (alone.misplaced !== undefined) throw malformed({ file, ...alone.misplaced }, alone.misplaced.problem);
    yield chunk;
  }
  scanner.end();
  for (const note of closed === undefined ? alone.notes : [...alone.notes, closed]) onNote?.(note);
}
