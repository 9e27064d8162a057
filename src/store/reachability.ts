import type { Descriptor } from '../content/descriptor.js';
import { digestAlgorithm, digestOf, isDigest, type Digest } from '../content/digest.js';
import { parseJson, type JsonObject, type JsonValue } from '../content/json.js';
import { ImgkitError } from '../errors.js';
import { isIndexType, isManifestType, isSchema1Type } from '../image/media-type.js';
import type { Limits } from '../limits.js';
import { readControlFile } from './index-file.js';
import { blobPath, blobSize } from './layout-blobs.js';

/** Where a digest was met, which decides whether the blob is read: a layer may hold anything, a member of an index is a document. */
type Role = 'document' | 'perhaps' | 'leaf';

interface Reference {
  readonly digest: Digest;
  readonly role: Role;
}

/**
 * The digests that must stay: everything reachable from `roots`, and from those of `pinned` that are documents. Absent children are
 * fine, for an index may name platforms that were never copied. Throws `document-malformed` or `digest-mismatch` when a document
 * cannot be read: what it would name is unknown then, so nothing may be deleted.
 */
export async function findReachable(folder: string, roots: readonly Descriptor[], pinned: Iterable<Digest>, limits: Limits): Promise<Set<Digest>> {
  const walk = new Reachability(folder, limits);
  await walk.follow([...roots.map(referenceOf), ...[...pinned].map((digest) => ({ digest, role: 'perhaps' as const }))]);
  return walk.kept;
}

/**
 * Adds to `kept` the artifacts of `candidates` whose subject is kept (signatures, SBOMs), and what they hold; and artifacts of those.
 * A candidate that is no such document is left out without complaint.
 */
export async function keepReferrers(folder: string, kept: Set<Digest>, candidates: Iterable<Digest>, limits: Limits): Promise<void> {
  const subjects = new Map<Digest, Digest>();
  for (const digest of candidates) {
    const subject = await subjectOf(folder, digest, limits);
    if (subject !== undefined) subjects.set(digest, subject);
  }
  for (let size = -1; size !== kept.size; ) {
    size = kept.size;
    for (const [digest, subject] of subjects) {
      if (kept.has(subject) && !kept.has(digest)) await new Reachability(folder, limits, kept).follow([{ digest, role: 'document' }]);
    }
  }
}

class Reachability {
  readonly kept: Set<Digest>;
  readonly #folder: string;
  readonly #limits: Limits;
  readonly #read = new Set<Digest>();

  constructor(folder: string, limits: Limits, kept = new Set<Digest>()) {
    this.#folder = folder;
    this.#limits = limits;
    this.kept = kept;
  }

  async follow(references: readonly Reference[]): Promise<void> {
    const queue = [...references];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      this.kept.add(next.digest);
      // The same digest may be met as a leaf first and as a document later.
      if (next.role === 'leaf' || this.#read.has(next.digest)) continue;
      this.#read.add(next.digest);
      const document = await readDocument(this.#folder, next, this.#limits);
      if (document !== undefined) queue.push(...childrenOf(document, next.digest));
    }
  }
}

/** Undefined when the blob is absent, or when it need not be a document and is none. */
async function readDocument(folder: string, { digest, role }: Reference, limits: Limits): Promise<JsonObject | undefined> {
  const size = await blobSize(folder, digest);
  if (size === undefined) return undefined;
  if (role === 'perhaps' && size > limits.documentBytes) return undefined;
  const bytes = await readControlFile(blobPath(folder, digest), limits.documentBytes);
  if (bytes === undefined || (role === 'perhaps' && bytes[0] !== 0x7b)) return undefined;
  const found = digestOf(bytes, digestAlgorithm(digest));
  if (found !== digest) {
    throw new ImgkitError('digest-mismatch', `${folder}: manifest ${digest} is damaged, so what it needs is unknown and nothing was deleted; load its image again or remove it.`, { file: folder, entry: digest, expected: digest, found });
  }
  try {
    const value = parseJson(bytes, digest, limits);
    if (value instanceof Map) return value as JsonObject;
  } catch (error) {
    if (role === 'document') throw error;
    return undefined;
  }
  if (role === 'document') throw unreadable(digest, 'is not a JSON object');
  return undefined;
}

function childrenOf(document: JsonObject, parent: Digest): readonly Reference[] {
  const config = document.get('config');
  return [
    ...list(document, 'manifests', parent).map((value) => child(value, parent, 'perhaps')),
    ...list(document, 'layers', parent).map((value) => child(value, parent, 'leaf')),
    ...list(document, 'blobs', parent).map((value) => child(value, parent, 'leaf')),
    // An image config has a `config` too; it holds no digest and names no blob.
    ...(config instanceof Map && config.has('digest') ? [child(config, parent, 'leaf')] : []),
    ...list(document, 'fsLayers', parent).flatMap((value) => (value instanceof Map && isDigest(value.get('blobSum')) ? [{ digest: value.get('blobSum') as Digest, role: 'leaf' as const }] : [])),
  ];
}

function list(document: JsonObject, field: string, parent: Digest): readonly JsonValue[] {
  const value = document.get(field) ?? [];
  if (!Array.isArray(value)) throw unreadable(parent, `has a field ${field} that is no list`);
  return value;
}

function child(value: JsonValue, parent: Digest, role: Role): Reference {
  const digest = value instanceof Map ? value.get('digest') : undefined;
  if (!(value instanceof Map) || !isDigest(digest)) throw unreadable(parent, 'names content without a valid digest');
  const mediaType = value.get('mediaType');
  return { digest, role: typeof mediaType === 'string' && isDocument(mediaType) ? 'document' : role };
}

function referenceOf({ digest, mediaType }: Descriptor): Reference {
  return { digest, role: isDocument(mediaType) ? 'document' : 'perhaps' };
}

function isDocument(mediaType: string): boolean {
  return isIndexType(mediaType) || isManifestType(mediaType) || isSchema1Type(mediaType);
}

async function subjectOf(folder: string, digest: Digest, limits: Limits): Promise<Digest | undefined> {
  const document = await readDocument(folder, { digest, role: 'perhaps' }, limits).catch(() => undefined);
  const subject = document?.get('subject');
  const named = subject instanceof Map ? subject.get('digest') : undefined;
  return isDigest(named) ? named : undefined;
}

function unreadable(digest: Digest, problem: string): ImgkitError {
  return new ImgkitError('document-malformed', `${digest} ${problem}, so what it needs is unknown and nothing was deleted; remove its image, or load it again.`, { entry: digest });
}
