import { openSink } from '../../formats/locations/open-sink.js';
import { readLocation } from '../../formats/locations/open-source.js';
import { counted } from '../content/counted.js';
import type { BlobPool } from '../content/worker-pool.js';
import { ImgkitError } from '../errors.js';
import type { Finding } from '../image/finding.js';
import type { ImageSink } from '../image/image-sink.js';
import { shownLocation } from '../image/location-url.js';
import type { Limits } from '../limits.js';
import type { LayerChange } from '../operations/layer-change.js';
import { withoutNicknamed } from '../operations/distinct-selections.js';
import { moveImages } from '../operations/move-images.js';
import { outlookOf } from '../operations/plan-transfer.js';
import type { Selection } from '../operations/selection.js';
import { describeMoved } from './describe-moved.js';
import { leaseStore } from './lease-store.js';
import type { MakeOptions } from './make-options.js';
import { FORMATS } from './move.js';
import { refuseLosing } from './refuse-losing.js';
import type { MoveResult } from './results.js';
import { Session } from './session.js';
import { targetName } from './target-name.js';

export interface LayerTools {
  readonly sink: ImageSink;
  readonly pool: BlobPool;
  readonly limits: Limits;
}

/** What {@link changeLayers} does: how, and what an archive is written as unless told otherwise. */
export interface LayerWork {
  /** Throws what is wrong with keys before anything is written. */
  readonly change: (tools: LayerTools) => LayerChange;
  readonly format: 'oci' | 'hybrid';
  /** The target cannot hold the result when it takes plain layers only. */
  readonly needsOci: boolean;
}

/**
 * Copies the image at `location` to `options.to` with its layers changed: indexes and platforms stay, manifests are written
 * anew. Signatures and other referrers are about the old digest, so they stay behind, and the result says so.
 */
export function changeLayers(location: string, options: MakeOptions, work: LayerWork): Promise<MoveResult> {
  return Session.run(options, async (session) => {
    const { limits } = session;
    const { to, force, storeFolder, stdout, network, encryption, compressArchive, signal, onProgress } = options;
    const target = readLocation(to);
    const shown = shownLocation(location);
    const shownTo = shownLocation(to);
    const { source, roots } = await session.open(location);
    const name = targetName(target);
    if (roots.length === 0) throw new ImgkitError('image-not-found', `${shown}: there is no image here; imgkit list shows what is there.`, { file: shown });
    if (work.needsOci && options.format !== undefined && options.format !== 'oci') throw new ImgkitError('usage', 'docker load cannot read encrypted layers, only OCI formats hold them; leave --format out, or say oci.');
    const found = roots.map((root): Selection => ({ source, root, names: root.names, refName: root.refName, meant: true }));
    const selections = name === undefined ? found : withoutNicknamed(found).map((selection) => ({ ...selection, ...name }));
    if (name !== undefined && selections.length > 1) throw new ImgkitError('usage', `${shownTo} names one image, and ${shown} holds ${selections.length}; name one of them.`, { file: shown });
    await refuseLosing(target, found, limits);
    const pool = await session.pool();
    const sink = await openSink(target, { pool, limits, format: FORMATS[options.format ?? work.format], compressArchive, force, storeFolder, stdout, network, encryption, signal });
    if (sink.layers === 'none' || (work.needsOci && sink.format === 'docker-daemon')) {
      await sink.discard();
      const what = work.needsOci ? 'encrypted layers' : 'the layers as they come out of their encryption';
      throw new ImgkitError('usage', `${shownTo} cannot hold ${what}; write to an OCI archive, layout, registry or the store${work.needsOci ? '' : ', and copy from there'}.`, { file: shownTo });
    }
    const change = work.change({ sink, pool, limits });
    const readable = work.needsOci ? await staysReadable(selections, sink, change, { limits, shown }) : [];
    const lease = await leaseStore(selections, options);
    const moved = await moveImages(selections, sink, { pool, limits, signal, onProgress, checkLayers: false, change }).finally(() => lease?.release());
    return {
      from: [shown], to: shownTo, format: sink.format,
      images: describeMoved(moved, sink.format),
      bytes: moved.written.bytes,
      reused: moved.written.reused,
      notes: [...source.notes, ...moved.notes, ...readable],
    };
  });
}

/** Tells of what encryption passes over. Throws `image-not-found` when that is everything: nobody shall take it for encrypted; then `sink` is discarded. */
async function staysReadable(selections: readonly Selection[], sink: ImageSink, conversion: LayerChange, { limits, shown }: { readonly limits: Limits; readonly shown: string }): Promise<readonly Finding[]> {
  try {
    const outlooks = await outlookOf(selections, { limits, conversion, onePlatform: false, lists: sink.lists, checkLayers: false });
    if (outlooks.some(({ changes }) => changes)) {
      return outlooks.flatMap(({ root, changes, kept }) => (changes && kept.size === 0 ? [] : [{
        check: 'closure', status: 'note', subject: root.names[0] ?? root.descriptor.digest,
        message: changes ? `${counted(kept.size, 'layer stays', 'layers stay')} readable for everyone: the publisher does not let others distribute such` : 'it has no layer that can be encrypted, and stays readable for everyone',
      } as const]));
    }
    throw new ImgkitError('image-not-found', `${shown}: nothing here has layers that can be encrypted: artifacts, and layers that their publisher does not let others distribute, stay as they are; encrypt the archive as a whole, without --layers.`, { file: shown });
  } catch (error) {
    await sink.discard();
    throw error;
  }
}
