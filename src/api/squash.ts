import { counted } from '../content/counted.js';
import { openScratch, scratchName } from '../content/spool.js';
import { handleSource } from '../content/handle-source.js';
import { countedChunks } from '../content/counted-chunks.js';
import { ImgkitError } from '../errors.js';
import { writeTreeTar } from '../filesystem/write-tree-tar.js';
import { squashDraft } from '../image/squash.js';
import { shownLocation } from '../image/location-url.js';
import { openLayers, selectLayer } from '../operations/image-layers.js';
import { squashLayers } from '../operations/squash-layers.js';
import { makeImage, openBase } from './make-image.js';
import { leaseStore } from './lease-store.js';
import type { MakeOptions } from './make-options.js';
import type { MakeResult } from './make-result.js';
import { TEXT } from './option-kinds.js';
import { refuseTakenName } from './refuse-taken-name.js';
import { Session } from './session.js';

/**
 * Makes one layer of the layers from `from` to the top and calls the result `to`. It holds what those layers change, no more:
 * what one adds and a later one deletes is gone. Config and steps of the history are kept; the layers below stay bit for bit.
 */
export function squash(options: MakeOptions & { readonly location: string; /** Number (1 is the base), or 12 or more digits of a digest or diffID. */ readonly from: string }): Promise<MakeResult> {
  return Session.call(options, { location: TEXT, from: TEXT, to: TEXT }, async (session) => {
    const { location, platform, signal, onProgress } = options;
    const shown = shownLocation(location);
    const work = { limits: session.limits, signal, onProgress };
    const base = await openBase(session, location, platform);
    const layered = await openLayers(base.source, base.image, session.limits);
    const { number, descriptor } = selectLayer(layered.layers, options.from, shown);
    const count = layered.layers.length - number;
    if (count < 2) throw new ImgkitError('usage', `${shown}: layer ${number + 1} is the top one, so there is nothing to squash it with; name one below.`, { file: shown });
    const step = { created: base.config.created, createdBy: `imgkit squash --from ${number + 1}`, comment: `${count} layers of ${base.image.descriptor.digest}, from ${descriptor.digest}` };
    await refuseTakenName(session, options, { kept: base.draft.layers.slice(0, number), added: [1, 1], step });
    const lease = await leaseStore([base], options);
    const handle = await openScratch(shown);
    try {
      const { tree } = await squashLayers(layered, number, work);
      return await makeImage(session, location, [base], options, async ({ stage }) => {
        const { bytes } = await writeTreeTar(tree, layered.layers, handle, scratchName(), { ...work, order: 'path', proof: 'digest' });
        const merged = handleSource(shown, handle, bytes).stream(undefined, signal);
        const layer = await stage(base.draft, countedChunks(merged, (done) => onProgress?.({ phase: 'write', item: shown, done, total: bytes })));
        return { draft: squashDraft(base.draft, number, layer, step), changes: [`${counted(count, 'layer')} replaced by one`] };
      });
    } finally {
      await handle.close();
      await lease?.release();
    }
  });
}
