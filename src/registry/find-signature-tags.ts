import { runConcurrently } from '../content/concurrent.js';
import type { Descriptor } from '../content/descriptor.js';
import { walkClosure } from '../image/closure.js';
import { isManifestType } from '../image/media-type.js';
import { signatureTag } from '../image/signature-tag.js';
import type { Limits } from '../limits.js';
import type { Pull } from './open-pull.js';
import { readManifest } from './read-manifest.js';

const QUESTIONS_AT_ONCE = 6;

/** The manifests of signatures that cosign keeps under tags named after the image and what is in it; registries know no link between them. */
export async function findSignatureTags({ blobs, root }: Pull, limits: Limits, signal?: AbortSignal): Promise<readonly { readonly tag: string; readonly descriptor: Descriptor }[]> {
  const { places } = blobs;
  const found: { readonly tag: string; readonly descriptor: Descriptor }[] = [];
  const { documents } = await walkClosure(blobs, root, limits, places.origin.name);
  await runConcurrently([...documents.keys()], { limit: QUESTIONS_AT_ONCE, signal }, async (digest, stop) => {
    const tag = signatureTag(digest);
    const [manifest] = await places.about(async (place) => [await readManifest(place, tag, limits, stop)].filter((each) => each !== undefined));
    if (manifest === undefined || !isManifestType(manifest.mediaType)) return;
    found.push({ tag, descriptor: { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.bytes.length } });
  });
  blobs.expect(found.map(({ descriptor }) => descriptor));
  return found.toSorted((a, b) => (a.tag < b.tag ? -1 : 1));
}
