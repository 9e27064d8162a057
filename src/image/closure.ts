import type { BlobSource } from '../content/byte-source.js';
import type { Descriptor } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import { readBlob } from '../content/verified-read.js';
import { ImgkitError } from '../errors.js';
import type { Limits } from '../limits.js';
import { parseIndex, type ImageIndex } from './image-index.js';
import { inFile } from './in-file.js';
import { parseManifest, type Manifest } from './manifest.js';
import { isIndexType, isManifestType, isNonDistributable } from './media-type.js';

/** A manifest or index, with its exact bytes. */
export interface ClosureDocument {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  readonly manifest?: Manifest;
  readonly index?: ImageIndex;
}

/** A manifest reached from the root that describes a runnable image. */
export interface ClosureImage {
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
}

/** Everything reachable from one root. */
export interface Closure {
  /** Manifests and indexes, children before parents' later siblings (depth first, parents first), unique. */
  readonly documents: ReadonlyMap<Digest, ClosureDocument>;
  /** Configs, layers and other leaves that are here, unique, in order. */
  readonly blobs: ReadonlyMap<Digest, Descriptor>;
  readonly images: readonly ClosureImage[];
  /** Named by an index and not here, which is legal: other platforms, attestations. */
  readonly absent: readonly Descriptor[];
  /** Named by a manifest that is here and missing, which is not legal unless the layer is non-distributable. */
  readonly missing: readonly { readonly descriptor: Descriptor; readonly parent: Digest }[];
}

/**
 * Reads every manifest and index below `root`, each verified against its descriptor, and lists the leaves without reading them.
 * Cycles, deep nesting and wide fan-out are refused (`limit-exceeded`). Throws `blob-missing` when the root itself is not here.
 */
export async function walkClosure(blobs: BlobSource, root: Descriptor, limits: Limits, where: string): Promise<Closure> {
  if ((await blobs.stat(root.digest)) === undefined) {
    throw new ImgkitError('blob-missing', `${where}: ${root.digest}, which its index names, is not there; the image is incomplete, get it again.`, { file: where, entry: root.digest });
  }
  const walk = new Walk(blobs, limits, where);
  await walk.visit(root, 0);
  return walk;
}

class Walk implements Closure {
  readonly documents = new Map<Digest, ClosureDocument>();
  readonly blobs = new Map<Digest, Descriptor>();
  readonly images: ClosureImage[] = [];
  readonly absent: Descriptor[] = [];
  readonly missing: { descriptor: Descriptor; parent: Digest }[] = [];
  readonly #source: BlobSource;
  readonly #limits: Limits;
  readonly #where: string;
  readonly #sizes = new Map<Digest, number>();
  #visited = 0;

  constructor(source: BlobSource, limits: Limits, where: string) {
    this.#source = source;
    this.#limits = limits;
    this.#where = where;
  }

  async visit(descriptor: Descriptor, depth: number): Promise<void> {
    this.#bound(depth);
    const { digest, mediaType } = descriptor;
    this.#requireSize(descriptor);
    if (this.documents.has(digest)) return;
    if (isIndexType(mediaType)) return this.#index(descriptor, depth);
    if (isManifestType(mediaType)) return this.#manifest(descriptor, depth > 0);
    this.blobs.set(digest, descriptor);
  }

  /** Content addresses cannot form a cycle, but bytes that nobody verified yet can claim one: count and depth end it. */
  #bound(depth: number): void {
    this.#visited += 1;
    const { indexDepth, descriptors } = this.#limits;
    if (depth <= indexDepth && this.#visited <= descriptors) return;
    const what = depth > indexDepth ? `indexes are nested deeper than ${indexDepth}` : `more than ${descriptors} manifests are named`;
    throw new ImgkitError('limit-exceeded', `${this.#where}: ${what}, which no container tool writes; get the image from another source.`, { file: this.#where });
  }

  /** Content of one digest has one size; a second descriptor that says otherwise would go unchecked. */
  #requireSize({ digest, size }: Descriptor): void {
    const known = this.#sizes.get(digest) ?? size;
    this.#sizes.set(digest, known);
    if (known === size) return;
    throw new ImgkitError('size-mismatch', `${this.#where}: ${digest} has two sizes, ${known} and ${size}, in two descriptors; one of them is wrong, get the image again.`, { file: this.#where, entry: digest, expected: String(known), found: String(size) });
  }

  async #read(descriptor: Descriptor): Promise<Uint8Array> {
    try {
      return await readBlob(this.#source, descriptor, this.#limits.documentBytes);
    } catch (error) {
      throw inFile(error, this.#where);
    }
  }

  async #index(descriptor: Descriptor, depth: number): Promise<void> {
    const bytes = await this.#read(descriptor);
    const index = parseIndex(bytes, descriptor, this.#limits, `${this.#where}: ${descriptor.digest}`);
    this.documents.set(descriptor.digest, { descriptor, bytes, index });
    for (const member of index.manifests) {
      if ((await this.#source.stat(member.digest)) === undefined) this.absent.push(member);
      else await this.visit(member, depth + 1);
    }
  }

  async #manifest(descriptor: Descriptor, member: boolean): Promise<void> {
    const bytes = await this.#read(descriptor);
    const manifest = parseManifest(bytes, descriptor, this.#limits, `${this.#where}: ${descriptor.digest}`);
    this.documents.set(descriptor.digest, { descriptor, bytes, manifest });
    const leaves = [manifest.config, ...manifest.layers];
    const missing: Descriptor[] = [];
    for (const leaf of leaves) {
      this.#requireSize(leaf);
      if ((await this.#source.stat(leaf.digest)) === undefined) missing.push(leaf);
      else this.blobs.set(leaf.digest, leaf);
    }
    const complete = missing.every((leaf) => isForeignLayer(leaf));
    if (manifest.isRunnableImage && complete) this.images.push({ descriptor, manifest });
    if (complete) this.absent.push(...missing);
    // An engine keeps the manifests of platforms that it never pulled: all or nothing of such a member is here.
    else if (member && missing.length === leaves.length) this.absent.push(descriptor);
    else this.missing.push(...missing.map((leaf) => ({ descriptor: leaf, parent: descriptor.digest })));
  }
}

/** A layer that may legally stay behind: its publisher forbids distribution (OCI layer.md, non-distributable layers). */
function isForeignLayer({ mediaType, urls }: Descriptor): boolean {
  return isNonDistributable(mediaType) && (urls?.length ?? 0) > 0;
}
