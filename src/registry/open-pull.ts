import type { Descriptor } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import { runConcurrently } from '../content/concurrent.js';
import { ImgkitError } from '../errors.js';
import { walkClosure } from '../image/closure.js';
import type { Reference } from '../image/reference.js';
import type { Limits } from '../limits.js';
import type { WorkOptions } from '../progress.js';
import { openConnection, type OpenConnectionOptions } from './open-connection.js';
import { PullPlaces } from './pull-places.js';
import { readReferrers } from './read-referrers.js';
import { mirrorAddress, registryAddress } from './registry-address.js';
import { RegistryBlobs } from './registry-blobs.js';
import { Repository } from './repository.js';

const QUESTIONS_AT_ONCE = 6;

export interface OpenPullOptions extends OpenConnectionOptions, WorkOptions {
  readonly limits: Limits;
}

/** One image of a registry, resolved once: its root stays what it was, whatever the tag does. */
export interface Pull {
  readonly blobs: RegistryBlobs;
  readonly root: Descriptor;
  close(): Promise<void>;
}

/** The places for pulls of `reference`: the mirrors that the user named, then its registry. */
export function openPlaces({ registry, repository }: Pick<Reference, 'registry' | 'repository'>, options: OpenConnectionOptions): PullPlaces & { close(): Promise<void> } {
  const { mirrors = [], insecureRegistries, onWarning } = options.network;
  const addresses = [...mirrors.map((mirror) => mirrorAddress(mirror, insecureRegistries)), registryAddress(registry, insecureRegistries)];
  const connections = addresses.map((address) => openConnection(address, options));
  const places = new PullPlaces(connections.map((connection) => new Repository(connection, repository)), onWarning);
  return Object.assign(places, {
    async close() {
      for (const connection of connections) await connection.close();
    },
  });
}

/** Resolves `reference` to its manifest. Throws `image-not-found`, `login-failed`, `network-*`. The caller closes it. */
export async function openPull(reference: Reference, options: OpenPullOptions): Promise<Pull> {
  const places = openPlaces(reference, options);
  try {
    const blobs = new RegistryBlobs({ places, ...options });
    const wanted = reference.digest ?? reference.tag ?? 'latest';
    const fetched = await blobs.manifest(wanted);
    if (fetched === undefined) throw notFound(places, wanted);
    return { blobs, root: { mediaType: fetched.mediaType, digest: fetched.digest, size: fetched.bytes.length }, close: () => places.close() };
  } catch (error) {
    await places.close();
    throw error;
  }
}

/** The artifacts about the image and about anything in it, and about those in turn: signatures, attestations, SBOMs. */
export async function findAttached({ blobs, root }: Pull, limits: Limits, signal?: AbortSignal): Promise<readonly Descriptor[]> {
  const { origin } = blobs.places;
  const found = new Map<Digest, Descriptor>();
  let next: readonly Descriptor[] = [root];
  for (let depth = 0; next.length > 0 && depth <= limits.indexDepth; depth += 1) {
    const subjects = new Set<Digest>();
    for (const each of next) for (const digest of (await walkClosure(blobs, each, limits, origin.name)).documents.keys()) subjects.add(digest);
    const fresh: Descriptor[] = [];
    await runConcurrently([...subjects], { limit: QUESTIONS_AT_ONCE, signal }, async (subject, stop) => {
      for (const descriptor of await blobs.places.about((place) => readReferrers(place, subject, limits, stop))) {
        if (found.has(descriptor.digest) || descriptor.digest === root.digest) continue;
        found.set(descriptor.digest, descriptor);
        fresh.push(descriptor);
      }
    });
    if (found.size > limits.descriptors) throw new ImgkitError('limit-exceeded', `${origin.name}: more than ${limits.descriptors} artifacts are about this image; raise the limit descriptors if you trust this registry.`, { file: origin.name });
    blobs.expect(fresh);
    next = await present(blobs, fresh);
  }
  return (await present(blobs, [...found.values()])).toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
}

/** A list may name what was deleted since. */
async function present(blobs: RegistryBlobs, descriptors: readonly Descriptor[]): Promise<readonly Descriptor[]> {
  const sizes = await Promise.all(descriptors.map(({ digest }) => blobs.stat(digest)));
  return descriptors.filter((_, i) => sizes[i] !== undefined);
}

function notFound({ all, origin }: PullPlaces, wanted: string): ImgkitError {
  const name = `${origin.name}${wanted.includes(':') ? '@' : ':'}${wanted}`;
  const mirrors = all.length > 1 ? ', nor has a mirror' : '';
  return new ImgkitError('image-not-found', `${origin.connection.address.name} has no image ${name}${mirrors}; see what is there: imgkit list docker://${origin.name}.`, { file: origin.name, entry: wanted });
}
