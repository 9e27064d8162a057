import { counted } from '../content/counted.js';
import { countedChunks } from '../content/counted-chunks.js';
import { shownLocation } from '../image/location-url.js';
import { squashDraft } from '../image/squash.js';
import { exportToScratch } from '../operations/export-filesystem.js';
import { openLayers } from '../operations/image-layers.js';
import { makeImage, openBase } from './make-image.js';
import { leaseStore } from './lease-store.js';
import type { MakeOptions } from './make-options.js';
import type { MakeResult } from './make-result.js';
import { TEXT } from './option-kinds.js';
import { refuseTakenName } from './refuse-taken-name.js';
import { Session } from './session.js';

/**
 * Makes of an image one with a single layer that shows the same files, and calls it `to`. Config, labels, annotations and
 * the steps of the history are kept, which an export and import would lose. Every layer is proven on the way. What is
 * hidden below later layers is gone.
 */
export function flatten(options: MakeOptions & { readonly location: string }): Promise<MakeResult> {
  return Session.call(options, { location: TEXT, to: TEXT }, async (session) => {
    const { location, platform, signal, onProgress } = options;
    const base = await openBase(session, location, platform);
    const layered = await openLayers(base.source, base.image, session.limits);
    const number = base.draft.layers.length;
    const step = { created: base.config.created, createdBy: 'imgkit flatten', comment: `${number} layers of ${base.image.descriptor.digest}` };
    await refuseTakenName(session, options, { kept: [], added: [1, 1], step });
    const lease = await leaseStore([base], options);
    const { tar } = await exportToScratch(layered, { order: 'path', signal, onProgress, limits: session.limits }).finally(() => lease?.release());
    try {
      return await makeImage(session, location, [base], options, async ({ stage }) => {
        const item = shownLocation(location);
        const layer = await stage(base.draft, countedChunks(tar.stream(undefined, signal), (done) => onProgress?.({ phase: 'write', item, done, total: tar.size })));
        return { draft: squashDraft(base.draft, 0, layer, step), changes: [`${counted(number, 'layer')} replaced by one`] };
      });
    } finally {
      await tar.close();
    }
  });
}
