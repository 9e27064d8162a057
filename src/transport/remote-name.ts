import { ImgkitError } from '../errors.js';

/** What a line-based protocol would take for the end of a command, or a C program for the end of a name. */
// oxlint-disable-next-line no-control-regex
const SPLITS_COMMANDS = /[\r\n\0]/;
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * `path`, proven to be absolute and without CR, LF or NUL, which would become commands of their own in FTP. Throws
 * `location-invalid`, naming `host`; the path itself is shown with those characters spelled out.
 */
export function checkRemotePath(path: string, host: string): string {
  if (SPLITS_COMMANDS.test(path)) throw new ImgkitError('location-invalid', `${host}: the path ${JSON.stringify(path.slice(0, 200))} holds CR, LF or NUL, which no server is asked for; rename the file.`, { file: host });
  if (!path.startsWith('/')) throw new ImgkitError('location-invalid', `${host}: the path ${JSON.stringify(path.slice(0, 200))} does not start with "/".`, { file: host });
  return path;
}

/**
 * True when `name`, which a server sent in a listing, is one plain name: not empty, `.` or `..`, without `/`, `\0` or other control
 * characters. What is not could lead out of the folder, or move the cursor of a terminal: it is never used.
 */
export function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !CONTROL.test(name);
}

/** The folder of a remote path, without its last `/` (`/` itself stays), and the name in it. */
export function splitRemotePath(path: string): { readonly folder: string; readonly name: string } {
  const slash = path.lastIndexOf('/');
  return { folder: slash <= 0 ? '/' : path.slice(0, slash), name: path.slice(slash + 1) };
}

/** `name` in the remote `folder`. */
export function joinRemote(folder: string, name: string): string {
  return folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
}
