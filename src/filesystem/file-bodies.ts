import type { ImageLayer, ReadLayerOptions } from './image-layer.js';
import type { Inode } from './inode.js';
import { readBodies, type BodyRange } from './layer-bodies.js';
import { SparseExpander } from './sparse-expander.js';

/** A piece of a file. */
export interface FilePiece<T> {
  readonly file: T;
  /** Belongs to the receiver. */
  readonly chunk: Uint8Array;
  /** Its place in the file: holes of a sparse file, which are zero, are left out. */
  readonly at: number;
}

interface Stored<T> extends BodyRange {
  readonly file: T;
  readonly expander: SparseExpander | undefined;
}

/**
 * The content of `files`, whose bodies lie in `layer`, in the order of the layer. Reads the layer to its end: what was
 * yielded is proven once this ends. Throws as `openLayer` does, and `tar-malformed` where the map of a sparse file is wrong.
 */
export async function* readFiles<T extends { readonly inode: Inode }>(layer: ImageLayer, files: readonly T[], options: ReadLayerOptions): AsyncGenerator<FilePiece<T>, void, undefined> {
  const stored = files.map((file): Stored<T> => {
    const { sparse, bodyOffset, size } = file.inode;
    if (sparse === undefined) return { file, bodyOffset, size, expander: undefined };
    const { headerOffset } = sparse;
    return { file, bodyOffset: headerOffset, size: bodyOffset - headerOffset + size, expander: new SparseExpander(file.inode, layer.name) };
  });
  for await (const { body, chunk, at } of readBodies(layer, stored, options)) {
    const { file, expander } = body;
    if (expander === undefined) {
      yield { file, chunk, at };
      continue;
    }
    for (const { data, offset } of expander.push(chunk)) yield { file, chunk: data, at: offset };
    if (at + chunk.length === body.size) expander.end();
  }
}
