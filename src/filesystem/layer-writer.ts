import { BLOCK, paddingOf } from '../tar/block.js';
import { ImgkitError } from '../errors.js';
import { encodeHeader } from '../tar/encode-header.js';
import type { FileTree } from './file-tree.js';
import { fileSize, type Inode } from './inode.js';
import { inodeHeader } from './inode-header.js';

/** One entry of a layer that is written. */
export interface LayerItem {
  readonly path: string;
  readonly inode: Inode;
  /** The earlier path of the same file: a hard link is written. */
  readonly link?: string | undefined;
}

/** The bytes of a file, `fileSize(inode)` of them; `path` is one of its names. */
export type OpenBody = (inode: Inode, path: string) => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

const CHUNK = 1024 * 1024;

/**
 * Everything in `tree`, sorted: a folder before what it holds, a file's first name before its hard links. The root folder
 * comes first when it is `root: 'given'`.
 */
export function* treeItems(tree: FileTree, root: 'given' | 'implied'): Generator<LayerItem> {
  if (root === 'given') yield { path: '', inode: tree.root.inode };
  const first = new Map<Inode, string>();
  for (const { path, node: { inode } } of tree.walk()) {
    const link = inode.linked ? first.get(inode) : undefined;
    if (inode.linked && link === undefined) first.set(inode, path);
    yield { path, inode, link };
  }
}

/** `items` as an uncompressed layer, end marker included, in chunks that belong to the receiver. Only the items decide the bytes. */
export async function* writeLayer(items: Iterable<LayerItem> | AsyncIterable<LayerItem>, open: OpenBody): AsyncGenerator<Uint8Array, void, undefined> {
  const batch = new Batch();
  for await (const { path, inode, link } of items) {
    const body = link === undefined && inode.type === 'file' ? fileSize(inode) : 0;
    yield* batch.add(headerOf(path, inode, link));
    if (body === 0) continue;
    let left = body;
    for await (const chunk of open(inode, path)) {
      left -= chunk.length;
      if (left < 0) throw otherSize(path, body, 'more');
      yield* batch.add(chunk);
    }
    if (left !== 0) throw otherSize(path, body, String(body - left));
    yield* batch.zeros(paddingOf(body));
  }
  yield* batch.zeros(2 * BLOCK);
  yield* batch.flush();
}

/** Without the times of reading and changing: they say nothing of the content, and no two runs would give the same bytes. */
function headerOf(path: string, inode: Inode, link: string | undefined): Uint8Array {
  const header = inodeHeader(path, inode, link);
  const { pax } = header;
  return encodeHeader(pax === undefined || pax.size === 0 ? header : { ...header, pax: new Map([...pax].filter(([key]) => key !== 'atime' && key !== 'ctime')) });
}

/** Small pieces gathered into large chunks. */
class Batch {
  #chunk = Buffer.allocUnsafeSlow(CHUNK);
  #filled = 0;

  *add(piece: Uint8Array): Generator<Uint8Array> {
    if (piece.length > CHUNK - this.#filled) yield* this.flush();
    if (piece.length > CHUNK / 2) {
      yield* this.flush();
      yield piece;
      return;
    }
    this.#chunk.set(piece, this.#filled);
    this.#filled += piece.length;
  }

  *zeros(count: number): Generator<Uint8Array> {
    if (count > 0) yield* this.add(new Uint8Array(count));
  }

  *flush(): Generator<Uint8Array> {
    if (this.#filled === 0) return;
    const full = this.#chunk.subarray(0, this.#filled);
    this.#chunk = Buffer.allocUnsafeSlow(CHUNK);
    this.#filled = 0;
    yield full;
  }
}

function otherSize(path: string, expected: number, found: string): ImgkitError {
  return new ImgkitError('io-failed', `${path}: changed while it was read: it had ${expected} bytes, now ${found} came; let nothing write there and run it again.`, { entry: path, expected: String(expected), found });
}
