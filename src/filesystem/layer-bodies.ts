import { openLayer, pushLayer, type ImageLayer, type ReadLayerOptions } from './image-layer.js';

/** Part of an uncompressed layer. */
export interface BodyRange {
  readonly bodyOffset: number;
  readonly size: number;
}

/** A piece of a body. */
export interface BodyPiece<T> {
  readonly body: T;
  readonly chunk: Uint8Array;
  /** Bytes of the body before this piece. */
  readonly at: number;
}

/**
 * The bytes of `bodies`, which come in the order of the layer; a piece belongs to the receiver. Reads the layer
 * to its end, so that what was yielded is proven once this ends. Empty bodies yield nothing. Throws as `openLayer` does.
 */
export async function* readBodies<T extends BodyRange>(layer: ImageLayer, bodies: Iterable<T>, options: ReadLayerOptions): AsyncGenerator<BodyPiece<T>, void, undefined> {
  const cutter = new BodyCutter(bodies);
  for await (const chunk of openLayer(layer, options)) yield* cutter.cut(chunk);
}

/** As {@link readBodies}, to a receiver that is done with a piece, a view, when it returns; see `pushLayer`. */
export async function pushBodies<T extends BodyRange>(layer: ImageLayer, bodies: Iterable<T>, options: ReadLayerOptions, onPiece: (piece: BodyPiece<T>) => void): Promise<void> {
  const cutter = new BodyCutter(bodies);
  await pushLayer(layer, options, (chunk) => {
    for (const piece of cutter.cut(chunk)) onPiece(piece);
  });
}

/** Cuts bodies out of the bytes of a layer as they go by. One is asked for when the one before it is done. */
class BodyCutter<T extends BodyRange> {
  readonly #bodies: Iterator<T>;
  #body: T | undefined;
  #offset = 0;

  constructor(bodies: Iterable<T>) {
    this.#bodies = bodies[Symbol.iterator]();
    this.#body = this.#next();
  }

  *cut(chunk: Uint8Array): Generator<BodyPiece<T>, void, undefined> {
    const offset = this.#offset;
    const end = offset + chunk.length;
    for (let body = this.#body; body !== undefined && body.bodyOffset < end; body = this.#body) {
      const from = Math.max(body.bodyOffset, offset);
      const to = Math.min(body.bodyOffset + body.size, end);
      yield { body, chunk: chunk.subarray(from - offset, to - offset), at: from - body.bodyOffset };
      if (to < body.bodyOffset + body.size) break;
      this.#body = this.#next();
    }
    this.#offset = end;
  }

  #next(): T | undefined {
    for (let next = this.#bodies.next(); next.done !== true; next = this.#bodies.next()) if (next.value.size > 0) return next.value;
    return undefined;
  }
}
