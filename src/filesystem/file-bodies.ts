import type { ImageLayer, ReadLayerOptions } from './image-layer.js';
import type { Inode } from './inode.js';
import { pushBodies, readBodies, type BodyPiece, type BodyRange } from './layer-bodies.js';
import { SparseExpander } from './sparse-expander.js';

/** A piece of a file. */
export interface FilePiece<T> {
  readonly file: T;
  readonly chunk: Uint8Array;
  /** Its place in the file: holes of a sparse file, which are zero, are left out. */
  readonly at: number;
}

interface Stored<T> extends BodyRange {
  readonly file: T;
  readonly expander: SparseExpander | undefined;
}

/**
 * The content of `files`, whose bodies lie in `layer` in this order; a piece belongs to the receiver. Reads the layer to its
 * end: what was yielded is proven once this ends. Throws as `openLayer` does, and `tar-malformed` where the map of a sparse file is wrong.
 */
export async function* readFiles<T extends { readonly inode: Inode }>(layer: ImageLayer, files: Iterable<T>, options: ReadLayerOptions): AsyncGenerator<FilePiece<T>, void, undefined> {
  for await (const piece of readBodies(layer, storedForms(layer, files), options)) yield* expand(piece);
}

/** As {@link readFiles}, to a receiver that is done with a piece, a view, when it returns; see `pushLayer`. */
export async function pushFiles<T extends { readonly inode: Inode }>(layer: ImageLayer, files: Iterable<T>, options: ReadLayerOptions, onPiece: (piece: FilePiece<T>) => void): Promise<void> {
  await pushBodies(layer, storedForms(layer, files), options, (piece) => {
    for (const each of expand(piece)) onPiece(each);
  });
}

function* storedForms<T extends { readonly inode: Inode }>(layer: ImageLayer, files: Iterable<T>): Generator<Stored<T>> {
  for (const file of files) {
    const { sparse, bodyOffset, size } = file.inode;
    if (sparse === undefined) {
      yield { file, bodyOffset, size, expander: undefined };
      continue;
    }
    const { headerOffset } = sparse;
    yield { file, bodyOffset: headerOffset, size: bodyOffset - headerOffset + size, expander: new SparseExpander(file.inode, layer.name) };
  }
}

function* expand<T>({ body, chunk, at }: BodyPiece<Stored<T>>): Generator<FilePiece<T>, void, undefined> {
  const { file, expander } = body;
  if (expander === undefined) {
    yield { file, chunk, at };
    return;
  }
  for (const { data, offset } of expander.push(chunk)) yield { file, chunk: data, at: offset };
  if (at + chunk.length === body.size) expander.end();
}
