import type { Client } from 'basic-ftp';
import type { ConnectionOptions } from 'node:tls';
import { ImgkitError, isImgkitError } from '../../errors.js';
import { within } from '../../network/time-limit.js';
import type { FtpAddress } from './ftp-address.js';
import { ftpError, isFtpReply, quoteReply } from './ftp-error.js';

/** How one server was reached: the same way is taken when the connection has to be made again. */
export interface FtpWay {
  readonly port: number;
  readonly tls: 'none' | 'implicit' | 'explicit';
}

/**
 * The ways to try, in order. `ftps://` means TLS or nothing: implicit at the given port or 990, and explicit at the same
 * port, or 21, when the first shows that it does not apply.
 */
export function ftpWays({ protection, port }: FtpAddress): readonly FtpWay[] {
  if (protection === 'none') return [{ port: port ?? 21, tls: 'none' }];
  if (protection === 'explicit' || port === 21) return [{ port: port ?? 21, tls: 'explicit' }];
  return [{ port: port ?? 990, tls: 'implicit' }, { port: port ?? 21, tls: 'explicit' }];
}

/**
 * Connects, TLS included, one way after the other; gives the one that worked. Another way is tried only when nobody answers
 * at the usual port, or when the server greets in clear, which one with implicit TLS never does: every way has TLS verified.
 */
export async function connectFtp(client: Client, address: FtpAddress, ways: readonly FtpWay[], tls: ConnectionOptions, timeout: number): Promise<FtpWay> {
  const late = (): Error => new ImgkitError('network-timeout', `${address.origin}: no connection within ${timeout / 1000} s; check host and port, or raise the connect time-out.`, { file: address.origin });
  for (const [index, way] of ways.entries()) {
    try {
      await within(connectOneWay(client, address, way, tls), timeout, late);
      return way;
    } catch (error) {
      client.close();
      const last = index === ways.length - 1;
      const known = ftpError(error, { origin: address.origin, doing: 'connecting' });
      const absent = address.port === undefined && isImgkitError(known, 'network-unreachable', 'network-timeout') && !/ENOTFOUND|EAI_/.test(String((error as NodeJS.ErrnoException).code));
      if (last || !(absent || greetsInClear(error))) throw known;
    }
  }
  throw new Error('no way to connect');
}

async function connectOneWay(client: Client, { host, origin }: FtpAddress, { port, tls: kind }: FtpWay, tls: ConnectionOptions): Promise<void> {
  // Data connections must have the identity of the control connection, else their sessions do not resume.
  const options = { ...tls, host };
  if (kind === 'implicit') {
    await client.connectImplicitTLS(host, port, options);
    return;
  }
  await client.connect(host, port);
  if (kind === 'none') return;
  try {
    await client.useTLS(options);
  } catch (error) {
    if (!isFtpReply(error)) throw error;
    throw new ImgkitError('remote-refused', `${origin}: the server offers no TLS (AUTH TLS: ${quoteReply(error.message)}); nothing secret was sent. Where everybody may read along, write ftp://.`, { file: origin, found: String(error.code) }, { cause: error });
  }
}

/** OpenSSL's words for bytes that are no TLS record, such as `220 Welcome`. */
function greetsInClear(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|wrong version number|packet length too long/.test(`${code} ${message}`);
}
