import type { Descriptor } from '../content/descriptor.js';
import { digestOf, type Digest } from '../content/digest.js';
import type { Closure, ClosureDocument, ClosureImage } from '../image/closure.js';
import type { TransferBlob } from '../image/image-sink.js';
import type { ImageSource } from '../image/image-source.js';
import { encodeIndex, encodeManifest } from '../image/manifest-json.js';
import { mediaFamily, OCI_CONFIG, OCI_MANIFEST, type MediaFamily } from '../image/media-type.js';
import type { Limits } from '../limits.js';
import type { LayerChange, LayerToChange } from './layer-change.js';
import { readConfig } from './read-closure.js';

const REFERENCE_DIGEST = 'vnd.docker.reference.digest';

/**
 * A closure as the target will hold it. Without a conversion nothing changes and every document keeps its bytes; with one,
 * manifests whose layers change are written anew, and the indexes above them.
 */
export class ClosureRewrite {
  readonly documents: { readonly descriptor: Descriptor; readonly bytes: Uint8Array }[] = [];
  readonly #source: ImageSource;
  readonly #closure: Closure;
  readonly #conversion: LayerChange | undefined;
  readonly #limits: Limits;
  readonly #blobs = new Map<Digest, TransferBlob>();
  readonly #manifests = new Map<Digest, Descriptor>();

  constructor(source: ImageSource, closure: Closure, conversion: LayerChange | undefined, limits: Limits) {
    this.#source = source;
    this.#closure = closure;
    this.#conversion = conversion;
    this.#limits = limits;
  }

  /** Why documents changed. */
  get reason(): string | undefined {
    return this.#conversion?.reason;
  }

  /** `descriptor` and everything below it, in its new form. */
  async rewrite(descriptor: Descriptor): Promise<Descriptor> {
    const document = this.#closure.documents.get(descriptor.digest);
    if (document === undefined) return descriptor;
    const known = this.#manifests.get(descriptor.digest);
    if (known !== undefined) return { ...descriptor, ...pick(known) };
    const place = this.documents.length;
    const rewritten = document.index === undefined ? await this.#manifest(document) : await this.#index(document, document.index.manifests);
    this.documents.splice(place, 0, rewritten);
    this.#manifests.set(descriptor.digest, rewritten.descriptor);
    return { ...descriptor, ...pick(rewritten.descriptor) };
  }

  /** What documents were that have changed. */
  rewritten(): readonly Digest[] {
    return [...this.#manifests].flatMap(([before, { digest }]) => (before === digest ? [] : [before]));
  }

  /** How the blob `descriptor` changes; undefined when it stays. */
  converted({ digest }: Descriptor): TransferBlob | undefined {
    return this.#blobs.get(digest);
  }

  /** The manifest and layers of `image` in their new form. */
  image({ descriptor, manifest }: ClosureImage): { readonly manifest: Descriptor; readonly layers: readonly Descriptor[] } {
    return {
      manifest: this.#manifests.get(descriptor.digest) ?? descriptor,
      layers: manifest.layers.map((layer) => this.#blobs.get(layer.digest)?.descriptor ?? layer),
    };
  }

  async #manifest(document: ClosureDocument): Promise<{ descriptor: Descriptor; bytes: Uint8Array }> {
    const { manifest } = document;
    const image = this.#closure.images.find(({ descriptor }) => descriptor.digest === document.descriptor.digest);
    const conversion = this.#conversion;
    if (manifest === undefined || image === undefined || conversion === undefined) return document;
    const changing = await layersToChange(this.#source, this.#closure, image, conversion, this.#limits);
    if (changing.length === 0) return document;
    const family: MediaFamily = conversion.family(mediaFamily(manifest.mediaType) ?? 'oci');
    await conversion.prepare?.(this.#source, changing.filter(({ layer }) => !this.#blobs.has(layer.digest)), family);
    for (const { layer, diffId } of changing) {
      if (!this.#blobs.has(layer.digest)) this.#blobs.set(layer.digest, await conversion.convert(this.#source, layer, diffId, family));
    }
    const toOci = family === 'oci' && mediaFamily(manifest.mediaType) === 'docker';
    const bytes = encodeManifest({
      ...manifest,
      mediaType: toOci ? OCI_MANIFEST : manifest.mediaType,
      config: toOci ? { ...manifest.config, mediaType: OCI_CONFIG } : manifest.config,
      layers: this.image(image).layers,
    });
    return { descriptor: made(document.descriptor, toOci ? OCI_MANIFEST : manifest.mediaType, bytes), bytes };
  }

  async #index(document: ClosureDocument, members: readonly Descriptor[]): Promise<{ descriptor: Descriptor; bytes: Uint8Array }> {
    const rewritten: Descriptor[] = [];
    for (const member of members) rewritten.push(await this.rewrite(member));
    if (document.index === undefined || rewritten.every(({ digest }, i) => digest === members[i]?.digest)) return document;
    const bytes = encodeIndex({ ...document.index, manifests: rewritten.map((member) => this.#follow(member)) });
    return { descriptor: made(document.descriptor, document.index.mediaType, bytes), bytes };
  }

  /** An attestation says in an annotation which manifest it is about; it follows the manifest. */
  #follow(member: Descriptor): Descriptor {
    const about = member.annotations?.get(REFERENCE_DIGEST);
    const moved = about === undefined ? undefined : this.#manifests.get(about as Digest);
    if (moved === undefined || member.annotations === undefined) return member;
    return { ...member, annotations: new Map(member.annotations).set(REFERENCE_DIGEST, moved.digest) };
  }
}

/** The layers of `image`, one of `closure`, that `conversion` has to change. What is legally not here cannot be changed. Throws as `readConfig`. */
export async function layersToChange(source: ImageSource, { blobs }: Closure, image: ClosureImage, conversion: LayerChange, limits: Limits): Promise<readonly LayerToChange[]> {
  const { diffIds } = await readConfig(source, image, limits);
  return image.manifest.layers.flatMap((layer, i) => {
    const diffId = diffIds[i];
    return diffId !== undefined && blobs.has(layer.digest) && conversion.changes({ layer, diffId }) ? [{ layer, diffId }] : [];
  });
}

function made(descriptor: Descriptor, mediaType: string, bytes: Uint8Array): Descriptor {
  return { ...descriptor, mediaType, digest: digestOf(bytes), size: bytes.length };
}

function pick({ mediaType, digest, size }: Descriptor): Pick<Descriptor, 'mediaType' | 'digest' | 'size'> {
  return { mediaType, digest, size };
}
