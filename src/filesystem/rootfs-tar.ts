import type { ByteSource } from '../content/byte-source.js';
import { lentBytes, type LentChunk } from '../content/lent-chunk.js';
import { ImgkitError } from '../errors.js';
import type { Limits } from '../limits.js';
import type { WorkOptions } from '../progress.js';
import { TarScanner } from '../tar/tar-scanner.js';
import { printable } from '../tar/text.js';
import { BodyWindow } from './body-window.js';
import { FileTree } from './file-tree.js';
import { IMPLIED_FOLDER, type Inode } from './inode.js';
import { LayerChanges } from './layer-changes.js';
import { skimTar } from './skim-tar.js';
import { SparseExpander } from './sparse-expander.js';
import type { Rootfs } from './rootfs.js';

/** Shared by all holes: receivers do not write into what they get from a body. */
const ZEROS = new Uint8Array(1024 * 1024);

export interface ReadRootfsTarOptions extends WorkOptions {
  readonly limits: Limits;
}

/**
 * The filesystem in the uncompressed tar `source`: every header checked, later entries in place of earlier ones. Bodies are
 * read when a layer is written. Closing the rootfs closes `source`; when this throws, `source` stays open. Throws
 * `tar-malformed`, `tar-truncated`, `limit-exceeded`, and `usage` for whiteouts: what they delete is not there.
 */
export async function readRootfsTar(source: ByteSource, options: ReadRootfsTarOptions): Promise<Rootfs> {
  const { limits, signal, onProgress } = options;
  const { name } = source;
  const changes = new LayerChanges(0, name);
  const scanner = new TarScanner({ file: name, mode: 'layer', limits, onEntry: (entry) => changes.add(entry) });
  const onBytes = onProgress && ((done: number): void => onProgress({ phase: 'read', item: name, done, total: source.size }));
  const input = source.locate({ offset: 0, length: source.size });
  if (input === undefined) await pushAll(source, scanner, signal, onBytes);
  else await skimTar(input, scanner, { name, signal, onBytes });
  if (source.size === 0) throw new ImgkitError('tar-truncated', `${name}: is empty; it may have been cut in transfer, so copy it again.`, { file: name, offset: 0 });
  const { notes } = scanner.end();
  refuseWhiteouts(changes, name);
  const tree = new FileTree(limits);
  tree.apply(changes);
  const root = tree.root.inode === IMPLIED_FOLDER ? 'implied' : 'given';
  const window = new BodyWindow(source);
  return { name, tree, root, notes, open: (inode) => body(window, inode, name), close: () => source.close() };
}

async function pushAll(source: ByteSource, scanner: TarScanner, signal: AbortSignal | undefined, onBytes: ((done: number) => void) | undefined): Promise<void> {
  let done = 0;
  for await (const chunk of source.stream(undefined, signal)) {
    scanner.push(chunk);
    done += chunk.length;
    onBytes?.(done);
  }
}

function body(window: BodyWindow, inode: Inode, name: string): Iterable<LentChunk> | AsyncIterable<LentChunk> {
  return inode.sparse === undefined ? window.body(inode.bodyOffset, inode.size) : expanded(window, inode, inode.sparse, name);
}

async function* expanded(window: BodyWindow, inode: Inode, { headerOffset, realSize }: NonNullable<Inode['sparse']>, name: string): AsyncGenerator<Uint8Array> {
  const expander = new SparseExpander(inode, name);
  let done = 0;
  for await (const chunk of window.body(headerOffset, inode.bodyOffset - headerOffset + inode.size)) {
    for (const { data, offset } of expander.push(lentBytes(chunk))) {
      yield* zeros(offset - done);
      yield data;
      done = offset + data.length;
    }
  }
  expander.end();
  yield* zeros(realSize - done);
}

function* zeros(count: number): Generator<Uint8Array> {
  for (let left = count; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, Math.min(left, ZEROS.length));
}

function refuseWhiteouts({ removals }: LayerChanges, name: string): void {
  const [first] = removals;
  if (first === undefined) return;
  throw new ImgkitError('usage', `${name}: holds a whiteout for "${printable(first.path)}", so it is a layer of an image, not a whole filesystem; use imgkit append for it.`, { file: name, entry: first.path });
}
