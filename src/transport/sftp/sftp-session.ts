import type { Client, ClientChannel, SFTPWrapper } from 'ssh2';
import type { Socket } from 'node:net';
import { interrupted } from '../../content/interrupted.js';
import { ImgkitError } from '../../errors.js';
import { batchWrites } from './batch-writes.js';
import { OpenHandles } from './open-handles.js';

/** What a request of `ssh2` calls back. */
export type Answer<T> = (error: Error | null | undefined, value?: T) => void;

/** A connection that is logged in. */
export interface SessionParts {
  readonly sftp: SFTPWrapper;
  readonly client: Client;
  readonly socket: Socket;
}

/** Less than this in one period is no sign of life of a transfer. */
const SIGN_OF_LIFE = 1024;

/**
 * One SSH connection with its SFTP channel. Every request goes through {@link SftpSession.call}, because those of `ssh2` may never
 * call back when the connection ends silently: here they all fail when the session ends, when the server is silent for too long,
 * or when they are aborted.
 */
export class SftpSession {
  /** What errors call the server. */
  readonly host: string;
  readonly sftp: SFTPWrapper;
  readonly handles: OpenHandles;
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #idleTimeout: number;
  #failure: ImgkitError | undefined;
  /** Requests that wait for an answer: how to fail them. */
  readonly #waiting = new Set<(error: Error) => void>();
  #answersDue = 0;
  #idle: NodeJS.Timeout | undefined;
  #moved = 0;
  readonly #ping: NodeJS.Timeout;

  /** `idleTimeout` in milliseconds. The socket is connected, the channel is ready. */
  constructor(host: string, parts: SessionParts, idleTimeout: number) {
    const { sftp, client, socket } = parts;
    this.host = host;
    this.sftp = sftp;
    this.#client = client;
    this.#socket = socket;
    this.#idleTimeout = idleTimeout;
    this.handles = new OpenHandles(this);
    const lost = (error?: Error): void => this.fail(new ImgkitError('network-failed', `${host}: the connection broke${error === undefined ? '' : ` (${error.message})`}; run it again.`, { file: host }, { cause: error }));
    batchWrites(socket);
    client.on('error', lost).on('end', () => lost()).on('close', () => lost());
    sftp.on('error', lost).on('end', () => lost()).on('close', () => lost());
    // Finds out that the server is gone, and keeps routers from forgetting the connection, while nothing is asked.
    this.#ping = setInterval(() => {
      if (this.#answersDue === 0) this.call<unknown>((sftpNow, done) => sftpNow.realpath('.', done)).catch(() => undefined);
    }, Math.max(1000, idleTimeout / 4)).unref();
  }

  /** Why nothing can be asked any more; undefined while the session lives. */
  get failure(): ImgkitError | undefined {
    return this.#failure;
  }

  /** True when the server announced this extension of the protocol. */
  offers(extension: 'fsync@openssh.com' | 'posix-rename@openssh.com' | 'statvfs@openssh.com'): boolean {
    const { _extensions: offered } = this.sftp as unknown as { readonly _extensions?: Readonly<Record<string, string>> };
    return offered?.[extension] === (extension === 'statvfs@openssh.com' ? '2' : '1');
  }

  /** Most bytes that one request may ask for, or carry. */
  requestSize(kind: 'read' | 'write', wanted: number): number {
    const { _maxReadLen: read, _maxWriteLen: write } = this.sftp as unknown as { readonly _maxReadLen?: number; readonly _maxWriteLen?: number };
    // What every server must be able to take (draft-ietf-secsh-filexfer-02, 3), less what ssh2 keeps for headers.
    return Math.max(1, Math.min(wanted, (kind === 'read' ? read : write) ?? 30_000));
  }

  /** Sends a request. Rejects with the server's status (an `Error` with a number as `code`), or an `ImgkitError` when there is no answer. */
  call<T>(send: (sftp: SFTPWrapper, done: Answer<T>) => void, signal?: AbortSignal): Promise<T> {
    return this.#wait<T>(signal, true, (done) => send(this.sftp, done));
  }

  /**
   * Runs a command in a channel of its own, which `use` gets as soon as it is open: all that the server says of it may have come already, and
   * is told in the same moment. Rejects when the server does not allow it. No limit on how long it is silent; closed in the end.
   */
  async exec<T>(command: string, use: (channel: ClientChannel, done: Answer<T>) => void, signal?: AbortSignal): Promise<T> {
    let over = false;
    let opened: ClientChannel | undefined;
    try {
      return await this.#wait<T>(signal, false, (done) => this.#client.exec(command, (error, channel) => {
        opened = channel;
        if (over) channel?.close();
        else if (error) done(error);
        else use(channel, done);
      }));
    } finally {
      over = true;
      opened?.close();
    }
  }

  /** Ends the session: what waits is rejected with `error`. */
  fail(error: ImgkitError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    clearInterval(this.#ping);
    clearTimeout(this.#idle);
    this.#idle = undefined;
    for (const reject of this.#waiting) reject(error);
    this.#socket.destroy();
  }

  /** Says goodbye, and ends the connection for sure. */
  async close(): Promise<void> {
    if (this.#failure !== undefined) return;
    const ended = new Promise<void>((resolve) => { this.#socket.once('close', () => resolve()); });
    this.#client.end();
    const timer = setTimeout(() => this.#socket.destroy(), 500);
    await ended;
    clearTimeout(timer);
    this.fail(interrupted(`talking to ${this.host}`));
  }

  #wait<T>(signal: AbortSignal | undefined, counts: boolean, start: (done: Answer<T>) => void): Promise<T> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (signal?.aborted === true) return Promise.reject(stopReason(signal, this.host));
    return new Promise<T>((resolve, reject) => {
      let open = true;
      const settle = (): void => {
        if (!open) return;
        open = false;
        this.#waiting.delete(fail);
        signal?.removeEventListener('abort', abort);
        if (counts) this.#answered();
      };
      const fail = (error: Error): void => {
        settle();
        reject(error);
      };
      const abort = (): void => fail(stopReason(signal, this.host));
      this.#waiting.add(fail);
      signal?.addEventListener('abort', abort, { once: true });
      if (counts) this.#asked();
      // As batchWrites does: a request of 255 KiB is one call of the system, not 24.
      this.#socket.cork();
      try {
        start((error, value) => {
          settle();
          if (error) reject(error);
          else resolve(value as T);
        });
      } catch (error) {
        fail(error as Error);
      } finally {
        this.#socket.uncork();
      }
    });
  }

  #asked(): void {
    this.#answersDue += 1;
    if (this.#answersDue === 1) this.#watch();
  }

  #answered(): void {
    this.#answersDue -= 1;
    if (this.#answersDue === 0) clearTimeout(this.#idle);
    else this.#idle?.refresh();
  }

  /** The clock of the server's silence: it starts anew with every answer, and with every bit of a large request that goes through. */
  #watch(): void {
    clearTimeout(this.#idle);
    this.#moved = this.#bytesMoved();
    this.#idle = setTimeout(() => {
      // When this whole process was stopped for a while, the answers are there, but were not looked at yet.
      setTimeout(() => {
        if (this.#answersDue === 0 || this.#failure !== undefined) return;
        if (this.#bytesMoved() - this.#moved >= SIGN_OF_LIFE) this.#watch();
        else this.fail(new ImgkitError('network-timeout', `${this.host} was silent for ${this.#idleTimeout / 1000} s; run it again, or raise the idle time-out.`, { file: this.host }));
      }, 20);
    }, this.#idleTimeout);
  }

  #bytesMoved(): number {
    return this.#socket.bytesRead + this.#socket.bytesWritten - this.#socket.writableLength;
  }
}

/** Why `signal` fired, as an error. */
export function stopReason(signal: AbortSignal | undefined, host: string): ImgkitError {
  return signal?.reason instanceof ImgkitError ? signal.reason : interrupted(`talking to ${host}`, signal?.reason);
}
