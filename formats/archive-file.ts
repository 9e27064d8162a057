import { dirname } from 'node:path';
import { createAtomicFile, type AtomicFile } from '../src/content/atomic-file.js';
import { runConcurrently } from '../src/content/concurrent.js';
import type { Digest } from '../src/content/digest.js';
import { throwIfInterrupted } from '../src/content/interrupted.js';
import { requireSpace } from '../src/content/free-space.js';
import { HashingWriter, type Hashed } from '../src/content/hashing-writer.js';
import { lentBytes, type LentChunk } from '../src/content/lent-chunk.js';
import { writeFully } from '../src/content/write-fully.js';
import { SizeMispredicted, type SinkWriteOptions, type StagedPlace } from '../src/image/image-sink.js';
import { announceMoves, expectMoves, moveBlob } from '../src/image/move-blob.js';
import type { WorkOptions } from '../src/progress.js';
import { BLOCK, paddingOf } from '../src/tar/block.js';
import { layOut, type LayoutItem } from '../src/tar/archive-layout.js';
import { encodeHeader } from '../src/tar/encode-header.js';
import type { ArchiveEntry } from './archive-entry.js';
import type { ArchiveSinkOptions, ArchiveWriter } from './archive-sink.js';
import type { FileTarget } from './archive-target.js';
import { DOCKER_PATHS } from './docker-entries.js';
import { blobPath } from '../src/image/blob-path.js';

const BLOBS_AT_ONCE = 4;

/**
 * An archive written into a file at any place: sizes are known first, so every blob has its offset and several are written
 * at once by workers, without temporary files. The final name appears only when all of it is there, checked and synced.
 */
export class ArchiveFile implements ArchiveWriter {
  readonly #path: string;
  readonly #options: ArchiveSinkOptions;
  readonly #staged = new Map<Digest, number>();
  #file: Promise<AtomicFile> | undefined;
  /** Where the next staged blob, or the planned part, starts. */
  #end = 0;

  constructor(target: FileTarget, options: ArchiveSinkOptions) {
    this.#path = target.path;
    this.#options = options;
  }

  /** Appends a blob of unknown digest: room for its header is left and filled in once the digest is known. Nothing stays of one that fails, or was staged before. */
  async stage(chunks: AsyncIterable<LentChunk>, { signal }: Pick<WorkOptions, 'signal'>): Promise<Hashed> {
    const { handle } = await this.#open();
    const bodyOffset = this.#end + BLOCK;
    const writer = new HashingWriter(handle, { name: this.#path, offset: bodyOffset });
    try {
      for await (const chunk of chunks) {
        throwIfInterrupted(signal, 'making a layer');
        await writer.write(lentBytes(chunk));
      }
      const hashed = await writer.finish();
      const { digest, size } = hashed;
      if (this.#staged.has(digest)) return hashed;
      await this.#putHeader(digest, size, this.#end);
      this.#end = bodyOffset + size + paddingOf(size);
      return hashed;
    } finally {
      await writer.close();
      // One that may follow may be shorter.
      await handle.truncate(this.#end);
    }
  }

  /** Its room is taken when it is called, so that several can be filled at once. */
  async stageFile(size: number, fill: (place: StagedPlace) => Promise<Digest>): Promise<void> {
    const { handle } = await this.#open();
    const at = this.#end;
    this.#end += BLOCK + size + paddingOf(size);
    const digest = await fill({ handle, offset: at + BLOCK });
    // Its room could not be given back.
    if (this.#staged.has(digest)) throw new TypeError(`blob ${digest} was staged twice`);
    await this.#putHeader(digest, size, at);
  }

  /** Writes everything that is not staged, ends the archive and commits it. Returns the size of the file. */
  async write(entries: readonly ArchiveEntry[], options: SinkWriteOptions): Promise<number> {
    const planned = entries.filter((entry) => !('blob' in entry && this.#staged.has(entry.blob.descriptor.digest)));
    await expectMoves(planned.flatMap((entry) => ('blob' in entry ? [entry.blob] : [])), this.#options.pool);
    const file = await this.#open();
    const layout = layOut(planned);
    await requireSpace(dirname(this.#path), layout.totalSize);
    await file.handle.truncate(this.#end);
    await file.handle.truncate(this.#end + layout.totalSize);
    await this.#writeSmall(file, planned, layout.items);
    await this.#writeBlobs(file, planned, layout.items, options);
    throwIfInterrupted(options.signal, `writing ${this.#path}`);
    await options.proven?.();
    await file.commit();
    return this.#end + layout.totalSize;
  }

  async discard(): Promise<void> {
    await (await this.#file?.catch(() => undefined))?.discard();
  }

  async #writeSmall(file: AtomicFile, entries: readonly ArchiveEntry[], items: readonly LayoutItem[]): Promise<void> {
    for (const [i, entry] of entries.entries()) {
      const { header, headerOffset, bodyOffset } = items[i] as LayoutItem;
      await writeFully(file.handle, header, this.#end + headerOffset, this.#path);
      if ('bytes' in entry) await writeFully(file.handle, entry.bytes, this.#end + bodyOffset, this.#path);
    }
  }

  async #writeBlobs(file: AtomicFile, entries: readonly ArchiveEntry[], items: readonly LayoutItem[], options: WorkOptions): Promise<void> {
    const { pool, limits } = this.#options;
    const learned = new Map<Digest, number>();
    const work = entries.flatMap((entry, i) => ('blob' in entry ? [{ entry, at: this.#end + (items[i] as LayoutItem).bodyOffset }] : []));
    await announceMoves(work.map(({ entry }) => entry.blob), options);
    const cost = ({ entry }: (typeof work)[number]): number => Math.max(entry.size, entry.blob.from.size);
    await runConcurrently(work, { limit: BLOBS_AT_ONCE, signal: options.signal, cost }, async ({ entry, at }, signal) => {
      const written = await moveBlob(entry.blob, file.handle, at, { ...options, signal, pool, limits, name: this.#path });
      if (written !== entry.size) learned.set(entry.blob.descriptor.digest, written);
    });
    if (learned.size > 0) throw new SizeMispredicted(learned);
  }

  async #putHeader(digest: Digest, size: number, at: number): Promise<void> {
    const { handle } = await this.#open();
    this.#staged.set(digest, size);
    const layerPath = this.#options.format === 'docker-archive' ? DOCKER_PATHS.layer : blobPath;
    await writeFully(handle, encodeHeader({ path: layerPath(digest), size, singleHeader: true }), at, this.#path);
  }

  #open(): Promise<AtomicFile> {
    this.#file ??= createAtomicFile(this.#path, { overwrite: true, folderHint: layoutHint(this.#path) });
    return this.#file;
  }
}

/** What else can be done with a folder that is named as an archive. */
export function layoutHint(path: string): string {
  return `, or write oci:${path} for an OCI layout`;
}
