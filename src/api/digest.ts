import { readLocation } from '../../formats/locations/open-source.js';
import { isImgkitError, type ErrorCode } from '../errors.js';
import { walkClosure } from '../image/closure.js';
import type { Finding } from '../image/finding.js';
import type { CommonOptions } from './options.js';
import { fileDigest, filePath } from './file-digest.js';
import { remoteDigest } from './remote-digest.js';
import type { DigestResult } from './results.js';
import { Session } from './session.js';

/** What a file may be and still have a digest, which tells whether it is the one that was sent. */
const UNREADABLE: readonly ErrorCode[] = ['format-unknown', 'tar-malformed', 'tar-truncated', 'compression-malformed', 'compression-unsupported', 'ciphertext-malformed', 'decryption-refused'];

/**
 * The digest of a file as a whole and of the images in it; any other location gives its images'. A file need not be an image, or one that
 * can be read: then a note says what prevents it, but for an identity that was given and does not fit (`decryption-refused`).
 */
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
      return { location: target, file, images, notes: [] };
    } catch (error) {
      if (file === undefined || !isImgkitError(error, ...UNREADABLE) || (error.code === 'decryption-refused' && options.decryption !== undefined)) throw error;
      const note: Finding = { check: 'archive-structure', status: 'note', subject: target, message: error.message };
      return { location: target, file, images: [], notes: error.code === 'format-unknown' ? [] : [note] };
    }
  });
}
