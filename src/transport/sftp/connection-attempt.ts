import type { Socket } from 'node:net';
import type { Client, NegotiatedAlgorithms, ParsedKey, SFTPWrapper } from 'ssh2';
import { ImgkitError, isImgkitError } from '../../errors.js';
import type { NetworkOptions } from '../../network/network-options.js';
import { oneLine } from '../../network/one-line.js';
import { networkError } from '../../network/system-error.js';
import { CONNECT_TIMEOUT, IDLE_TIMEOUT } from '../../network/time-limit.js';
import { algorithms } from './algorithms.js';
import { awaitGreeting } from './greeting.js';
import { readHostKey } from './host-key.js';
import type { HostTrust } from './host-trust.js';
import { reusePacketMemory } from './packet-memory.js';
import { Login } from './login.js';
import type { SftpTarget } from './sftp-target.js';
import { SftpSession, stopReason } from './sftp-session.js';
import { shellOutput } from './shell-output.js';
import { SshSocket } from './ssh-socket.js';
import { unknownHost } from './unknown-host.js';

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
  /** The first thing that went wrong, in the words of `ssh2`. */
  #firstError: (Error & { readonly level?: string; readonly code?: unknown }) | undefined;
  #over = false;

  readonly #wanted: Wanted;

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
  }

  /** The session, connected and logged in; or why there is none. */
  async run(): Promise<SftpSession> {
    const { signal, target, network, namedKey } = this.#wanted;
    // A person who types a password is not a slow server.
    const asking = (begins: boolean): void => (begins ? clearTimeout(this.#timer) : this.#startClock());
    const login = new Login(target, { network, key: namedKey, asking, giveUp: () => this.#socket?.destroy() });
    if (signal?.aborted === true) throw stopReason(signal, target.origin);
    const connection = new SshSocket(target.host, target.port);
    const socket = (this.#socket = connection.socket);
    const abort = (): void => { socket.destroy(); };
    signal?.addEventListener('abort', abort, { once: true });
    this.#startClock();
    // From the first moment on: who listens for the end of a socket that has ended waits for ever.
    const lost = new Promise<never>((_, reject) => {
      socket.on('error', reject).once('close', () => reject(new Error('the server closed the connection')));
    });
    lost.catch(() => undefined);
    try {
      await Promise.race([new Promise<void>((resolve) => { socket.once('connect', resolve); }), lost]);
      await awaitGreeting(socket, target.origin);
      return await this.#handshake(connection, login, lost);
    } catch (error) {
      // An end is told by the stream before it is by the socket.
      const gone = socket.destroyed || socket.readableEnded;
      socket.destroy();
      throw this.#explain(error, login, gone);
    } finally {
      this.#over = true;
      clearTimeout(this.#timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  async #handshake(connection: SshSocket, login: Login, lost: Promise<never>): Promise<SftpSession> {
    const { socket } = connection;
    const { default: SftpClient } = await import('ssh2-sftp-client');
    const nothing = (): void => undefined;
    // Its own listeners would write to the console.
    const wrapper = new SftpClient('imgkit', { error: nothing, end: nothing, close: nothing });
    const { client } = wrapper as unknown as { readonly client: Client };
    client.on('error', (error: Error) => { this.#firstError ??= error; });
    // Also for keys that are made anew later.
    client.on('handshake', ({ sc }: NegotiatedAlgorithms) => {
      this.#loggingIn = true;
      connection.decryptsWith(sc.cipher);
      reusePacketMemory(client);
    });
    client.on('ready', () => { this.#loggedIn = true; });
    const connected = wrapper.connect({
      sock: socket,
      username: this.#wanted.target.user,
      hostVerifier: (blob: Buffer) => this.#verify(blob),
      algorithms: algorithms(this.#wanted.trust.knownTypes, this.#wanted.types),
      authHandler: login.authHandler,
      // Time is kept here, because people may be asked in between.
      readyTimeout: 0,
    }) as Promise<SFTPWrapper>;
    connected.catch(() => undefined);
    const sftp = await Promise.race([connected, lost]);
    if (socket.destroyed) throw new Error('the server closed the connection');
    return new SftpSession(this.#wanted.target.origin, { sftp, client, socket }, this.#wanted.network.idleTimeout ?? IDLE_TIMEOUT);
  }

  #verify(blob: Buffer): boolean {
    const key = readHostKey(blob);
    const refusal = key === undefined ? new ImgkitError('host-untrusted', `${this.#wanted.target.origin}: the server sends a malformed host key; is it an SSH server that people use? Ask its owner.`, { file: this.#wanted.target.origin }) : this.#wanted.trust.refusal(key);
    if (refusal === undefined) return true;
    this.#refusal = refusal;
    this.refusedType = key?.type;
    return false;
  }

  #startClock(): void {
    clearTimeout(this.#timer);
    if (this.#loggedIn || this.#over || this.#socket === undefined) return;
    this.#timer = setTimeout(() => {
      this.#timedOut = true;
      this.#socket?.destroy();
    }, this.#wanted.network.connectTimeout ?? CONNECT_TIMEOUT);
  }

  /** `gone`: the connection is closed, or was ended by the server. */
  #explain(error: unknown, login: Login, gone: boolean): unknown {
    const { target: { origin }, signal, network } = this.#wanted;
    if (this.#refusal !== undefined) return this.#refusal;
    if (login.problem !== undefined) return login.problem;
    if (signal?.aborted === true) return stopReason(signal, origin);
    if (this.#timedOut) {
      const said = isImgkitError(error) && error.details.found !== undefined ? `, and it says ${error.details.found}` : '';
      return new ImgkitError('network-timeout', `${origin}: no session within ${(network.connectTimeout ?? CONNECT_TIMEOUT) / 1000} s${said}; check host and port, or raise the connect time-out.`, { file: origin });
    }
    if (error instanceof ImgkitError) return error;
    const first = this.#firstError;
    // A number is the reason of a goodbye (RFC 4253, 11.1), a word the name of a system error.
    if (!this.#loggedIn && first !== undefined && (first.level === 'client-authentication' || (this.#loggingIn && typeof first.code === 'number'))) return login.failure(first.message);
    const cause = first ?? (error as Error);
    const text = this.#loggedIn ? shellOutput(cause.message) : undefined;
    if (text !== undefined) return new ImgkitError('remote-refused', `${origin}: the login works, but the shell of this user prints text where SFTP should begin (${JSON.stringify(`${text}...`)}); its start-up files there, such as .bashrc, must print nothing without a terminal.`, { file: origin }, { cause });
    if (this.#loggedIn && !gone) return new ImgkitError('remote-refused', `${origin}: the login works, but the server opens no SFTP session (${oneLine(cause.message)}); ask its owner to allow SFTP.`, { file: origin }, { cause });
    if (/no matching/i.test(cause.message)) return new ImgkitError('network-failed', `${origin}: there is no algorithm that both sides allow (${oneLine(cause.message)}); what it has is no longer safe, so ask its owner for an update, or for a new host key.`, { file: origin }, { cause });
    const stage = this.#loggedIn ? 'opening the SFTP session' : this.#loggingIn ? 'logging in' : 'connecting';
    // A system error has its own words.
    if (first === undefined && gone && (error as NodeJS.ErrnoException).syscall === undefined) return new ImgkitError('network-failed', `${origin}: ${stage} failed: the server closed the connection; run it again.`, { file: origin }, { cause });
    return unknownHost(cause, this.#wanted.target) ?? networkError(cause, { host: origin, doing: stage });
  }
}
