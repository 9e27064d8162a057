import { readLocation } from '../../formats/locations/open-source.js';
import { parseDigest } from '../content/digest.js';
import { isImgkitError } from '../errors.js';
import type { Root } from '../image/image-source.js';
import type { ListedImage } from '../image/listing.js';
import { shownLocation } from '../image/location-url.js';
import { DOCKER_MANIFEST, isIndexType } from '../image/media-type.js';
import { formatReference, parseReference, type Reference } from '../image/reference.js';
import { resolveLimits } from '../limits.js';
import { describeImage } from '../operations/describe-image.js';
import { beginCall } from './begin-call.js';
import { TEXT } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import type { ListResult } from './results.js';
import { Session } from './session.js';

/**
 * Lists the images at `location` (default: the local store); of a registry, the tags of a repository (`docker://host/name`).
 * Reads indexes, manifests and configs, no layers.
 */
export async function list(options: CommonOptions & { readonly location?: string | undefined }): Promise<ListResult> {
  beginCall(options, { 'location?': TEXT });
  const text = options.location ?? 'store:';
  const location = readLocation(text);
  if (location.kind === 'docker-daemon' && location.reference === undefined) return listEngine(text, options);
  if (location.kind === 'registry') {
    const named = parseReference(text.slice('docker://'.length));
    if (named.tag === undefined && named.digest === undefined) return listRegistry(text, named, options);
  }
  return Session.run(options, async (session) => {
    const { source, roots } = await session.open(location);
    const images: ListedImage[] = [];
    const notes = [...source.notes];
    const isWholeStore = location.kind === 'store' && location.reference === undefined && location.digestPrefix === undefined;
    for (const root of roots) {
      try {
        images.push(await describeImage(source, root, session.limits));
      } catch (error) {
        // One damaged image must not hide the others: a whole store is listed to find out what to do about it.
        if (!isWholeStore || !isImgkitError(error, 'blob-missing', 'digest-mismatch', 'size-mismatch', 'document-malformed')) throw error;
        images.push(asNamed(root));
        notes.push({ check: 'documents', status: 'note', subject: root.names[0] ?? root.descriptor.digest, message: `cannot be read (${error.message.replace(/\.$/, '')}); load the image again, or remove it` });
      }
    }
    return { location: shownLocation(text), format: source.format, images, notes };
  });
}

/** What the index alone tells of an image. */
function asNamed({ descriptor: { digest, mediaType }, names, refName, manifestOrigin }: Root): ListedImage {
  return { names, refName, digest, mediaType, manifestOrigin, kind: isIndexType(mediaType) ? 'index' : 'image' };
}

/** A name without a tag means all of its tags. */
async function listRegistry(location: string, reference: Reference, options: CommonOptions): Promise<ListResult> {
  const { describeTags } = await import('../registry/describe-tags.js');
  const images = await describeTags(reference, { network: options.network ?? {}, limits: resolveLimits(options.limits), signal: options.signal });
  return { location, format: 'registry', images, notes: [] };
}

/** The engine tells what it has without exporting it; manifests it does not tell, so the ID stands for the digest. */
async function listEngine(location: string, { signal }: CommonOptions): Promise<ListResult> {
  const [{ connectEngine }, { listEngineImages }] = await Promise.all([import('../engine/engine-client.js'), import('../engine/engine-images.js')]);
  const client = await connectEngine();
  try {
    // Newest first, as docker images has it; the engine itself keeps no order among those of one second.
    const listed = (await listEngineImages(client, signal)).toSorted((a, b) => b.created - a.created || (a.id < b.id ? -1 : 1));
    const images = listed.map(({ id, names, created, size }): ListedImage => {
      const digest = parseDigest(id, location);
      const full = names.map((name) => formatReference(parseReference(name)));
      return { names: full, digest, imageId: digest, mediaType: DOCKER_MANIFEST, kind: 'image', manifestOrigin: 'synthesized', created: new Date(created * 1000).toISOString(), size };
    });
    return { location, format: 'docker-daemon', images, notes: [] };
  } finally {
    await client.close();
  }
}
