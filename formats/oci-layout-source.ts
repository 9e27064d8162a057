import { openLayout } from '../src/store/layout.js';
import type { ImageSource } from '../src/image/image-source.js';
import type { Limits } from '../src/limits.js';
import { rootsOf } from '../src/image/index-roots.js';

/** Reads an OCI image layout in a folder (OCI image spec, image-layout.md). The caller closes it. */
export async function openOciLayout(folder: string, limits: Limits): Promise<ImageSource> {
  const layout = await openLayout(folder, { create: false, limits });
  const location = `oci:${folder}`;
  return { location, format: 'oci-layout', blobs: layout, roots: rootsOf(layout.descriptors), notes: [], close: () => layout.close() };
}
