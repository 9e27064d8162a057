import type { Descriptor } from '../../src/content/descriptor.js';
import type { ImageSource, Root } from '../../src/image/image-source.js';
import { formatReference, parseReference } from '../../src/image/reference.js';
import { findSignatureTags } from '../../src/registry/find-signature-tags.js';
import { findAttached, openPull } from '../../src/registry/open-pull.js';
import type { OpenSourceOptions } from './open-source-options.js';

/**
 * Opens one image of a registry. Its manifest is read once; layers travel when they are read. The first root is the image; with
 * `referrers` the artifacts about it follow, and cosign's signatures by their tag. The caller closes it.
 */
export async function openRegistryImage(text: string, location: string, options: OpenSourceOptions): Promise<ImageSource> {
  const reference = parseReference(text);
  const pull = await openPull(reference, { ...options, network: options.network ?? {} });
  try {
    const { digest: _, ...named } = reference;
    const known = reference.tag === undefined ? { names: [], askedAs: formatReference(reference) } : { names: [formatReference(named)] };
    const root: Root = { descriptor: pull.root, ...known, manifestOrigin: 'stored' };
    const attached = options.referrers === true ? await findAttached(pull, options.limits, options.signal) : [];
    const signatures = options.referrers === true ? await findSignatureTags(pull, options.limits, options.signal) : [];
    const tagged = signatures.map(({ tag, descriptor }): Root => ({ descriptor, names: [formatReference({ ...named, tag })], manifestOrigin: 'stored' }));
    const others = attached.filter(({ digest }) => !signatures.some(({ descriptor }) => descriptor.digest === digest));
    return { location, format: 'registry', blobs: pull.blobs, roots: [root, ...tagged, ...others.map(artifact)], notes: [], close: () => pull.close() };
  } catch (error) {
    await pull.close();
    throw error;
  }
}

/** Without the annotations of the list: they are in the artifact itself. */
function artifact({ mediaType, digest, size, artifactType }: Descriptor): Root {
  return { descriptor: { mediaType, digest, size, ...(artifactType === undefined ? {} : { artifactType }) }, names: [], manifestOrigin: 'stored' };
}
