import { ImgkitError } from '../../errors.js';

/** Where an FTP server is and how its connection is protected, from a URL; see `docs/network.md` for the rule. */
export interface FtpAddress {
  /** Without brackets, also for IPv6. */
  readonly host: string;
  /** Undefined: the usual one of the kind of protection. */
  readonly port: number | undefined;
  /**
   * `none`: in clear. `explicit`: `AUTH TLS` before anything else, or nothing. `tls`: implicit TLS, and where the server
   * greets in clear, which shows that it is of the other kind, explicit TLS. The last two never send a login in clear.
   */
  readonly protection: 'none' | 'explicit' | 'tls';
  readonly user: string | undefined;
  readonly scheme: 'ftp' | 'ftps' | 'ftpes';
  /** As people may see it: `ftps://user@host:2121`. */
  readonly origin: string;
}

const PROTECTION = { ftp: 'none', ftpes: 'explicit', ftps: 'tls' } as const;

/** Reads scheme, user, host and port of an FTP URL. Throws `location-invalid`, never repeating a password. */
export function parseFtpAddress(url: string): FtpAddress {
  const scheme = /^(ftps?|ftpes):\/\/[^/]/i.exec(url)?.[1]?.toLowerCase() as FtpAddress['scheme'] | undefined;
  // Only http has a parser that treats every part alike; it hides a port of 443, which is asked for apart.
  const alike = url.replace(/^ftps?:|^ftpes:/i, 'https:');
  if (scheme === undefined || !URL.canParse(alike)) throw invalid('an FTP URL is written ftps://[USER@]HOST[:PORT]/PATH');
  const { hostname, username, password, port } = new URL(alike);
  if (password !== '') throw invalid('a password does not belong in a URL; use ~/.netrc or --password-file');
  if (hostname === '' || port === '0') throw invalid(`${scheme}:// needs a host and, if any, a port from 1 to 65535`);
  const user = username === '' ? undefined : decoded(username);
  const number = port === '' ? (/:443(?:[/?#]|$)/.test(url.slice(scheme.length + 3)) ? 443 : undefined) : Number(port);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: number,
    protection: PROTECTION[scheme],
    user,
    scheme,
    origin: `${scheme}://${username === '' ? '' : `${username}@`}${hostname}${number === undefined ? '' : `:${number}`}`,
  };
}

/** A line break in a user name would be a command of its own. */
function decoded(username: string): string {
  let user;
  try {
    user = decodeURIComponent(username);
  } catch {
    throw invalid('the user name in the URL is not percent-encoded UTF-8');
  }
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(user)) throw invalid('the user name in the URL holds control characters');
  return user;
}

function invalid(why: string): ImgkitError {
  return new ImgkitError('location-invalid', `The FTP URL is not usable: ${why}.`);
}
