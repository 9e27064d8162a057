import type { FileHandle } from 'node:fs/promises';
import { PositionalWriter } from '../content/positional-writer.js';
import { readFiles } from './file-bodies.js';
import type { ImageLayer, ReadLayerOptions } from './image-layer.js';
import type { Inode } from './inode.js';

import type { TarSegment, TreeTar } from './tree-tar.js';

interface Body {
  readonly inode: Inode;
  readonly segment: TarSegment;
  readonly to: number;
}

/**
 * Writes `tar` to `file`, which must be empty; `name` is for errors. Each layer that holds a body is read once more, in
 * its own order, and proven: only then does this resolve. Throws as `openLayer` does, `disk-full` and `io-failed`.
 */
export async function writeTreeTar(tar: TreeTar, layers: readonly ImageLayer[], file: FileHandle, name: string, options: ReadLayerOptions): Promise<void> {
  // What nobody writes, padding and holes, is zero.
  await file.truncate(tar.size);
  const writer = new PositionalWriter(file, name);
  const byLayer = new Map<number, Body[]>();
  for (const segment of tar.segments) {
    const { body } = segment;
    // A file that begins with a hole has no first piece for the headers to be written with.
    if (body === undefined || body.inode.sparse !== undefined) await writer.write(tar.headers(segment), segment.offset);
    if (body === undefined) continue;
    const item = { inode: body.inode, segment, to: body.offset };
    const others = byLayer.get(body.inode.layer);
    if (others === undefined) byLayer.set(body.inode.layer, [item]);
    else others.push(item);
  }
  for (const [number, bodies] of byLayer) await writeBodies(tar, layers[number] as ImageLayer, bodies, writer, options);
  await writer.flush();
}

async function writeBodies(tar: TreeTar, layer: ImageLayer, bodies: readonly Body[], writer: PositionalWriter, options: ReadLayerOptions): Promise<void> {
  for await (const { file, chunk, at } of readFiles(layer, bodies, options)) {
    const { segment, inode, to } = file;
    const headers = at === 0 && inode.sparse === undefined ? writer.write(tar.headers(segment), segment.offset) : undefined;
    if (headers !== undefined) await headers;
    const written = writer.write(chunk, to + at);
    if (written !== undefined) await written;
  }
}
