import type { FileHandle } from 'node:fs/promises';
import { openScratch, scratchName } from '../content/spool.js';
import { handleSource } from '../content/handle-source.js';
import type { ByteSource } from '../content/byte-source.js';
import type { ReadLayerOptions } from '../filesystem/image-layer.js';
import { readDownwards } from '../filesystem/read-downwards.js';
import { readTree } from '../filesystem/read-tree.js';
import type { TarOrder } from '../filesystem/tar-order.js';
import { TarStage } from '../filesystem/tar-stage.js';
import { writeTreeTar, type WrittenTar } from '../filesystem/write-tree-tar.js';
import type { LayeredImage } from './image-layers.js';

export interface ExportFilesystemOptions extends ReadLayerOptions {
  readonly order: TarOrder;
}

/**
 * Writes what a container of the image would see as a tar to `file`, which is empty; `name` is for errors. In the order `layers` each layer
 * is read and proven once; in the order `path` twice: for its names, which its digest proves, and for the content that
 * is still visible, which its diffID proves.
 */
export async function exportFilesystem({ layers }: Pick<LayeredImage, 'layers'>, file: FileHandle, name: string, options: ExportFilesystemOptions): Promise<WrittenTar> {
  if (options.order === 'layers') {
    const stage = new TarStage(file, name);
    const tree = await readDownwards(layers, stage, options);
    if (tree !== undefined) return writeTreeTar(tree, layers, file, name, { ...options, stage, proof: 'digest' });
    await file.truncate(0);
  }
  const tree = await readTree(layers, { ...options, proof: 'digest' });
  return writeTreeTar(tree, layers, file, name, { ...options, proof: 'diff-id' });
}

/** The same in a private temporary file, for what can only be written front to back. The caller closes it. */
export async function exportToScratch(image: LayeredImage, options: ExportFilesystemOptions): Promise<WrittenTar & { readonly tar: ByteSource }> {
  const { location } = image.source;
  const handle = await openScratch(location);
  try {
    const exported = await exportFilesystem(image, handle, scratchName(), options);
    return { ...exported, tar: handleSource(location, handle, exported.bytes) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
