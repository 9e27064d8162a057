import { connect as connectTcp, type Socket } from 'node:net';
import type { Client, ParsedKey, SFTPWrapper } from 'ssh2';
import { ImgkitError } from '../../errors.js';
import type { NetworkOptions } from '../../network/network-options.js';
import { networkError } from '../../network/system-error.js';
import { CONNECT_TIMEOUT, IDLE_TIMEOUT } from '../../network/time-limit.js';
import { algorithms } from './algorithms.js';
import { readHostKey } from './host-key.js';
import type { HostTrust } from './host-trust.js';
import { prepareLogin, printable, type Login } from './login.js';
import type { SftpTarget } from './sftp-target.js';
import { SftpSession, stopReason } from './sftp-session.js';

/** What kind of session is to be had. */
export interface Wanted {
  readonly target: SftpTarget;
  readonly network: NetworkOptions;
  readonly trust: HostTrust;
  /** Types of host keys that are asked for. */
  readonly types: readonly string[];
  /** The key of `network.sshKey`. */
  readonly namedKey: ParsedKey | undefined;
  readonly signal: AbortSignal | undefined;
}

/** One connection, from TCP to the SFTP channel. */
export class ConnectionAttempt {
  /** The type of the key that was refused. */
  refusedType: string | undefined;
  #refusal: ImgkitError | undefined;
  #timedOut = false;
  #timer: NodeJS.Timeout | undefined;
  #socket: Socket | undefined;
  #loggingIn = false;
  #loggedIn = false;
  #firstError: (Error & { readonly level?: string }) | undefined;

  readonly #wanted: Wanted;

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
  }

  /** The session, connected and logged in; or why there is none. */
  async run(): Promise<SftpSession> {
    const { signal, target, network, namedKey } = this.#wanted;
    // A person who types a password is not a slow server.
    const login = prepareLogin(target, network, namedKey, (begins) => (begins ? clearTimeout(this.#timer) : this.#startClock()), () => this.#socket?.destroy());
    if (signal?.aborted === true) throw stopReason(signal, target.origin);
    const socket = (this.#socket = connectTcp({ host: target.host, port: target.port, noDelay: true, keepAlive: true }));
    const abort = (): void => { socket.destroy(); };
    signal?.addEventListener('abort', abort, { once: true });
    this.#startClock();
    try {
      await new Promise<void>((resolve, reject) => {
        // Never without a listener for its errors.
        socket.on('error', reject).once('connect', resolve).once('close', () => reject(new Error('the connection was closed')));
      });
      return await this.#handshake(socket, login);
    } catch (error) {
      socket.destroy();
      throw this.#explain(error, login);
    } finally {
      clearTimeout(this.#timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  async #handshake(socket: Socket, login: Login): Promise<SftpSession> {
    const { default: SftpClient } = await import('ssh2-sftp-client');
    const nothing = (): void => undefined;
    // Its own listeners would write to the console.
    const wrapper = new SftpClient('imgkit', { error: nothing, end: nothing, close: nothing });
    const { client } = wrapper as unknown as { readonly client: Client };
    client.on('error', (error: Error) => { this.#firstError ??= error; });
    client.on('handshake', () => { this.#loggingIn = true; });
    client.on('ready', () => { this.#loggedIn = true; });
    const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
      client.once('close', () => reject(new Error('the server closed the connection')));
      wrapper.connect({
        sock: socket,
        username: this.#wanted.target.user,
        hostVerifier: (blob: Buffer) => this.#verify(blob),
        algorithms: algorithms(this.#wanted.trust.knownTypes, this.#wanted.types),
        authHandler: login.authHandler,
        // Time is kept here, because people may be asked in between.
        readyTimeout: 0,
      }).then(resolve, reject);
    });
    if (socket.destroyed) throw new Error('the server closed the connection');
    return new SftpSession(this.#wanted.target.origin, { sftp, client, socket }, this.#wanted.network.idleTimeout ?? IDLE_TIMEOUT);
  }

  #verify(blob: Buffer): boolean {
    const key = readHostKey(blob);
    const refusal = key === undefined ? new ImgkitError('host-untrusted', `${this.#wanted.target.origin}: the server sends a malformed host key.`, { file: this.#wanted.target.origin }) : this.#wanted.trust.refusal(key);
    if (refusal === undefined) return true;
    this.#refusal = refusal;
    this.refusedType = key?.type;
    return false;
  }

  #startClock(): void {
    clearTimeout(this.#timer);
    if (this.#loggedIn || this.#socket === undefined) return;
    this.#timer = setTimeout(() => {
      this.#timedOut = true;
      this.#socket?.destroy();
    }, this.#wanted.network.connectTimeout ?? CONNECT_TIMEOUT);
  }

  #explain(error: unknown, login: Login): unknown {
    const { target, signal, network } = this.#wanted;
    if (error instanceof ImgkitError) return error;
    if (this.#refusal !== undefined) return this.#refusal;
    const problem = login.problem();
    if (problem !== undefined) return problem;
    if (signal?.aborted === true) return stopReason(signal, target.origin);
    if (this.#timedOut) return new ImgkitError('network-timeout', `${target.origin}: no session within ${(network.connectTimeout ?? CONNECT_TIMEOUT) / 1000} s; check host and port, or raise the connect time-out.`, { file: target.origin });
    const first = this.#firstError ?? (error as Error & { readonly level?: string });
    if (this.#loggedIn) return new ImgkitError('remote-refused', `${target.origin}: the login works, but the server opens no SFTP session (${printable(first.message)}); ask its owner to allow SFTP.`, { file: target.origin }, { cause: first });
    if (this.#loggingIn && (this.#firstError !== undefined || first.level === 'client-authentication')) return login.failure(first.message);
    if (/no matching/i.test(first.message)) return new ImgkitError('network-failed', `${target.origin}: there is no algorithm that both sides allow (${printable(first.message)}); the server needs an update, or its keys are of a kind that is no longer safe.`, { file: target.origin }, { cause: first });
    return networkError(first, { host: target.origin, doing: 'connecting' });
  }
}
