import { shownLocation } from '../image/location-url.js';
import { readConfig } from '../operations/read-closure.js';
import { TEXT } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import { openImage } from './open-image.js';
import { requireImage } from './require-image.js';
import type { HistoryLine, HistoryResult } from './results.js';
import { Session } from './session.js';

/** How an image was made, newest step first, as `docker history` shows it; an image without a history shows its layers. */
export function history(options: CommonOptions & { readonly location: string; readonly platform?: string | undefined }): Promise<HistoryResult> {
  return Session.call(options, { location: TEXT }, async (session) => {
    const { location } = options;
    const opened = await openImage(session, location, options.platform);
    const { source, root } = opened;
    const image = requireImage(opened, location, 'it has no history');
    const config = await readConfig(source, image, session.limits);
    const imageId = image.manifest.config.digest;
    const layers = image.manifest.layers.values();
    const steps = config.history.length > 0 ? config.history : config.diffIds.map(() => ({ emptyLayer: false, created: undefined, createdBy: undefined, comment: undefined, author: undefined }));
    const lines = steps.map(({ created, createdBy, comment, author, emptyLayer }): HistoryLine => {
      const layer = emptyLayer ? undefined : layers.next().value;
      return { id: '<missing>', created, createdBy: createdBy ?? '', comment, author, emptyLayer, size: layer?.size ?? 0, layer: layer?.digest };
    });
    const newestFirst = lines.toReversed().map((line, i) => (i === 0 ? { ...line, id: imageId } : line));
    return { location: shownLocation(location), digest: root.descriptor.digest, imageId, lines: newestFirst };
  });
}
