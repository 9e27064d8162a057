import type { FileHandle } from 'node:fs/promises';
import { runConcurrently } from '../content/concurrent.js';
import { PositionalWriter } from '../content/positional-writer.js';
import { encodeHeader } from '../tar/encode-header.js';
import { pushFiles } from './file-bodies.js';
import type { FileTree } from './file-tree.js';
import { hasOneProof, type ImageLayer, type ReadLayerOptions } from './image-layer.js';
import { inodeHeader } from './inode-header.js';
import { planTreeTar, type PlannedEntry } from './tree-tar.js';

/** Bodies of one layer are written here while the thread of another decodes. */
const LAYERS_AT_ONCE = 2;

/** What was written. */
export interface WrittenTar {
  readonly entries: number;
  /** Bytes of the tar, end marker included. */
  readonly bytes: number;
}

/**
 * Writes the tar of `tree` (see `planTreeTar`) to `file`, which must be empty; `name` is for errors. Each layer that holds a
 * body is read once more, in its own order, and proven: only then does this resolve. With `proof: 'diff-id'` the diffIDs of the others
 * are proven too. Throws as `openLayer` does, `disk-full` and `io-failed`.
 */
export async function writeTreeTar(tree: FileTree, layers: readonly ImageLayer[], file: FileHandle, name: string, options: ReadLayerOptions): Promise<WrittenTar> {
  const writer = new PositionalWriter(file, name);
  const byLayer = new Map<number, PlannedEntry[]>();
  const plan = planTreeTar(tree);
  let entries = 0;
  let next = plan.next();
  for (; next.done !== true; next = plan.next()) {
    const entry = next.value;
    const { inode, size } = entry;
    entries += 1;
    if (size > 0) {
      const others = byLayer.get(inode.layer);
      if (others === undefined) byLayer.set(inode.layer, [entry]);
      else others.push(entry);
    }
    // A file that begins with a hole has no first piece for the header to be written with.
    if (size === 0 || inode.sparse !== undefined) writer.write(header(entry), entry.offset);
  }
  writer.flush();
  // What nobody writes, padding and holes, is zero.
  await file.truncate(next.value);
  if (options.proof === 'diff-id') for (const layer of layers) if (!byLayer.has(layer.number) && !hasOneProof(layer)) byLayer.set(layer.number, []);
  const work = [...byLayer].map(([number, bodies]) => ({ layer: layers[number] as ImageLayer, bodies }));
  // The largest first: one left for last would keep one core busy and the others idle.
  work.sort((a, b) => b.layer.descriptor.size - a.layer.descriptor.size);
  await runConcurrently(work, LAYERS_AT_ONCE, async ({ layer, bodies }) => writeBodies(layer, bodies, new PositionalWriter(file, name), options));
  return { entries, bytes: next.value };
}

async function writeBodies(layer: ImageLayer, entries: readonly PlannedEntry[], writer: PositionalWriter, options: ReadLayerOptions): Promise<void> {
  await pushFiles(layer, entries, options, ({ file, chunk, at }) => {
    if (at === 0 && file.inode.sparse === undefined) writer.write(header(file), file.offset);
    writer.write(chunk, file.bodyOffset + at);
  });
  writer.flush();
}

function header({ path, inode, shared }: PlannedEntry): Uint8Array {
  return encodeHeader(inodeHeader(path, inode, shared));
}
