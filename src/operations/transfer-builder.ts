import type { Descriptor } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import { ImgkitError } from '../errors.js';
import { requireDiffId } from '../image/diff-id.js';
import type { Transfer, TransferBlob, TransferImage, TransferRoot } from '../image/image-sink.js';

/** Collects a {@link Transfer}: everything once, in the order it was first met. */
export class TransferBuilder implements Transfer {
  readonly roots: TransferRoot[] = [];
  readonly images: TransferImage[] = [];
  readonly documents = new Map<Digest, { readonly descriptor: Descriptor; readonly bytes: Uint8Array }>();
  readonly #blobs = new Map<Digest, TransferBlob>();

  get blobs(): readonly TransferBlob[] {
    return [...this.#blobs.values()];
  }

  addDocument(descriptor: Descriptor, bytes: Uint8Array): void {
    if (!this.documents.has(descriptor.digest)) this.documents.set(descriptor.digest, { descriptor, bytes });
  }

  /** Adds a blob unless it is there. One that carries a layer check replaces one that does not. */
  addBlob(blob: TransferBlob): void {
    const { digest, size } = blob.descriptor;
    const known = this.#blobs.get(digest);
    if (known !== undefined && known.size === 'exact' && blob.size === 'exact' && known.descriptor.size !== size) {
      throw new ImgkitError('size-mismatch', `Blob ${digest} has two sizes, ${known.descriptor.size} and ${size}, in two manifests; one of them is wrong, get the image again.`, { entry: digest });
    }
    // Only one of two images that say different things of a layer can be right.
    if (known?.layer !== undefined && blob.layer !== undefined) requireDiffId(blob.from.digest, blob.layer.diffId, known.layer.diffId, blob.from.name);
    if (known === undefined || (known.layer === undefined && blob.layer !== undefined)) this.#blobs.set(digest, blob);
  }
}
