import { readBlob } from '../content/verified-read.js';
import { oneOf, TEXT } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import { openImage } from './open-image.js';
import { requireImage } from './require-image.js';
import { Session } from './session.js';

/** The exact bytes of an image's manifest (or index, when no platform is asked for) or config, their digest verified. */
export function readRaw(options: CommonOptions & { readonly location: string; readonly platform?: string | undefined; readonly what: 'manifest' | 'config' }): Promise<Uint8Array> {
  return Session.call(options, { location: TEXT, what: oneOf('manifest', 'config') }, async (session) => {
    const { location, platform, what } = options;
    const opened = await openImage(session, location, platform);
    const { source, root, closure, image } = opened;
    if (what === 'manifest') {
      const descriptor = platform === undefined || image === undefined ? root.descriptor : image.descriptor;
      return closure.documents.get(descriptor.digest)?.bytes ?? readBlob(source.blobs, descriptor, session.limits.documentBytes);
    }
    return readBlob(source.blobs, requireImage(opened, location, 'it has no config').manifest.config, session.limits.configBytes);
  });
}
