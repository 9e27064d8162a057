import { readLocation } from '../../formats/locations/open-source.js';
import { isImgkitError } from '../errors.js';
import { walkClosure } from '../image/closure.js';
import type { CommonOptions } from './options.js';
import { fileDigest, filePath } from './file-digest.js';
import { remoteDigest } from './remote-digest.js';
import type { DigestResult } from './results.js';
import { Session } from './session.js';

/** The digest of a file as a whole and of the images in it; any other location gives its images'. A file need not be an image. */
export function digest(options: CommonOptions & { readonly target: string }): Promise<DigestResult> {
  return Session.run(options, async (session) => {
    const { target } = options;
    const location = readLocation(target);
    const path = await filePath(location);
    const file = path === undefined ? await remoteDigest(session, location) : await fileDigest(session, path);
    try {
      const { source, roots } = await session.open(location);
      const images = [];
      for (const { descriptor, names, manifestOrigin } of roots) {
        const { images: [image] } = await walkClosure(source.blobs, descriptor, session.limits, source.location);
        images.push({ names, manifest: descriptor.digest, config: image?.manifest.config.digest, manifestOrigin });
      }
      return { location: target, file, images };
    } catch (error) {
      if (file !== undefined && isImgkitError(error, 'format-unknown', 'tar-malformed', 'tar-truncated')) return { location: target, file, images: [] };
      throw error;
    }
  });
}
