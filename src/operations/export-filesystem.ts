import type { FileHandle } from 'node:fs/promises';
import { openScratch } from '../content/spool.js';
import { handleSource } from '../content/handle-source.js';
import type { ByteSource } from '../content/byte-source.js';
import type { ReadLayerOptions } from '../filesystem/image-layer.js';
import { readTree } from '../filesystem/read-tree.js';
import { writeTreeTar, type WrittenTar } from '../filesystem/write-tree-tar.js';
import type { LayeredImage } from './image-layers.js';

/**
 * Writes what a container of the image would see as a tar to `file`, which is empty; `name` is for errors. Reads each layer
 * twice: for its names, which its digest proves, and for the content that is still visible, which its diffID proves.
 */
export async function exportFilesystem({ layers }: LayeredImage, file: FileHandle, name: string, options: ReadLayerOptions): Promise<WrittenTar> {
  const tree = await readTree(layers, { ...options, proof: 'digest' });
  return writeTreeTar(tree, layers, file, name, { ...options, proof: 'diff-id' });
}

/** The same in a private temporary file, for what can only be written front to back. The caller closes it. */
export async function exportToScratch(image: LayeredImage, options: ReadLayerOptions): Promise<WrittenTar & { readonly tar: ByteSource }> {
  const { location } = image.source;
  const handle = await openScratch(location);
  try {
    const exported = await exportFilesystem(image, handle, 'the temporary file', options);
    return { ...exported, tar: handleSource(location, handle, exported.bytes) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
