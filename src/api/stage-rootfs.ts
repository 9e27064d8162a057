import { countedChunks } from '../content/counted-chunks.js';
import { decompressInput } from '../content/input-compression.js';
import type { LentChunk } from '../content/lent-chunk.js';
import { localChunksHere } from '../content/local-chunks.js';
import { NotInOrder, orderedLayer } from '../filesystem/ordered-layer.js';
import { OrderedTree } from '../filesystem/ordered-tree.js';
import { adjustRootfs, type Rootfs, type RootfsAdjustments } from '../filesystem/rootfs.js';
import type { DraftLayer, ImageDraft } from '../image/derive.js';
import { writeRootfsLayer } from '../operations/write-rootfs-layer.js';
import type { LayerInput } from './layer-input.js';
import type { Making } from './make-image.js';
import { readRootfs } from './open-rootfs.js';
import type { Session } from './session.js';

/** A layer of a filesystem, and what that holds. */
export interface StagedRootfs extends Pick<Rootfs, 'tree' | 'root' | 'notes'> {
  readonly layer: DraftLayer;
}

export interface StageRootfsOptions {
  readonly draft: ImageDraft;
  /** As it may be shown. */
  readonly from: string;
  readonly adjustments: RootfsAdjustments;
  /** Sees the whole filesystem before any of it is written. */
  readonly onRead?: ((rootfs: Rootfs) => Promise<void>) | undefined;
}

type TarInput = Extract<LayerInput, { kind: 'tar' }>;

/**
 * Makes the layer of the filesystem in `input`, which is used up and still the caller's to close. A tar that stands in the order of the layer is read once; any other
 * twice, and so is every one that shall be seen before or loses files. Throws what a tar comes to, `file-not-found`, `disk-full`, `io-failed`.
 */
export async function stageRootfs(session: Session, input: LayerInput, { stage }: Making, options: StageRootfsOptions): Promise<StagedRootfs> {
  const { draft, from, adjustments, onRead } = options;
  const { owner, excludes } = adjustments;
  if (input.kind === 'tar' && onRead === undefined && owner === undefined && excludes === undefined) {
    const staged = await stageInOrder(session, input, stage, options);
    if (staged !== undefined) return staged;
  }
  const rootfs = await readRootfs(session, input, adjustments);
  try {
    adjustRootfs(rootfs, adjustments);
    await onRead?.(rootfs);
    const { tree, root, notes } = rootfs;
    const layer = await stage(draft, writeRootfsLayer(rootfs, from, session.options.onProgress), from);
    return { tree, root, notes, layer };
  } finally {
    await rootfs.close();
  }
}

/** Undefined when the tar is not in order. `input` stays open. */
async function stageInOrder(session: Session, input: TarInput, stage: Making['stage'], { draft, from, adjustments: { latest } }: StageRootfsOptions): Promise<StagedRootfs | undefined> {
  const { limits } = session;
  const ordered = new OrderedTree(limits, latest);
  const notes: string[] = [];
  const plain = orderedLayer(tarIn(session, input, from), ordered, { name: input.source.name, limits, onNote: (note) => notes.push(note) });
  try {
    const layer = await stage(draft, plain, from);
    return { tree: ordered.tree, root: ordered.root, notes, layer };
  } catch (error) {
    if (error instanceof NotInOrder) return undefined;
    throw error;
  }
}

/** The uncompressed tar; what is stored of it is told as it is read. */
function tarIn({ limits, options: { signal, onProgress } }: Session, { source, compression }: TarInput, item: string): AsyncIterable<LentChunk> {
  const { name, size } = source;
  const told = <Chunk extends LentChunk>(chunks: AsyncIterable<Chunk>): AsyncIterable<Chunk> => onProgress === undefined ? chunks : countedChunks(chunks, (done) => onProgress({ phase: 'write', item, done, total: size }));
  if (compression !== 'none') return decompressInput(told(source.stream(undefined, signal)), compression, { name, limits, signal });
  const range = source.locate({ offset: 0, length: size });
  return told(range === undefined ? source.stream(undefined, signal) : localChunksHere(range, name));
}
