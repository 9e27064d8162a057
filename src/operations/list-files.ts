import { ImgkitError } from '../errors.js';
import type { FileEntry } from '../filesystem/file-entry.js';
import { listLayer, listTree } from '../filesystem/list-tree.js';
import { readLayer } from '../filesystem/read-layer.js';
import { readTree } from '../filesystem/read-tree.js';
import { WasteMeter, type Waste } from '../filesystem/waste-meter.js';
import type { ReadLayerOptions } from '../filesystem/image-layer.js';
import { printable } from '../tar/text.js';
import { findPath } from './find-path.js';
import { selectLayer, type LayeredImage } from './image-layers.js';

export interface ListFilesOptions extends ReadLayerOptions {
  /** At or below this path, links followed. Default: everything. */
  readonly path?: string | undefined;
  /** Only what this layer holds: its number, 1 being the base, or the start of its digest or diffID. */
  readonly layer?: string | undefined;
  /** Also find what later layers shadow. */
  readonly wasted?: boolean | undefined;
}

export interface ListedFiles {
  /** Sorted; made while it is iterated. */
  readonly entries: Iterable<FileEntry>;
  readonly waste?: Waste | undefined;
}

/** The files of an image as a container sees them, or of one layer. Reads each layer it needs once, proving its digest. Throws `path-not-found`. */
export async function listFiles(image: LayeredImage, options: ListFilesOptions): Promise<ListedFiles> {
  const { path = '', layer: selector, wasted } = options;
  const { location } = image.source;
  if (selector !== undefined) {
    const layer = selectLayer(image.layers, selector, location);
    const changes = await readLayer(layer, { ...options, proof: 'digest', hashing: 'here' });
    const below = path.split('/').filter((part) => part !== '' && part !== '.').join('/');
    if (below !== '' && listLayer(changes, below).next().done === true) {
      throw new ImgkitError('path-not-found', `${location}: layer ${layer.number + 1} has nothing at /${printable(below)}; without a layer imgkit files shows what all of them make.`, { file: location, entry: path });
    }
    return { entries: { [Symbol.iterator]: () => listLayer(changes, below) } };
  }
  const meter = wasted === true ? new WasteMeter() : undefined;
  const tree = await readTree(image.layers, { ...options, proof: 'digest', listener: meter && (() => meter) });
  const found = findPath(tree, path, location);
  return { entries: { [Symbol.iterator]: () => listTree(found.node, found.path) }, waste: meter?.finish() };
}
