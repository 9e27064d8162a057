import { ImgkitError } from '../errors.js';
import { redactUrl } from './redact-url.js';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What says nothing about who asks. Everything else stays behind: who knows what a header of another name opens. */
const HARMLESS: ReadonlySet<string> = new Set(['accept', 'content-type', 'content-length', 'range', 'if-range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since']);

/** The redirects after which the same is done elsewhere (RFC 9110, 15.4.8 and 15.4.9); after the others it may become a GET. */
export function keepsMethod(status: number): boolean {
  return status === 307 || status === 308;
}

/** Where a response sends its reader; undefined when it does not. Throws `network-failed` and, from https to http, `host-untrusted`. */
export function redirectTarget(status: number, location: string | undefined, from: URL): URL | undefined {
  if (!REDIRECTS.has(status) || location === undefined) return undefined;
  const target = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (target === undefined || !/^https?:$/.test(target.protocol)) {
    throw new ImgkitError('network-failed', `${redactUrl(from)}: the server redirects to something that is no HTTP address; is this the right URL?`, { file: redactUrl(from) });
  }
  if (from.protocol === 'https:' && target.protocol === 'http:') {
    throw new ImgkitError('host-untrusted', `${redactUrl(from)}: the server redirects to ${redactUrl(target)}, which is not encrypted; refused. Name that URL yourself if this is right.`, { file: redactUrl(from) });
  }
  target.username = '';
  target.password = '';
  return target;
}

/** The headers that may go to `to`: all of them within an origin, else only those that are about content. */
export function headersAfterRedirect(headers: Readonly<Record<string, string>>, from: URL, to: URL): Readonly<Record<string, string>> {
  if (from.origin === to.origin) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => HARMLESS.has(name.toLowerCase())));
}

/** The error of a server that redirects once more than `most` times. */
export function tooManyRedirects(url: string, most: number): ImgkitError {
  return new ImgkitError('network-failed', `${redactUrl(url)}: the server redirects more than ${most} times; is this the right URL?`, { file: redactUrl(url) });
}
