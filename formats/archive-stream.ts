import type { ByteSource } from '../src/content/byte-source.js';
import { countedChunks } from '../src/content/counted-chunks.js';
import type { Digest } from '../src/content/digest.js';
import type { LentChunk } from '../src/content/lent-chunk.js';
import { spoolHashed } from '../src/content/spool.js';
import { fillScratch } from '../src/image/fill-scratch.js';
import type { ImageSink, SinkWriteOptions, StagedPlace } from '../src/image/image-sink.js';
import { blobChunks } from '../src/image/move-blob.js';
import type { Limits } from '../src/limits.js';
import { announce, type WorkOptions } from '../src/progress.js';
import { layOut, type LayoutItem } from '../src/tar/archive-layout.js';
import type { ArchiveEntry } from './archive-entry.js';
import type { ArchiveWriter } from './archive-sink.js';
import type { StreamTarget } from './archive-target.js';

const ZEROS = new Uint8Array(512);

/** A blob in a private temporary file, and its place among those. */
interface Staged {
  readonly source: ByteSource;
  readonly place: number;
}

/** An archive written once, front to back: to stdout, a compressor or an engine. Sizes must be exact before it starts. */
export class ArchiveStream implements ArchiveWriter {
  readonly #target: StreamTarget;
  readonly #staged = new Map<Digest, Staged>();
  readonly #limits: Limits;
  /** Blobs that were asked to be staged. */
  #places = 0;

  constructor(target: StreamTarget, { limits }: { readonly limits: Limits }) {
    this.#target = target;
    this.#limits = limits;
  }

  /** Keeps the blob in a private temporary file: its digest must stand in headers that are sent before it. */
  async stage(chunks: AsyncIterable<LentChunk>, options: Pick<WorkOptions, 'signal'>): ReturnType<ImageSink['stage']> {
    const { bytes, digest } = await spoolHashed(this.#target.name, chunks, options);
    await this.#keep(digest, bytes, this.#places++);
    return { digest, size: bytes.size };
  }

  async stageFile(size: number, fill: (place: StagedPlace) => Promise<Digest>): Promise<void> {
    const place = this.#places++;
    const { digest, bytes } = await fillScratch(this.#target.name, size, fill);
    await this.#keep(digest, bytes, place);
  }

  async write(entries: readonly ArchiveEntry[], options: SinkWriteOptions): Promise<number> {
    await options.proven?.();
    const ordered = this.#stagedFirst(entries);
    const layout = layOut(ordered);
    const bytes = await this.#target.consume(this.#chunks(ordered, layout.items, layout.trailer.size, options), layout.totalSize, options);
    await this.discard();
    return bytes;
  }

  async discard(): Promise<void> {
    for (const { source } of this.#staged.values()) await source.close();
    this.#staged.clear();
  }

  async #keep(digest: Digest, source: ByteSource, place: number): Promise<void> {
    await this.#staged.get(digest)?.source.close();
    this.#staged.set(digest, { source, place });
  }

  /** Staged blobs come first, in the order they were made, as in a file: the same images give the same bytes either way. */
  #stagedFirst(entries: readonly ArchiveEntry[]): readonly ArchiveEntry[] {
    const place = (entry: ArchiveEntry): number => ('blob' in entry ? (this.#staged.get(entry.blob.descriptor.digest)?.place ?? this.#places) : this.#places);
    return entries.toSorted((a, b) => place(a) - place(b));
  }

  async *#chunks(entries: readonly ArchiveEntry[], items: readonly LayoutItem[], trailer: number, options: WorkOptions): AsyncIterable<Uint8Array> {
    announce(options.onProgress, 'copy', entries.flatMap((entry) => ('blob' in entry ? [[entry.blob.descriptor.digest, entry.size] as const] : [])));
    for (const [i, entry] of entries.entries()) {
      const item = items[i] as LayoutItem;
      yield item.header;
      if ('bytes' in entry) yield entry.bytes;
      else yield* this.#blob(entry, options);
      if (item.padding > 0) yield ZEROS.subarray(0, item.padding);
    }
    yield new Uint8Array(trailer);
  }

  async *#blob(entry: Extract<ArchiveEntry, { blob: unknown }>, options: WorkOptions): AsyncIterable<Uint8Array> {
    const { digest } = entry.blob.descriptor;
    const staged = this.#staged.get(digest);
    const chunks = staged?.source.stream() ?? blobChunks(entry.blob, { limits: this.#limits, signal: options.signal });
    yield* countedChunks(chunks, (done) => options.onProgress?.({ phase: 'copy', item: digest, done, total: entry.size }));
  }
}
