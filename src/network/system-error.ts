import { fromSystemError, ImgkitError, type ErrorCode } from '../errors.js';
import { certificateProblem, handshakeProblem } from './tls-error.js';

/** What {@link networkError} says about where and when it happened. */
export interface NetworkErrorContext {
  /** `host:port` or an origin, as people should see it: no user, no password, no query. */
  readonly host: string;
  /** A phrase such as `reading /pub/app.tar`. */
  readonly doing: string;
  /** When it was aborted, that is the reason. */
  readonly signal?: AbortSignal | undefined;
}

type Meaning = readonly [code: ErrorCode, sentence: string];

const SYSTEM: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['ECONNREFUSED', ['network-unreachable', 'nothing listens there (connection refused); check host and port.']],
  ['ENOTFOUND', ['network-unreachable', 'there is no such host; check the name.']],
  ['ENODATA', ['network-unreachable', 'there is no such host; check the name.']],
  ['EAI_AGAIN', ['network-unreachable', 'the name cannot be looked up now; check the name and the network of this machine.']],
  ['EAI_NODATA', ['network-unreachable', 'there is no such host; check the name.']],
  ['EAI_NONAME', ['network-unreachable', 'there is no such host; check the name.']],
  ['EHOSTUNREACH', ['network-unreachable', 'there is no way to this host; check the network and the firewall.']],
  ['EHOSTDOWN', ['network-unreachable', 'the host is down.']],
  ['ENETUNREACH', ['network-unreachable', 'there is no way to its network; check the network of this machine.']],
  ['ENETDOWN', ['network-unreachable', 'the network of this machine is down.']],
  ['EADDRNOTAVAIL', ['network-unreachable', 'this machine has no address that could reach it.']],
  ['EMFILE', ['io-failed', 'this process may not open more files; raise the limit (ulimit -n) and run it again.']],
  ['ENFILE', ['io-failed', 'too many files are open on this machine; run it again when it has less to do.']],
  ['ECONNRESET', ['network-failed', 'the connection was reset; run it again.']],
  ['ECONNABORTED', ['network-failed', 'the connection broke; run it again.']],
  ['ENOTCONN', ['network-failed', 'the connection broke; run it again.']],
  ['ERR_STREAM_PREMATURE_CLOSE', ['network-failed', 'the connection ended too early; run it again.']],
  ['EPIPE', ['network-failed', 'the server closed the connection; run it again.']],
  ['ETIMEDOUT', ['network-timeout', 'no answer in time; check the network, or raise the time-out.']],
  ['ESOCKETTIMEDOUT', ['network-timeout', 'no answer in time; check the network, or raise the time-out.']],
  ['UND_ERR_CONNECT_TIMEOUT', ['network-timeout', 'no connection in time; check host and port, or raise --connect-timeout.']],
  ['UND_ERR_HEADERS_TIMEOUT', ['network-timeout', 'the server was silent for too long; run it again, or raise --idle-timeout.']],
  ['UND_ERR_BODY_TIMEOUT', ['network-timeout', 'the server was silent for too long; run it again, or raise --idle-timeout.']],
  ['UND_ERR_SOCKET', ['network-failed', 'the server closed the connection; run it again.']],
  ['UND_ERR_HEADERS_OVERFLOW', ['network-failed', 'the server sent headers without an end; is this the right server?']],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', ['network-failed', 'the server sent another number of bytes than it announced; run it again.']],
  ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', ['network-failed', 'the data to send is not as long as announced; did the file change meanwhile?']],
]);

/** Mistakes of this program are not the network's fault: they pass through, so that they are found. */
const BUGS: readonly (new (...args: never[]) => Error)[] = [RangeError, ReferenceError, SyntaxError];

/**
 * What a socket, TLS, DNS or protocol library threw, as an {@link ImgkitError}: `network-unreachable`, `network-timeout`,
 * `host-untrusted`, `login-failed` (client certificate), `interrupted`, `io-failed` (too many open files), else `network-failed`. An
 * `ImgkitError` passes through, and so does a file-system error, in words; for `throw networkError(error, { host, doing, signal })`.
 */
export function networkError(error: unknown, context: NetworkErrorContext): Error {
  const { host, doing, signal } = context;
  if (signal?.aborted === true) return stopped(signal.reason, context, error);
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = inner(at), depth += 1) {
    if (at instanceof ImgkitError) return at;
    if (at.name === 'AbortError' && !('code' in at && at.code === 'UND_ERR_ABORTED')) return stopped(at, context, error);
    const meaning = meaningOf(at);
    if (meaning !== undefined) return new ImgkitError(meaning[0], `${host}: ${doing} failed: ${meaning[1]}`, { file: host }, { cause: error });
    if ('path' in at && 'syscall' in at && typeof at.path === 'string') return fromSystemError(at, at.path, doing) as Error;
  }
  if (error instanceof Error && BUGS.some((kind) => error instanceof kind)) return error;
  return new ImgkitError('network-failed', `${host}: ${doing} failed: ${plain(error)}; run it again.`, { file: host }, { cause: error });
}

function stopped(reason: unknown, { host, doing }: NetworkErrorContext, error: unknown): ImgkitError {
  if (reason instanceof ImgkitError) return reason;
  if (reason instanceof Error && reason.name === 'TimeoutError') return new ImgkitError('network-timeout', `${host}: ${doing} took too long; run it again, or raise the time-out.`, { file: host }, { cause: error });
  return new ImgkitError('interrupted', `Stopped while ${doing} (${host}).`, { file: host }, { cause: error });
}

function meaningOf(error: Error): Meaning | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string') return undefined;
  const refused = certificateProblem(code);
  if (refused !== undefined) return ['host-untrusted', `its certificate is refused: ${refused.reason} (${code}); ${refused.remedy}.`];
  const proxy = code.startsWith('UND_ERR') ? proxyProblem(error.message) : undefined;
  if (proxy !== undefined) return proxy;
  const known = SYSTEM.get(code);
  if (known !== undefined) return known;
  const handshake = handshakeProblem(code, error.message);
  if (handshake !== undefined) return [handshake.login ? 'login-failed' : 'network-failed', `${handshake.reason}.`];
  if (code.startsWith('HPE_')) return ['network-failed', `the server does not speak HTTP as it should (${code}); is this the right server?`];
  return undefined;
}

/** undici has no codes for what a proxy says. */
function proxyProblem(message: string): Meaning | undefined {
  const [, status] = /^Proxy (?:response|Authentication Required) \((\d+)\)/.exec(message) ?? [];
  if (status === undefined) return undefined;
  if (status === '407') return ['login-failed', 'the proxy wants a login, or refuses this one: put user and password into the URL of the proxy ($https_proxy, $http_proxy).'];
  return ['network-failed', `the proxy refuses the connection with status ${status}; ask its owner, or except the host with $no_proxy.`];
}

/** The error below: a `cause`, or the first of several attempts (IPv6, IPv4). */
function inner(error: Error): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors[0];
  return error.cause;
}

/** A library's own words, without line breaks, control characters or an address's secrets. */
function plain(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').replaceAll(/\/\/[^\s/@]*@/g, '//').replaceAll(/\?\S*/g, '?…');
  return line.trim().replace(/\.$/, '').slice(0, 300) || 'for an unknown reason';
}
