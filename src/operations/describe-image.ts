import type { Descriptor, Platform } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import { isAbsentLayer } from '../image/absent.js';
import type { ListedImage, ListedMember } from '../image/listing.js';
import { walkClosure, type Closure, type ClosureDocument } from '../image/closure.js';
import { isAttestation } from '../image/image-index.js';
import type { ImageSource, Root } from '../image/image-source.js';
import { isIndexType, isManifestType } from '../image/media-type.js';
import type { Limits } from '../limits.js';
import { findPlatform } from './choose-platform.js';
import { readConfig } from './read-closure.js';

/** One root as `list` shows it. Reads documents and configs, no layers. */
export async function describeImage(source: ImageSource, root: Root, limits: Limits): Promise<ListedImage> {
  const { descriptor, names, refName, manifestOrigin } = root;
  const { digest, mediaType } = descriptor;
  const closure = await walkClosure(source.blobs, descriptor, limits, source.location);
  const document = closure.documents.get(digest);
  const image = await findPlatform(source, closure, undefined, limits) ?? closure.images[0];
  const config = image && (await readConfig(source, image, limits));
  const size = [...closure.blobs.values()].reduce((sum, blob) => sum + blob.size, 0);
  const platform: Platform | undefined = config && { os: config.os, architecture: config.architecture, ...(config.variant === undefined ? {} : { variant: config.variant }) };
  const absentLayers = closure.absent.filter(isAbsentLayer).map((layer) => layer.digest);
  return {
    names, refName, digest, mediaType, manifestOrigin, size,
    kind: kindOf(descriptor, closure),
    imageId: document?.index === undefined ? image?.manifest.config.digest : undefined,
    platform: document?.index === undefined ? platform : undefined,
    created: config?.created,
    absentLayers: absentLayers.length === 0 ? undefined : absentLayers,
    members: describeMembers(document, closure),
  };
}

/** The members of an index, whether they are here, and what is in them; undefined for what is no index. One that is met again is not gone into again: a hostile index could name it without end. */
export function describeMembers(document: ClosureDocument | undefined, closure: Closure, met = new Set<Digest>()): readonly ListedMember[] | undefined {
  if (document?.index === undefined || met.has(document.descriptor.digest)) return undefined;
  met.add(document.descriptor.digest);
  return document.index.manifests.map((member) => {
    const { digest, platform } = member;
    const absent = closure.absent.some((other) => other.digest === digest);
    const members = describeMembers(closure.documents.get(digest), closure, met);
    return { digest, platform, kind: kindOf(member, closure), present: !absent, ...(members && { members }) };
  });
}

/** What the descriptor's content is, as far as documents tell. */
export function kindOf(descriptor: Descriptor, closure: Closure): ListedImage['kind'] {
  if (isIndexType(descriptor.mediaType)) return 'index';
  if (isAttestation(descriptor)) return 'attestation';
  if (!isManifestType(descriptor.mediaType)) return 'unknown';
  const manifest = closure.documents.get(descriptor.digest)?.manifest;
  if (manifest !== undefined) return manifest.isRunnableImage ? 'image' : 'artifact';
  return descriptor.artifactType === undefined ? 'image' : 'artifact';
}
