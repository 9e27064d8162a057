import { ImgkitError, type ErrorCode } from '../../errors.js';
import { oneLine } from '../../network/one-line.js';
import { networkError } from '../../network/system-error.js';
import { SenderError } from './sender-error.js';

/** Where and when it happened. */
export interface FtpErrorContext {
  /** Origin of the server, without secrets. */
  readonly origin: string;
  /** A phrase: `writing /pub/app.tar`. */
  readonly doing: string;
  readonly signal?: AbortSignal | undefined;
}

/** A reply of 400 or more, as basic-ftp throws it. */
export interface FtpReplyError extends Error {
  readonly code: number;
}

export function isFtpReply(error: unknown): error is FtpReplyError {
  return error instanceof Error && error.name === 'FTPError' && typeof (error as FtpReplyError).code === 'number';
}

/** True for a reply with one of `codes`. */
export function isReplyOf(error: unknown, ...codes: readonly number[]): boolean {
  return isFtpReply(error) && codes.includes(error.code);
}

/** What basic-ftp, a socket or the server's reply means, as an {@link ImgkitError} that names host and path. */
export function ftpError(error: unknown, { origin, doing, signal }: FtpErrorContext): Error {
  if ((error instanceof ImgkitError || error instanceof SenderError) && signal?.aborted !== true) return error;
  if (signal?.aborted !== true && isFtpReply(error)) {
    const [code, advice] = meaningOf(error, doing.startsWith('writing '));
    return new ImgkitError(code, `${origin}: ${doing} failed: the server says ${quoteReply(error.message)}; ${advice}.`, { file: origin, found: String(error.code) }, { cause: error });
  }
  if (signal?.aborted !== true && error instanceof Error) {
    if (/^Timeout \(|^Timeout when /.test(error.message)) {
      return new ImgkitError('network-timeout', `${origin}: ${doing} failed: the server was silent for too long; run it again, or raise the idle time-out.`, { file: origin }, { cause: error });
    }
    if (/FIN packet|Server closed connection/.test(error.message)) {
      return new ImgkitError('network-failed', `${origin}: ${doing} failed: the server closed the connection; run it again.`, { file: origin }, { cause: error });
    }
    if (/exceeded maximum allowed size/.test(error.message)) {
      return new ImgkitError('network-failed', `${origin}: ${doing} failed: the server sent a reply without an end; is this the right server?`, { file: origin }, { cause: error });
    }
  }
  return networkError(error, { host: origin, doing, signal });
}

/** RFC 959 section 4.2.2; words where servers give one code several meanings. */
function meaningOf({ code, message }: FtpReplyError, writing: boolean): readonly [ErrorCode, string] {
  // vsftpd, pure-ftpd and proftpd, in this order, may have no other words for a disk that fills up while they write.
  const whileWriting = writing && code === 451 && /writing to local file|error during write to file|input\/output error/i.test(message);
  if (code === 452 || code === 552 || whileWriting || /no space|disk (?:is )?full|quota/i.test(message)) {
    return ['remote-full', 'its disk or the quota of this user is probably full, so free some space there and run it again'];
  }
  if (code === 421 || code === 425 || code === 426) return ['network-failed', 'run it again'];
  if (code === 451) return ['network-failed', 'something went wrong there, maybe its disk is full; run it again or ask its owner'];
  if (code === 430 || code === 530) return ['login-failed', 'check user and password'];
  if (code === 550 || code === 450) {
    return /no such|not found|(?:does ?n.t|does not) exist/i.test(message) ? ['file-not-found', 'check the path'] : ['remote-refused', 'check the path and what this user may do'];
  }
  if (code === 533 || code === 534 || code === 521 || code === 522) return ['remote-refused', 'it wants TLS: write ftpes:// or ftps:// in place of ftp://'];
  if (code >= 500 && code <= 504) return ['remote-refused', 'it lacks this command or forbids it'];
  return code < 500 ? ['network-failed', 'run it again'] : ['remote-refused', 'check the path and what this user may do'];
}

/** A reply as it may be printed. */
export function quoteReply(message: string): string {
  return JSON.stringify(oneLine(message));
}
