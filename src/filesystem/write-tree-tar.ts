import type { FileHandle } from 'node:fs/promises';
import { runConcurrently } from '../content/concurrent.js';
import { PositionalWriter } from '../content/positional-writer.js';
import { encodeHeader } from '../tar/encode-header.js';
import { pushFiles } from './file-bodies.js';
import type { FileTree } from './file-tree.js';
import { hasOneProof, type ImageLayer, type ReadLayerOptions } from './image-layer.js';
import type { Inode } from './inode.js';
import { inodeHeader } from './inode-header.js';
import { join } from './path-parts.js';
import type { TarBodies, TarBody } from './tar-bodies.js';
import { bodiesOf, type TarOrder } from './tar-order.js';
import type { TarStage } from './tar-stage.js';
import { planTreeTar } from './tree-tar.js';

/** Bodies of one layer are written here while the thread of another decodes. */
const LAYERS_AT_ONCE = 2;

export interface WriteTreeTarOptions extends ReadLayerOptions {
  readonly order: TarOrder;
  /** What was written of it to `file` while the layers were read; only in the order `layers`. */
  readonly stage?: TarStage | undefined;
}

/** What was written. */
export interface WrittenTar {
  readonly entries: number;
  /** Bytes of the tar, end marker included. */
  readonly bytes: number;
}

/**
 * Writes the tar of `tree` (see `planTreeTar`) to `file`, which must be empty but for what `stage` wrote; `name` is for errors. Each layer
 * that holds a body which is not there yet is read once more, in its own order, and proven: only then does this resolve. With
 * `proof: 'diff-id'` the diffIDs of the others are proven too. Throws as `openLayer` does, `disk-full` and `io-failed`.
 */
export async function writeTreeTar(tree: FileTree, layers: readonly ImageLayer[], file: FileHandle, name: string, options: WriteTreeTarOptions): Promise<WrittenTar> {
  const { order, stage, proof } = options;
  const writer = new PositionalWriter(file, name);
  const byLayer = new Map<number, TarBodies>();
  const plan = planTreeTar(tree, order);
  let entries = 0;
  let next = plan.next();
  let agrees = true;
  for (; next.done !== true; next = plan.next()) {
    const entry = next.value;
    const { inode, size } = entry;
    entries += 1;
    const staged = size > 0 ? stage?.take(entry) : undefined;
    agrees = staged !== 'elsewhere';
    if (!agrees) break;
    // A file that begins with a hole has no first piece for the header to be written with.
    const sparse = inode.sparse !== undefined;
    if (size > 0 && (staged === undefined || sparse)) bodiesOf(byLayer, inode.layer).push(entry);
    if (size === 0 || sparse || staged === 'renamed') writer.write(header(join(entry.folder, entry.name), inode, entry.shared), entry.offset);
  }
  if (stage !== undefined && !(agrees && stage.isTaken())) {
    await file.truncate(0);
    return writeTreeTar(tree, layers, file, name, { ...options, stage: undefined });
  }
  writer.flush();
  // What nobody writes, padding and holes, is zero.
  await file.truncate(next.value as number);
  if (proof === 'diff-id') for (const layer of layers) if (!hasOneProof(layer)) bodiesOf(byLayer, layer.number);
  const work = [...byLayer].map(([number, bodies]) => ({ layer: layers[number] as ImageLayer, bodies }));
  await runConcurrently(work, { limit: LAYERS_AT_ONCE, signal: options.signal, cost: ({ layer }) => layer.descriptor.size }, ({ layer, bodies }, signal) =>
    writeBodies(layer, bodies, new PositionalWriter(file, name), { ...options, signal }),
  );
  return { entries, bytes: next.value as number };
}

async function writeBodies(layer: ImageLayer, bodies: Iterable<TarBody>, writer: PositionalWriter, options: ReadLayerOptions): Promise<void> {
  await pushFiles(layer, bodies, options, ({ file: { folder, name, inode, bodyOffset }, chunk, at }) => {
    if (at === 0 && inode.sparse === undefined) {
      const block = header(join(folder, name), inode);
      writer.write(block, bodyOffset - block.length);
    }
    writer.write(chunk, bodyOffset + at);
  });
  writer.flush();
}

function header(path: string, inode: Inode, shared?: string): Uint8Array {
  return encodeHeader(inodeHeader(path, inode, shared));
}
