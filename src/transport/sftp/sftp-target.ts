import { userInfo } from 'node:os';
import { domainToASCII } from 'node:url';
import { ImgkitError } from '../../errors.js';

/** Where a session goes to. */
export interface SftpTarget {
  /** In lower case, without brackets also for IPv6. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** False when `user` is only this machine's user, because the URL names none. */
  readonly userNamed: boolean;
  /** `sftp://user@host:port`, for people; the port only where it is not 22. */
  readonly origin: string;
}

const DEFAULT_PORT = 22;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * The host, port and user of `sftp://[user@]host[:port]`; a path is left alone. Without a user, it is the one who runs this, as in `ssh`.
 * Throws `location-invalid` for what is malformed, and for a password in the URL, without repeating it.
 */
export function parseSftpTarget(url: string): SftpTarget {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || parsed.protocol !== 'sftp:') throw invalid('is no address of an SFTP server; write sftp://user@host/path');
  if (parsed.password !== '') throw invalid('holds a password, which does not belong in a URL; use an SSH key, ~/.netrc or --password-file');
  const bare = parsed.hostname.startsWith('[') ? parsed.hostname.slice(1, -1) : domainToASCII(decode(parsed.hostname)) || decode(parsed.hostname);
  const host = bare.toLowerCase();
  if (!/^[a-z0-9_.:%-]+$/.test(host) || host.startsWith('-')) throw invalid('names no host; write sftp://user@host/path');
  const port = parsed.port === '' ? DEFAULT_PORT : Number(parsed.port);
  if (port === 0) throw invalid('has the port 0; SSH is usually on 22');
  const named = decode(parsed.username);
  if (CONTROL.test(named)) throw invalid('has control characters in its user name');
  const user = named || ownName();
  const shown = `${host.includes(':') ? `[${host}]` : host}${port === DEFAULT_PORT ? '' : `:${port}`}`;
  return { host, port, user, userNamed: named !== '', origin: `sftp://${encodeURIComponent(user)}@${shown}` };
}

/** The name of who runs this; one whom the system does not know, as in a container that runs under any number, has none. */
function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    throw invalid('names no user, and this system has no name for you; write sftp://USER@HOST/PATH');
  }
}

/** The name under which known_hosts has a host: `host`, or `[host]:port` where the port is not 22 (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export function knownHostsName({ host, port }: Pick<SftpTarget, 'host' | 'port'>): string {
  return port === DEFAULT_PORT ? host : `[${host}]:${port}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('has a "%" that is not followed by two hexadecimal digits');
  }
}

function invalid(problem: string): ImgkitError {
  return new ImgkitError('location-invalid', `The sftp:// URL ${problem}.`);
}
