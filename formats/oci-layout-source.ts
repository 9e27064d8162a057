import { openLayout } from '../src/store/layout.js';
import type { ImageSource } from '../src/image/image-source.js';
import type { Limits } from '../src/limits.js';
import { namesOf } from './names.js';

/** Reads an OCI image layout in a folder (OCI image spec, image-layout.md). The caller closes it. */
export async function openOciLayout(folder: string, limits: Limits): Promise<ImageSource> {
  const layout = await openLayout(folder, { create: false, limits });
  const location = `oci:${folder}`;
  const roots = layout.descriptors.map((descriptor) => ({ descriptor, ...namesOf(descriptor, `${location}: index.json`), manifestOrigin: 'stored' as const }));
  return { location, format: 'oci-layout', blobs: layout, roots, notes: [], close: () => layout.close() };
}
