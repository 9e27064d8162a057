import type { ConnectionOptions } from 'node:tls';
import { interrupted, throwIfInterrupted } from '../../content/interrupted.js';
import { ImgkitError } from '../../errors.js';
import { readCertificateFiles } from '../../network/certificate-files.js';
import type { NetworkOptions } from '../../network/network-options.js';
import { CONNECT_TIMEOUT, IDLE_TIMEOUT } from '../../network/time-limit.js';
import { trustContext } from '../../network/trust-context.js';
import { connectFtp, ftpWays, type FtpWay } from './connect-ftp.js';
import type { FtpAddress } from './ftp-address.js';
import { ftpError } from './ftp-error.js';
import { endFtpSession, type FtpSession } from './ftp-session.js';
import { findFtpLogin, loginFtp, type FtpLogin } from './login-ftp.js';

/** A session that has been quiet for so long is asked whether it still lives. */
const STALE = 5000;

/** The right to use the connection; nobody else does until `release`. */
export interface FtpTurn {
  readonly session: FtpSession;
  release(): void;
}

/**
 * The one control connection of a transport. An FTP control connection serves one command at a time, so work takes turns,
 * in the order in which it asked. A connection that died is made anew for the next one.
 */
export class FtpConnection {
  readonly #address: FtpAddress;
  readonly #network: NetworkOptions;
  #queue: Promise<void> = Promise.resolve();
  #session: FtpSession | undefined;
  #usedAt = 0;
  #ways: readonly FtpWay[];
  #tls: ConnectionOptions | undefined;
  #login: FtpLogin | undefined;
  #closed = false;

  constructor(address: FtpAddress, network: NetworkOptions) {
    this.#address = address;
    this.#network = network;
    this.#ways = ftpWays(address);
  }

  get origin(): string {
    return this.#address.origin;
  }

  /** Runs `work` in its turn; whatever it throws comes out as an {@link ImgkitError}. An aborted `signal` ends the connection. */
  async use<T>(doing: string, signal: AbortSignal | undefined, work: (session: FtpSession) => Promise<T>): Promise<T> {
    const turn = await this.take(doing, signal);
    try {
      return await work(turn.session);
    } catch (error) {
      throw ftpError(error, { origin: this.origin, doing, signal });
    } finally {
      turn.release();
    }
  }

  /** Waits for a turn, and connects if need be. The caller releases it whatever happens. */
  async take(doing: string, signal: AbortSignal | undefined): Promise<FtpTurn> {
    const before = this.#queue;
    let next = (): void => undefined;
    this.#queue = new Promise((resolve) => { next = resolve; });
    // Who gives up while waiting must not let the next one in before its time.
    const ready = before.then(() => undefined);
    try {
      await untilAborted(ready, `${doing} (${this.origin})`, signal);
    } catch (error) {
      void ready.then(next);
      throw error;
    }
    const end = (): void => { if (this.#session !== undefined) endFtpSession(this.#session); };
    try {
      const session = await this.#open(doing, signal);
      signal?.addEventListener('abort', end, { once: true });
      return {
        session,
        release: () => {
          signal?.removeEventListener('abort', end);
          // A transfer that broke, and not a word about it: a command for the next one would get the answer.
          if (session.underWay === true) endFtpSession(session);
          this.#usedAt = performance.now();
          next();
        },
      };
    } catch (error) {
      next();
      throw ftpError(error, { origin: this.origin, doing, signal });
    }
  }

  close(): void {
    this.#closed = true;
    if (this.#session !== undefined) endFtpSession(this.#session);
  }

  async #open(doing: string, signal: AbortSignal | undefined): Promise<FtpSession> {
    throwIfInterrupted(signal, `${doing} (${this.origin})`);
    if (this.#closed) throw new ImgkitError('network-failed', `${this.origin}: ${doing} failed: the transport was closed before; open a new one.`, { file: this.origin });
    const present = this.#session;
    if (present !== undefined && !present.client.closed && (performance.now() - this.#usedAt < STALE || (await isAlive(present)))) return present;
    if (present !== undefined) endFtpSession(present);
    this.#session = undefined;
    return (this.#session = await this.#connect(signal));
  }

  async #connect(signal: AbortSignal | undefined): Promise<FtpSession> {
    const { idleTimeout: idle = IDLE_TIMEOUT, connectTimeout = CONNECT_TIMEOUT } = this.#network;
    this.#tls ??= this.#address.protection === 'none' ? {} : { secureContext: trustContext(await readCertificateFiles(this.#network)) };
    const { FtpClient } = await import('./ftp-client.js');
    const client = new FtpClient(idle);
    const end = (): void => client.close();
    signal?.addEventListener('abort', end, { once: true });
    try {
      this.#ways = [await connectFtp(client, this.#address, this.#ways, this.#tls, connectTimeout)];
      // Asked for only now: who has not proven to be the host gets no login.
      this.#login ??= await findFtpLogin(this.#address, this.#network);
      throwIfInterrupted(signal, `connecting to ${this.origin}`);
      return await loginFtp(client, this.#address, this.#login, idle);
    } catch (error) {
      client.close();
      throw error;
    } finally {
      signal?.removeEventListener('abort', end);
    }
  }
}

async function isAlive({ client }: FtpSession): Promise<boolean> {
  try {
    return (await client.send('NOOP')).code === 200;
  } catch {
    return false;
  }
}

async function untilAborted(work: Promise<void>, doing: string, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return work;
  throwIfInterrupted(signal, doing);
  let stop = (): void => undefined;
  try {
    await Promise.race([work, new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason instanceof ImgkitError ? signal.reason : interrupted(doing, signal.reason));
      signal.addEventListener('abort', stop, { once: true });
    })]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
