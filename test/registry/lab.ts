import type { Digest } from '../../src/content/digest.js';
import { parseReference } from '../../src/image/reference.js';
import { DEFAULT_LIMITS, type Limits } from '../../src/limits.js';
import type { NetworkOptions } from '../../src/network/network-options.js';
import type { FindCredentials } from '../../src/registry/auth/credentials.js';
import { Connection } from '../../src/registry/connection.js';
import { openPull, type Pull } from '../../src/registry/open-pull.js';
import { registryAddress } from '../../src/registry/registry-address.js';
import { Repository } from '../../src/registry/repository.js';
import { createHttpClient } from '../../src/network/create-http-client.js';
import { INDEX_TYPE, type BuiltDocument, type JsonDescriptor } from '../helpers/image-builder.js';
import type { FakeRegistry } from '../helpers/registry.js';

export const limits: Limits = DEFAULT_LIMITS;
/** Says what was waited for, and does not wait. */
export const waits: number[] = [];
const wait = async (milliseconds: number): Promise<void> => void waits.push(milliseconds);

export function networkOf(...registries: readonly FakeRegistry[]): NetworkOptions {
  return { insecureRegistries: registries.map(({ host }) => host), connectTimeout: 20_000, idleTimeout: 20_000 };
}

export const nobody: FindCredentials = async () => undefined;
export const somebody: FindCredentials = async () => ({ kind: 'password', username: 'me', password: 'S3CRET' });

/** A repository of a fake registry; the test closes its connection. */
export function repositoryOf(registry: FakeRegistry, name: string, more: { readonly network?: NetworkOptions; readonly findCredentials?: FindCredentials } = {}): Repository {
  const network = { ...networkOf(registry), ...more.network };
  return new Repository(new Connection({ address: registryAddress(registry.host, network.insecureRegistries), network, findCredentials: more.findCredentials ?? nobody, createClient: createHttpClient, wait }), name);
}

/** Opens `name` of a fake registry; the test closes it. */
export function pull(registry: FakeRegistry, name: string, more: { readonly network?: NetworkOptions; readonly findCredentials?: FindCredentials } = {}): Promise<Pull> {
  return openPull(parseReference(`${registry.host}/${name}`), { network: { ...networkOf(registry), ...more.network }, limits, findCredentials: more.findCredentials ?? nobody, wait });
}

/** Puts a document and all below it into a fake registry. */
export function stock(registry: FakeRegistry, repository: string, document: BuiltDocument, tag?: string): void {
  for (const [digest, bytes] of document.blobs) {
    const mediaType = typeOf(bytes);
    if (mediaType === undefined) registry.blobs.set(digest, bytes);
    else registry.manifests.set(`${repository}@${digest}`, { mediaType, bytes });
  }
  const { mediaType, digest } = document.descriptor;
  const bytes = document.blobs.get(digest);
  if (tag !== undefined && bytes !== undefined) registry.manifests.set(`${repository}:${tag}`, { mediaType, bytes });
}

/** The media type of a manifest or an index; undefined for everything else. */
function typeOf(bytes: Buffer): string | undefined {
  if (bytes[0] !== 0x7b) return undefined;
  const { mediaType, manifests } = JSON.parse(bytes.toString()) as { mediaType?: string; manifests?: unknown };
  return mediaType ?? (manifests === undefined ? undefined : INDEX_TYPE);
}

export function digestOf({ digest }: JsonDescriptor): Digest {
  return digest as Digest;
}
