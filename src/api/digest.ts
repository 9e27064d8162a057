import { readLocation } from '../../formats/locations/open-source.js';
import { isImgkitError, type ErrorCode } from '../errors.js';
import { walkClosure } from '../image/closure.js';
import type { Finding } from '../image/finding.js';
import { shownLocation } from '../image/location-url.js';
import { TEXT } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import { fileDigest } from './file-digest.js';
import { filePath } from './file-path.js';
import { hashedInput } from './hashed-input.js';
import { remoteDigest } from './remote-digest.js';
import type { DigestResult } from './results.js';
import { Session } from './session.js';

/** What a file may be and still have a digest, which tells whether it is the one that was sent. */
const UNREADABLE: readonly ErrorCode[] = ['format-unknown', 'tar-malformed', 'tar-truncated', 'compression-malformed', 'compression-unsupported', 'ciphertext-malformed', 'decryption-refused'];

/**
 * The digest of a file, or of standard input, as a whole and of the images in it; any other location gives its images'. A file need not be an image, or one that
 * can be read: then a note says what prevents it, but for an identity that was given and does not fit (`decryption-refused`).
 */
export function digest(options: CommonOptions & { readonly target: string }): Promise<DigestResult> {
  return Session.call(options, { target: TEXT }, async (session) => {
    const { target } = options;
    const shown = shownLocation(target);
    const location = readLocation(target);
    const path = await filePath(location);
    const input = hashedInput(location, options);
    const there = path === undefined ? await remoteDigest(session, location) : await fileDigest(session, path);
    try {
      const { source, roots } = await session.open(location, { stdin: input?.read() });
      const images = [];
      for (const { descriptor, names, refName, manifestOrigin } of roots) {
        const { images: [image] } = await walkClosure(source.blobs, descriptor, session.limits, source.location);
        images.push({ names, ...(names.length === 0 && refName !== undefined && { refName }), manifest: descriptor.digest, config: image?.manifest.config.digest, manifestOrigin });
      }
      return { location: shown, file: there ?? (await input?.digest()), images, notes: [] };
    } catch (error) {
      if (!isImgkitError(error, ...UNREADABLE) || (error.code === 'decryption-refused' && options.decryption !== undefined)) throw error;
      const file = there ?? (await input?.digest());
      if (file === undefined) throw error;
      const note: Finding = { check: 'archive-structure', status: 'note', subject: shown, message: error.message };
      return { location: shown, file, images: [], notes: error.code === 'format-unknown' ? [] : [note] };
    }
  });
}
