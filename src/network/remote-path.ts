import { ImgkitError } from '../errors.js';

/** In a command of FTP or a request line these end it and begin another. */
const BREAKS = /[\r\n\0]/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * `path`, proven to be absolute and without CR, LF or NUL, which would become commands of their own. Throws `location-invalid`,
 * naming `host`; the path is shown with those characters spelled out.
 */
export function checkRemotePath(path: string, host: string): string {
  const shown = JSON.stringify(path.slice(0, 200));
  if (BREAKS.test(path)) throw new ImgkitError('location-invalid', `${host}: the path ${shown} holds CR, LF or NUL, which no server is asked for; rename the file.`, { file: host });
  if (!path.startsWith('/')) throw new ImgkitError('location-invalid', `${host}: the path ${shown} does not start with "/"; write it from the root of the server on.`, { file: host });
  return path;
}

/**
 * True when a name that a server sent is a plain file name: not empty, no `/` or `\`, not `.` or `..`, no control characters,
 * at most 255 bytes. Listings skip the others.
 */
export function isRemoteName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\]/.test(name) && !CONTROL.test(name) && Buffer.byteLength(name) <= 255;
}
