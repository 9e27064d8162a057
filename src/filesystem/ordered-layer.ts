import { ChunkBatch } from '../content/chunk-batch.js';
import { lentBytes, type LentChunk } from '../content/lent-chunk.js';
import type { Limits } from '../limits.js';
import { asBuffer, BLOCK, firstNonZero, paddingOf, zeros } from '../tar/block.js';
import type { TarEntry } from '../tar/tar-entry.js';
import { TarScanner } from '../tar/tar-scanner.js';
import { layerHeader } from './layer-writer.js';
import type { OrderedTree } from './ordered-tree.js';

/** The tar has an entry that only its whole tree can tell the meaning of. Nobody outside hears of it: it is read another way then. */
export class NotInOrder extends Error {
  constructor() {
    super('the whole tar is needed');
  }
}

export interface OrderedLayerOptions {
  /** As the user named the tar; for errors. */
  readonly name: string;
  readonly limits: Limits;
  /** Legal oddities of the tar, one sentence each, when all is read. */
  readonly onNote: (note: string) => void;
}

/**
 * The uncompressed layer that `writeLayer` makes of a tar, while the tar, in `chunks`, is read once; `ordered` holds its tree in the end.
 * What has the very bytes of the layer is passed on without being copied; in chunks that are lent. Throws {@link NotInOrder},
 * `tar-malformed`, `tar-truncated`, `limit-exceeded`, and what `chunks` throws.
 */
export async function* orderedLayer(chunks: AsyncIterable<LentChunk>, ordered: OrderedTree, options: OrderedLayerOptions): AsyncGenerator<LentChunk, void, undefined> {
  const rewriter = new Rewriter(ordered, options);
  const batch = new ChunkBatch();
  try {
    for await (const chunk of chunks) {
      for (const piece of rewriter.push(lentBytes(chunk))) for (const each of batch.add(piece)) yield each;
    }
    for (const piece of rewriter.end()) for (const each of batch.add(piece)) yield each;
    for (const each of batch.flush()) yield each;
  } finally {
    batch.release();
  }
}

/** Offsets count from the start of the tar. */
class Rewriter {
  readonly #options: OrderedLayerOptions;
  readonly #scanner: TarScanner;
  #pieces: Uint8Array[] = [];
  #chunk: Buffer = zeros(0);
  /** Where the chunk begins. */
  #start = 0;
  /** What lies before is in the layer; what follows is passed on as it is, up to where the layer has something else. */
  #from = 0;
  /** Where the last entry's body ends, and its padding. */
  #bodyEnd = 0;
  #end = 0;

  constructor(ordered: OrderedTree, options: OrderedLayerOptions) {
    this.#options = options;
    this.#scanner = new TarScanner({ file: options.name, mode: 'layer', limits: options.limits, onEntry: (entry) => this.#take(ordered, entry) });
  }

  /** The next bytes of the layer that are known with `chunk`: views of it among them. */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    this.#pieces = [];
    this.#chunk = asBuffer(chunk);
    this.#scanner.push(this.#chunk);
    const end = this.#start + chunk.length;
    if (end > this.#bodyEnd) this.#close();
    else this.#keep(end);
    this.#start = end;
    return this.#pieces;
  }

  end(): readonly Uint8Array[] {
    // What is wrong with no bytes at all is told by who reads the whole tree.
    if (this.#start === 0) throw new NotInOrder();
    this.#pieces = [];
    for (const note of this.#scanner.end().notes) this.#options.onNote(note);
    this.#close();
    return [...this.#pieces, zeros(2 * BLOCK)];
  }

  #take(ordered: OrderedTree, entry: TarEntry): void {
    const item = ordered.add(entry);
    if (item === undefined) throw new NotInOrder();
    const header = layerHeader(item);
    if (!this.#holds(header, entry)) {
      this.#close();
      this.#pieces.push(header);
      this.#from = entry.bodyOffset;
    }
    this.#bodyEnd = entry.bodyOffset + entry.size;
    this.#end = this.#bodyEnd + paddingOf(entry.size);
  }

  /** Whether the tar has the padding of the last entry and this `header` right as the layer has them. */
  #holds(header: Uint8Array, { headerOffset, bodyOffset }: TarEntry): boolean {
    const at = headerOffset - this.#start;
    if (at < 0 || headerOffset !== this.#end || bodyOffset - headerOffset !== header.length) return false;
    if (this.#from < headerOffset && firstNonZero(this.#chunk, this.#bodyEnd - this.#start, at) !== -1) return false;
    return this.#chunk.compare(header, 0, header.length, at, at + header.length) === 0;
  }

  /** Passes on what the chunk has up to `to`. */
  #keep(to: number): void {
    if (to <= this.#from) return;
    this.#pieces.push(this.#chunk.subarray(this.#from - this.#start, to - this.#start));
    this.#from = to;
  }

  /** The last entry is complete, with the padding that a layer has. */
  #close(): void {
    this.#keep(this.#bodyEnd);
    if (this.#end > this.#from) this.#pieces.push(zeros(this.#end - this.#from));
    this.#from = this.#end;
  }
}
