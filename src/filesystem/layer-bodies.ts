import { openLayer, type ImageLayer, type ReadLayerOptions } from './image-layer.js';

/** Part of an uncompressed layer. */
export interface BodyRange {
  readonly bodyOffset: number;
  readonly size: number;
}

/** A piece of a body; it belongs to the receiver. */
export interface BodyPiece<T> {
  readonly body: T;
  readonly chunk: Uint8Array;
  /** Bytes of the body before this piece. */
  readonly at: number;
}

/**
 * The bytes of `bodies`, in the order of the layer, whatever order they are given in. Reads the layer to its end, so that
 * what was yielded is proven once this ends. Empty bodies yield nothing. Throws as `openLayer` does.
 */
export async function* readBodies<T extends BodyRange>(layer: ImageLayer, bodies: readonly T[], options: ReadLayerOptions): AsyncGenerator<BodyPiece<T>, void, undefined> {
  const sorted = bodies.filter(({ size }) => size > 0).sort((a, b) => a.bodyOffset - b.bodyOffset);
  let next = 0;
  let offset = 0;
  for await (const chunk of openLayer(layer, options)) {
    const end = offset + chunk.length;
    for (let body = sorted[next]; body !== undefined && body.bodyOffset < end; body = sorted[next]) {
      const from = Math.max(body.bodyOffset, offset);
      const to = Math.min(body.bodyOffset + body.size, end);
      yield { body, chunk: chunk.subarray(from - offset, to - offset), at: from - body.bodyOffset };
      if (to < body.bodyOffset + body.size) break;
      next += 1;
    }
    offset = end;
  }
}
