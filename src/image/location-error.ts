import { hidePassword } from '../content/hide-password.js';
import { ImgkitError } from '../errors.js';

const SUPPORTED = 'docker-daemon:, docker://, docker-archive:, oci-archive:, oci:, store:, a path, -, or an http(s), sftp or ftp(s) URL';

/** A `location-invalid` error that shows `text`, shortened, and says what is wrong with it. */
export function locationInvalid(text: string, problem: string): ImgkitError {
  const hidden = hidePassword(text);
  const shown = hidden.length > 200 ? `${hidden.slice(0, 200)}...` : hidden;
  return new ImgkitError('location-invalid', `Location ${JSON.stringify(shown)}: ${problem}.`, { found: shown });
}

/** A `location-unsupported` error that names what is supported. Whatever follows the scheme is not repeated. */
export function locationUnsupported(text: string): ImgkitError {
  const scheme = text.slice(0, text.indexOf(':') + 1);
  return new ImgkitError('location-unsupported', `Locations that start with ${JSON.stringify(scheme)} are not supported; use ${SUPPORTED}.`, { found: scheme });
}

/** A `location-invalid` error for a registry without the name of an image, where one is needed. */
export function namesNoImage(text: string): ImgkitError {
  return locationInvalid(text, 'the image name is missing; write docker://HOST/NAME[:TAG|@DIGEST]');
}
