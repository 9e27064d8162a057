import { digestHex, type Digest } from '../src/content/digest.js';
import type { Transfer, TransferImage } from '../src/image/image-sink.js';
import { familiarName, parseReference } from '../src/image/reference.js';
import { jsonEntry, type ArchiveEntry } from './archive-entry.js';

/** How a blob is called inside a docker archive. */
export interface DockerPaths {
  readonly config: (digest: Digest) => string;
  readonly layer: (digest: Digest) => string;
}

/** Where a docker archive of ours keeps its files. */
export const DOCKER_PATHS: DockerPaths = { config: (digest) => `${digestHex(digest)}.json`, layer: (digest) => `${digestHex(digest)}.tar` };

/**
 * The files of a docker archive (moby image/spec v1.2): manifest.json and repositories, configs, then each layer once,
 * as `<diffID>.tar`. Every engine since 1.10 loads it. Manifests have no place in it.
 */
export function dockerEntries(transfer: Transfer): readonly ArchiveEntry[] {
  const configs = new Set(transfer.images.map(({ config }) => config.digest));
  const used = new Set(transfer.images.flatMap(({ config, layers }) => [config.digest, ...layers.map(({ digest }) => digest)]));
  const blobs = transfer.blobs.filter(({ descriptor }) => used.has(descriptor.digest));
  return [
    manifestEntry(transfer.images, DOCKER_PATHS),
    ...repositoriesEntry(transfer.images),
    ...blobs.map((blob) => {
      const { digest, size } = blob.descriptor;
      return { path: configs.has(digest) ? DOCKER_PATHS.config(digest) : DOCKER_PATHS.layer(digest), size, blob };
    }),
  ];
}

/** `manifest.json` (moby image/spec v1.2). Names are full, as skopeo writes them: podman would take `app:1` for localhost/app:1. */
export function manifestEntry(images: readonly TransferImage[], paths: DockerPaths): ArchiveEntry {
  const items = new Map<string, { Config: string; RepoTags: string[] | null; Layers: string[] }>();
  for (const { root, manifest, config, layers } of images) {
    const tags = root.names.filter((name) => !name.includes('@'));
    const item = items.get(manifest.digest) ?? { Config: paths.config(config.digest), RepoTags: null, Layers: layers.map(({ digest }) => paths.layer(digest)) };
    if (tags.length > 0) item.RepoTags = [...(item.RepoTags ?? []), ...tags];
    items.set(manifest.digest, item);
  }
  return jsonEntry('manifest.json', [...items.values()]);
}

/** `repositories`, which engines before 1.10 and some scanners read; left out when nothing is tagged. */
function repositoriesEntry(images: readonly TransferImage[]): readonly ArchiveEntry[] {
  // No objects: an image may be called `constructor:keys`.
  const repositories = new Map<string, Map<string, string>>();
  for (const { root, layers } of images) {
    const top = layers.at(-1);
    for (const name of top === undefined ? [] : root.names) {
      const [repository, tag] = splitTag(familiarName(parseReference(name)));
      if (tag === undefined || top === undefined) continue;
      const tags = repositories.get(repository) ?? new Map<string, string>();
      repositories.set(repository, tags.set(tag, digestHex(top.digest)));
    }
  }
  return repositories.size === 0 ? [] : [jsonEntry('repositories', repositories)];
}

function splitTag(familiar: string): readonly [string, string | undefined] {
  const at = familiar.includes('@') ? -1 : familiar.lastIndexOf(':');
  return at > familiar.lastIndexOf('/') ? [familiar.slice(0, at), familiar.slice(at + 1)] : [familiar, undefined];
}
