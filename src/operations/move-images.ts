import type { BlobPassResult } from '../content/blob-pass.js';
import type { FileRange } from '../content/byte-source.js';
import type { Compression } from '../content/compression.js';
import { runConcurrently } from '../content/concurrent.js';
import { digestAlgorithm } from '../content/digest.js';
import type { BlobPool } from '../content/worker-pool.js';
import { SizeMispredicted, type ImageSink, type SinkWriteOptions, type Transfer, type Written } from '../image/image-sink.js';
import { announce, type WorkOptions } from '../progress.js';
import { withLocalBlob } from '../image/local-blob.js';
import { checkLayer } from '../image/move-blob.js';
import type { LayerChange } from './layer-change.js';
import { LayerConversion } from './layer-conversion.js';
import { outlookOf, planTransfer, type PlannedTransfer, type PlanOptions } from './plan-transfer.js';
import type { Selection } from './selection.js';

const LAYERS_AT_ONCE = 4;

export interface MoveOptions extends WorkOptions, Omit<PlanOptions, 'conversion' | 'onePlatform' | 'lists'> {
  readonly compress?: Compression | undefined;
  readonly level?: number | 'fast' | undefined;
  readonly pool: BlobPool;
  /** See {@link SinkWriteOptions}. */
  readonly proven?: SinkWriteOptions['proven'];
  /** How layers change; default: to the compression that the target or `compress` asks for. */
  readonly change?: LayerChange | undefined;
}

export interface Moved extends PlannedTransfer {
  readonly written: Written;
}

/**
 * Moves the selected images into `sink`: plan, then write once. Blobs are kept as they are unless the target or `compress`
 * asks otherwise. Everything is checked on the way; on failure the sink keeps nothing. Sources stay open, they are the caller's.
 */
export async function moveImages(selections: readonly Selection[], sink: ImageSink, options: MoveOptions): Promise<Moved> {
  const compression = options.compress ?? (sink.layers === 'none' ? 'none' : undefined);
  const conversion = options.change ?? (compression && new LayerConversion({ ...options, compression, sink }));
  const planning = { ...options, conversion, onePlatform: sink.layers === 'none', lists: sink.lists };
  try {
    if (conversion !== undefined && sink.foresee !== undefined) await sink.foresee(await outlookOf(selections, planning), options);
    for (;;) {
      const plan = await planTransfer(selections, planning);
      if (!sink.canRetry && conversion !== undefined && (await measureGuesses(plan.transfer, conversion, options))) continue;
      if (options.checkLayers) await proveLayers(plan.transfer, sink, options);
      try {
        return { ...plan, written: await sink.write(plan.transfer, options) };
      } catch (error) {
        if (!(error instanceof SizeMispredicted) || conversion === undefined) throw error;
        for (const [digest, size] of error.learned) conversion.learned.set(digest, size);
      }
    }
  } finally {
    await sink.discard();
  }
}

/**
 * Checks the layers that the sink will not check while it writes: those that were compressed anew, and all of them when it
 * is a stream, which cannot be taken back. Throws as {@link checkLayer}.
 */
async function proveLayers({ blobs }: Transfer, { canRetry }: ImageSink, options: MoveOptions): Promise<void> {
  const unchecked = blobs.filter(({ layer, from, descriptor, decompress }) => layer !== undefined && (!canRetry || (decompress === undefined && from.digest !== descriptor.digest)));
  announce(options.onProgress, 'verify', unchecked.map(({ from }) => [from.digest, from.size]));
  await runConcurrently(unchecked, { limit: LAYERS_AT_ONCE, signal: options.signal }, (blob, signal) => checkLayer(blob, { ...options, signal }));
}

/** Finds the exact sizes that a stream target must know before it starts. True when there were guesses to replace. */
async function measureGuesses(transfer: Transfer, conversion: LayerChange, { pool, limits, signal }: MoveOptions): Promise<boolean> {
  const guesses = transfer.blobs.filter(({ size }) => size === 'guess');
  await Promise.all(
    guesses.map(async ({ from, descriptor, decompress: compression }) => {
      if (compression === undefined) throw new TypeError(`blob ${from.digest} cannot be measured`);
      const measure = (input: FileRange): Promise<BlobPassResult> => pool.run({ input, compression, algorithm: digestAlgorithm(from.digest), scanLayer: false, limits }, { signal });
      const { decompressedSize } = await withLocalBlob(from, signal, measure);
      conversion.learned.set(descriptor.digest, decompressedSize);
    }),
  );
  return guesses.length > 0;
}
