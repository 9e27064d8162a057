import { ImgkitError } from '../errors.js';
import { shownLocation } from '../image/location-url.js';
import { readConfig } from '../operations/read-closure.js';
import type { CommonOptions } from './options.js';
import { openImage } from './open-image.js';
import type { HistoryLine, HistoryResult } from './results.js';
import { Session } from './session.js';

/** How an image was made, newest step first, as `docker history` shows it; an image without a history shows its layers. */
export function history(options: CommonOptions & { readonly location: string; readonly platform?: string | undefined }): Promise<HistoryResult> {
  return Session.run(options, async (session) => {
    const { location } = options;
    const { source, root, image } = await openImage(session, location, options.platform);
    if (image === undefined) throw new ImgkitError('image-not-found', `${shownLocation(location)}: it is not a runnable image, so it has no history; imgkit inspect shows what it is.`, { file: shownLocation(location) });
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
