import { ImgkitError } from '../errors.js';
import type { ImageLayer, ReadLayerOptions } from '../filesystem/image-layer.js';
import { fileSize, type Inode } from '../filesystem/inode.js';
import { readFiles } from '../filesystem/file-bodies.js';
import { readTree } from '../filesystem/read-tree.js';
import { findPath } from './find-path.js';
import type { LayeredImage } from './image-layers.js';

/** A file of an image, ready to be read. */
export interface OpenedFile {
  /** With every link on the way resolved, from the root: `/usr/bin/busybox`. */
  readonly path: string;
  readonly inode: Inode;
  /** Ends only when the layer that holds the file is proven; until then the bytes are a claim. Iterate it once. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Finds the file that `path` leads to, links followed within the image. Throws `path-not-found`, also when it is no file. */
export async function openFile({ source, layers }: LayeredImage, path: string, options: ReadLayerOptions): Promise<OpenedFile> {
  const reading = { ...options, proof: 'digest' } as const;
  const tree = await readTree(layers, reading);
  const { path: found, node: { inode } } = findPath(tree, path, source.location);
  if (inode.type !== 'file') {
    const hint = inode.type === 'directory' ? 'imgkit files lists what is in it' : 'it has no content';
    throw new ImgkitError('path-not-found', `${source.location}: /${found} is a ${inode.type.replace('-', ' ')}, not a file; ${hint}.`, { file: source.location, entry: path });
  }
  const layer = layers[inode.layer];
  if (layer === undefined) throw new TypeError(`/${found} is in no layer`);
  return { path: `/${found}`, inode, body: pieces(layer, inode, reading) };
}

const ZEROS = new Uint8Array(64 * 1024);

async function* pieces(layer: ImageLayer, inode: Inode, options: ReadLayerOptions): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const { chunk, at } of readFiles(layer, [{ inode }], options)) {
    yield* zeros(at - done);
    yield chunk;
    done = at + chunk.length;
  }
  yield* zeros(fileSize(inode) - done);
}

/** A hole. */
function* zeros(count: number): Generator<Uint8Array> {
  for (let left = count; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, left);
}
