import type { FileRange } from '../../content/byte-source.js';
import { runConcurrently } from '../../content/concurrent.js';
import type { Descriptor } from '../../content/descriptor.js';
import type { Digest } from '../../content/digest.js';
import type { SealPass, SealPassResult } from '../../content/seal-pass.js';
import { requireDigest, sizeMismatch } from '../../content/verified-read.js';
import type { BlobPool } from '../../content/worker-pool.js';
import type { ImageSink, StagedPlace, TransferBlob } from '../../image/image-sink.js';
import type { ImageSource } from '../../image/image-source.js';
import { withLocalBlob } from '../../image/local-blob.js';
import type { MediaFamily } from '../../image/media-type.js';
import { announce, type WorkOptions } from '../../progress.js';
import type { LayerChange, LayerToChange } from '../layer-change.js';

/** Workers are as many as cores; a few more layers keep them fed while others are brought in or synced. */
const LAYERS_AT_ONCE = 4;

/** How one layer is encrypted or decrypted. */
export interface LayerTurn {
  readonly pass: Pick<SealPass, 'seal' | 'key' | 'nonce' | 'algorithm'>;
  /** Turns that say the same come to the same bytes: only the first is made. */
  readonly same: string;
  /** Throws when what the pass wrote to `output` is not what it should be. */
  prove?(result: SealPassResult, output: FileRange): Promise<void>;
  /** The layer as the new manifest will name it. */
  describe(result: SealPassResult): Promise<Descriptor>;
}

/** What {@link LayerSealing} does to layers. */
export interface LayerSealer {
  readonly reason: string;
  /** As {@link LayerChange.changes}, by the media type. */
  changes(mediaType: string): boolean;
  family(current: MediaFamily): MediaFamily;
  /** How to turn a layer, or its new descriptor when its bytes stay. `name` is for errors. */
  plan(layer: LayerToChange, family: MediaFamily, name: string): Promise<LayerTurn | Descriptor>;
}

export interface LayerSealingOptions extends WorkOptions {
  readonly sink: ImageSink;
  readonly pool: BlobPool;
}

interface Turn extends LayerTurn {
  readonly layer: Descriptor;
  readonly name: string;
}

/**
 * Encrypts or decrypts the layers of images, several at once in workers: every byte is read once and written once, straight into
 * the sink's file. A layer becomes part of the image only when everything about it was proven.
 */
export class LayerSealing implements LayerChange {
  readonly learned = new Map<Digest, number>();
  readonly reason;
  readonly #sealer: LayerSealer;
  readonly #options: LayerSealingOptions;
  /** By the digest that a layer had. */
  readonly #descriptors = new Map<Digest, Descriptor>();
  readonly #results = new Map<string, SealPassResult>();

  constructor(sealer: LayerSealer, options: LayerSealingOptions) {
    this.reason = sealer.reason;
    this.#sealer = sealer;
    this.#options = options;
  }

  changes({ layer }: LayerToChange): boolean {
    return this.#sealer.changes(layer.mediaType);
  }

  family(current: MediaFamily): MediaFamily {
    return this.#sealer.family(current);
  }

  async prepare(source: ImageSource, layers: readonly LayerToChange[], family: MediaFamily): Promise<void> {
    const turns: Turn[] = [];
    for (const each of layers) {
      const { layer } = each;
      if (this.#descriptors.has(layer.digest) || turns.some((turn) => turn.layer.digest === layer.digest)) continue;
      const name = `${source.location}: ${layer.digest}`;
      const planned = await this.#sealer.plan(each, family, name);
      if ('pass' in planned) turns.push({ ...planned, layer, name });
      else this.#descriptors.set(layer.digest, planned);
    }
    await this.#makeAll(source, turns);
    for (const { layer, same, describe } of turns) this.#descriptors.set(layer.digest, await describe(this.#results.get(same) as SealPassResult));
  }

  convert({ blobs, location }: ImageSource, { digest, size }: Descriptor): Promise<TransferBlob> {
    const descriptor = this.#descriptors.get(digest);
    if (descriptor === undefined) throw new TypeError(`layer ${digest} was not prepared`);
    return Promise.resolve({ descriptor, from: { blobs, digest, size, name: `${location}: ${digest}` }, size: 'exact' });
  }

  async #makeAll({ blobs }: ImageSource, turns: readonly Turn[]): Promise<void> {
    const unmade = turns.filter(({ same }, i) => !this.#results.has(same) && turns.findIndex((other) => other.same === same) === i);
    const { sink, signal, onProgress } = this.#options;
    for (const phase of ['encrypt', 'decrypt'] as const) announce(onProgress, phase, unmade.flatMap(({ layer, pass }) => (pass.seal === phase ? [[layer.digest, layer.size] as const] : [])));
    await runConcurrently(unmade, { limit: LAYERS_AT_ONCE, signal, cost: ({ layer }) => layer.size }, (turn, stop) =>
      sink.stageFile(turn.layer.size, (place) => this.#make(turn, blobs, place, stop), { signal: stop }),
    );
  }

  async #make({ layer, name, pass, same, prove }: Turn, blobs: ImageSource['blobs'], { handle, offset }: StagedPlace, signal: AbortSignal): Promise<Digest> {
    const { pool, onProgress } = this.#options;
    const { digest, size } = layer;
    return withLocalBlob({ blobs, digest, size, name }, signal, async (input) => {
      if (input.length !== size) throw sizeMismatch(layer, String(input.length));
      const onBytes = (done: number): void => onProgress?.({ phase: pass.seal, item: digest, done, total: size });
      const result = await pool.seal({ ...pass, name, input, output: { fd: handle.fd, offset } }, { signal, onBytes });
      if (result.inputDigest !== undefined) requireDigest(digest, result.inputDigest);
      await prove?.(result, { fd: handle.fd, offset, length: size });
      this.#results.set(same, result);
      return result.digest;
    });
  }
}
