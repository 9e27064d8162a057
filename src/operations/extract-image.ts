import { BodyStage } from '../filesystem/extract/body-stage.js';
import type { XattrChoice } from '../filesystem/extract/choose-xattrs.js';
import { planExtraction } from '../filesystem/extract/extract-plan.js';
import { extractTree, type Extracted } from '../filesystem/extract/extract-tree.js';
import type { Ownership } from '../filesystem/extract/metadata.js';
import { createNewFolder } from '../filesystem/extract/new-folder.js';
import type { ReadLayerOptions } from '../filesystem/image-layer.js';
import { readTree } from '../filesystem/read-tree.js';
import { findPath } from './find-path.js';
import type { LayeredImage } from './image-layers.js';

export interface ExtractImageOptions extends ReadLayerOptions {
  /** In the image, as typed; links are followed within it. Empty: everything. */
  readonly paths: readonly string[];
  /** The folder to make. */
  readonly to: string;
  readonly ownership: Ownership;
  /** Which extended attributes are written. */
  readonly xattrs: XattrChoice;
}

/**
 * Writes files of `image` into the new folder `to`, which appears when all of it is there. Throws `path-not-found`, `file-exists`,
 * and as reading layers does; nothing is left then.
 */
export async function extractImage({ source, layers }: LayeredImage, options: ExtractImageOptions): Promise<Extracted> {
  const { paths, to, ownership, xattrs, limits, signal, onProgress } = options;
  const folder = await createNewFolder(to);
  let stage: BodyStage | undefined;
  try {
    // Of everything, nearly every body is needed: written as they go by, each layer is read once.
    const bodies = stage = paths.length === 0 ? new BodyStage(folder.handle, to, ownership) : undefined;
    const tree = await readTree(layers, { limits, signal, onProgress, receiver: bodies && (() => bodies.receiver()) });
    const plan = planExtraction(tree, paths.map((path) => findPath(tree, path, source.location).path));
    const extracted = await extractTree(plan, layers, { into: folder.handle, name: to, ownership, xattrs, stage: bodies, limits, signal, onProgress });
    await folder.commit();
    return extracted;
  } finally {
    stage?.close();
    await folder.discard();
  }
}
