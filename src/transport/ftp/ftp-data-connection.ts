import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { ImgkitError } from '../../errors.js';
import { isFtpReply } from './ftp-error.js';
import type { FtpSession } from './ftp-session.js';
import { SocketInbox } from './socket-inbox.js';

export interface DataConnection {
  readonly socket: Socket;
  /** What arrives at it. */
  readonly inbox: SocketInbox;
  /** Settles with the handshake of TLS, and at once without TLS. Never rejects: a broken socket tells of itself. */
  readonly secured: Promise<void>;
}

/**
 * A passive data connection to the host of the control connection, and to no other. With TLS it resumes the session of the
 * control connection, as servers with `require_ssl_reuse` demand; its handshake ends only after the transfer command was
 * sent. EPSV (RFC 2428) first, which knows IPv6 and names no host at all; PASV where that fails.
 */
export async function openDataConnection(session: FtpSession, timeout: number): Promise<DataConnection> {
  const host = session.client.ftp.socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/i, '');
  if (host === undefined) throw Object.assign(new Error('the control connection is closed'), { code: 'ENOTCONN' });
  if (session.passive !== 'PASV') {
    try {
      const connection = await dial(session, host, await extendedPort(session), timeout);
      session.passive = 'EPSV';
      return connection;
    } catch (error) {
      const tryPasv = session.passive === undefined && !host.includes(':') && !session.client.closed;
      if (!tryPasv || (!isFtpReply(error) && !isUnreachable(error))) throw error;
    }
  }
  const connection = await dial(session, host, await passivePort(session, host), timeout);
  session.passive = 'PASV';
  return connection;
}

/** `229 Entering Extended Passive Mode (|||6446|)`. */
async function extendedPort({ client }: FtpSession): Promise<number> {
  const { message } = await client.send('EPSV');
  return validPort(Number(/\(([!-~])\1\1(\d{1,5})\1\)/.exec(message)?.[2]), 'EPSV');
}

/** `227 Entering Passive Mode (192,168,1,100,10,229)`: the host must be the one that we talk to. */
async function passivePort({ client }: FtpSession, host: string): Promise<number> {
  const { message } = await client.send('PASV');
  const numbers = /(?<![\d,])(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})(?![\d,])/.exec(message)?.slice(1).map(Number) ?? [];
  const [high = NaN, low = NaN] = numbers.slice(4);
  const named = numbers.slice(0, 4).join('.');
  const port = validPort(numbers.every((each) => each <= 255) ? high * 256 + low : NaN, 'PASV');
  if (named !== host && !(named.startsWith('127.') && host.startsWith('127.'))) {
    throw new ImgkitError('host-untrusted', `${host}: the server sends us to another host (${named}) for the data, which is refused: it could be somebody else's; its owner can correct the address that it announces, or allow EPSV.`, { file: host, expected: host, found: named });
  }
  return port;
}

function validPort(port: number, command: string): number {
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw Object.assign(new Error(`the server's answer to ${command} names no port`), { code: 'EBADMSG' });
}

function isUnreachable(error: unknown): boolean {
  return /^(?:ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EBADMSG)$/.test(String((error as NodeJS.ErrnoException).code));
}

async function dial(session: FtpSession, host: string, port: number, timeout: number): Promise<DataConnection> {
  const { ftp } = session.client;
  const control = ftp.socket;
  const inbox = new SocketInbox();
  const to = { port, noDelay: true, onread: inbox.onread };
  const protect = control instanceof TLSSocket;
  // The name that the certificate must have is that of the control connection; the address too is the one where it goes to.
  const lookup: LookupFunction = (_name, _options, done) => done(null, [{ address: host, family: isIP(host) }]);
  const socket = protect ? connectTls({ ...ftp.tlsOptions, ...to, lookup, session: ftp.tlsSessionStore ?? control.getSession() }) : connectTcp({ ...to, host });
  // Whoever ends the session ends this too, also while it is still being made.
  session.data = socket;
  // Errors are seen where the socket is used; one that comes when nobody does must not end the process.
  socket.on('error', () => undefined);
  // TLS 1.3 tickets are good for one use: the next data connection needs the next one.
  socket.on('session', (ticket: Buffer) => { ftp.tlsSessionStore = ticket; });
  // `getCipher` would not tell: of a session that is resumed it is known before the handshake.
  const secured = !protect ? Promise.resolve() : new Promise<void>((resolve) => {
    socket.once('secureConnect', resolve).once('close', () => resolve());
  });
  socket.setTimeout(timeout, () => socket.destroy(Object.assign(new Error('the data connection was not accepted in time'), { code: 'ETIMEDOUT' })));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('close', () => reject(socket.errored ?? Object.assign(new Error('the data connection was closed'), { code: 'ECONNABORTED' })));
  });
  socket.setTimeout(0);
  return { socket, inbox, secured };
}
