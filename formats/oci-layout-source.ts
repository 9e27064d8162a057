import { openLayout } from '../src/store/layout.js';
import type { ImageSource } from '../src/image/image-source.js';
import type { Finding } from '../src/image/finding.js';
import { presentRoots } from './present-roots.js';
import type { Limits } from '../src/limits.js';
import { layoutRootsOf } from '../src/image/index-roots.js';

/** Reads an OCI image layout in a folder (OCI image spec, image-layout.md). The caller closes it. */
export async function openOciLayout(folder: string, limits: Limits): Promise<ImageSource> {
  const layout = await openLayout(folder, { create: false, limits });
  const location = `oci:${folder}`;
  const notes: Finding[] = [];
  const roots = await presentRoots(layout, layoutRootsOf(layout.descriptors), location, notes);
  return { location, format: 'oci-layout', blobs: layout, roots, notes, close: () => layout.close() };
}
