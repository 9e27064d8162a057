import { ImgkitError } from '../errors.js';

/** In a command of FTP or a request line these end it and begin another. */
const BREAKS = /[\r\n\0]/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** Refuses a path that must not be sent to any server: CR, LF and NUL. Throws `location-invalid`. */
export function checkRemotePath(path: string): void {
  if (!BREAKS.test(path)) return;
  throw new ImgkitError('location-invalid', `The remote path ${JSON.stringify(path)} holds a line break or a NUL; no file that imgkit sends or fetches has such a name.`);
}

/**
 * True when a name that a server sent is a plain file name: not empty, no `/` or `\`, not `.` or `..`, no control characters,
 * at most 255 bytes. Listings skip the others.
 */
export function isRemoteName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\]/.test(name) && !CONTROL.test(name) && Buffer.byteLength(name) <= 255;
}

/** Refuses a name from a server that would lead elsewhere. Throws `remote-refused`. */
export function checkRemoteName(name: string, host: string): void {
  if (isRemoteName(name)) return;
  throw new ImgkitError('remote-refused', `${host}: the server lists a file named ${JSON.stringify(name.slice(0, 80))}, which is no plain file name; ask its owner.`, { file: host, found: name.slice(0, 80) });
}
