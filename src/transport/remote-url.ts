import { ImgkitError } from '../errors.js';
import { redactUrl } from '../network/redact-url.js';
import { checkRemotePath } from '../network/remote-path.js';
import { splitRemotePath } from './remote-name.js';

/** A URL of a file or folder at a host, taken apart. */
export interface RemoteUrl {
  /** As typed, query included: a presigned URL needs it. Never print it. */
  readonly url: string;
  /** For people: no user, no query. */
  readonly shown: string;
  /** Absolute at the server, percent-decoded. */
  readonly path: string;
  /** The last part of the path; empty when the URL ends with `/` and so names a folder. */
  readonly name: string;
  /** The folder it is in; the path itself, without its last `/`, when it names a folder. */
  readonly folder: string;
}

/** Takes `url` apart. Throws `location-invalid` for bad percent signs, for CR, LF and NUL, and for `..` behind percent signs or out of `/~/`. */
export function parseRemoteUrl(url: string): RemoteUrl {
  const shown = redactUrl(url);
  const path = decode(new URL(url).pathname, shown) || '/';
  checkRemotePath(path, shown);
  // Whoever takes a URL apart takes `~` for a name: what leads out of it would end at the root, and not above the user's folder.
  const outOfHome = /^sftp:\/\/[^/]*\/(?:~|%7e)\//i.test(url) && !/^\/~(?:\/|$)/.test(path);
  if (outOfHome || path.split('/').includes('..')) throw new ImgkitError('location-invalid', `${shown}: the path holds ".."; write where it leads.`, { found: shown });
  return { url, shown, path, ...splitRemotePath(path) };
}

/** The URL of `name` in the folder that `url` names or lies in, for people and for `openTransport`. */
export function siblingUrl(url: string, name: string): string {
  const sibling = new URL(url);
  sibling.search = '';
  sibling.pathname = sibling.pathname.replace(/[^/]*$/, encodeURIComponent(name));
  return sibling.href;
}

function decode(path: string, shown: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    throw new ImgkitError('location-invalid', `${shown}: a "%" in the path is not followed by two hexadecimal digits of valid UTF-8; write %25 for the sign itself.`, { found: shown }, { cause: error });
  }
}
