import { readBlob } from '../content/verified-read.js';
import { ImgkitError } from '../errors.js';
import { shownLocation } from '../image/location-url.js';
import type { CommonOptions } from './options.js';
import { openImage } from './open-image.js';
import { Session } from './session.js';

/** The exact bytes of an image's manifest (or index, when no platform is asked for) or config, their digest verified. */
export function readRaw(options: CommonOptions & { readonly location: string; readonly platform?: string | undefined; readonly what: 'manifest' | 'config' }): Promise<Uint8Array> {
  return Session.run(options, async (session) => {
    const { location, platform, what } = options;
    const { source, root, closure, image } = await openImage(session, location, platform);
    if (what === 'manifest') {
      const descriptor = platform === undefined || image === undefined ? root.descriptor : image.descriptor;
      return closure.documents.get(descriptor.digest)?.bytes ?? readBlob(source.blobs, descriptor, session.limits.documentBytes);
    }
    if (image === undefined) throw new ImgkitError('image-not-found', `${shownLocation(location)}: it is not a runnable image, so it has no config; imgkit inspect shows what it is.`, { file: shownLocation(location) });
    return readBlob(source.blobs, image.manifest.config, session.limits.configBytes);
  });
}
