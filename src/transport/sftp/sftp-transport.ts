import type { Stats } from 'ssh2';
import type { Digest } from '../../content/digest.js';
import { interrupted } from '../../content/interrupted.js';
import type { LentChunk } from '../../content/lent-chunk.js';
import { ImgkitError } from '../../errors.js';
import type { NetworkOptions } from '../../network/network-options.js';
import { limitRate } from '../../network/rate-limit.js';
import { totalTimeLimit } from '../../network/time-limit.js';
import { checkRemotePath } from '../../network/remote-path.js';
import type { Abilities, AbilitiesOptions, ReadOptions, RemoteEntry, RemoteOptions, RemoteStat, Transport, WriteOptions } from '../transport.js';
import { connectSftp } from './connect.js';
import { describeFile } from './file-state.js';
import { listFolder } from './list-folder.js';
import { makeFolder } from './make-folder.js';
import { placeOf } from './place-of.js';
import { readRemote } from './read-remote.js';
import { canHash, remoteHash } from './remote-hash.js';
import { renameRemote } from './rename-remote.js';
import { parseSftpTarget, type SftpTarget } from './sftp-target.js';
import { stopReason, type SftpSession } from './sftp-session.js';
import { STATUS, statusError, statusOf } from './status-error.js';
import { writeRemote } from './write-remote.js';

/**
 * SFTP to the host of `sftp://[user@]host[:port]` (SFTP 3, draft-ietf-secsh-filexfer-02, with OpenSSH's extensions where the server
 * has them). Connects at the first call, and again after the connection was lost. The host key must be pinned or in known_hosts;
 * the user proves who he is with a key, the agent, or a password. The caller closes it. Throws `location-invalid`.
 */
export async function openSftpTransport(url: string, network: NetworkOptions = {}): Promise<Transport> {
  return new SftpTransport(parseSftpTarget(url), network);
}

class SftpTransport implements Transport {
  readonly origin: string;
  readonly #target: SftpTarget;
  readonly #network: NetworkOptions;
  readonly #closing = new AbortController();
  #session: Promise<SftpSession> | undefined;
  /** Asked once; the server stays the same when the connection is made anew. */
  #hashes: Promise<boolean> | undefined;

  constructor(target: SftpTarget, network: NetworkOptions) {
    this.origin = target.origin;
    this.#target = target;
    this.#network = network;
  }

  async abilities(path: string, { purpose = 'write', signal }: AbilitiesOptions = {}): Promise<Abilities> {
    checkRemotePath(path, this.origin);
    const session = await this.#connected(signal);
    return {
      readRange: true, append: true, list: true, partial: 'after-close',
      rename: session.offers('posix-rename@openssh.com') ? 'replace' : 'refuse',
      // It runs a command.
      hash: purpose === 'write' && (await this.#canHash(session)),
    };
  }

  async stat(path: string, { signal }: RemoteOptions = {}): Promise<RemoteStat | undefined> {
    const { session, place } = await this.#at(path, signal);
    try {
      return describeFile(await session.call<Stats>((sftp, done) => sftp.stat(place, done), signal));
    } catch (error) {
      if (statusOf(error) === STATUS.NO_SUCH_FILE) return undefined;
      throw statusError(error, this.origin, path, 'asking for it');
    }
  }

  async list(path: string, { signal }: RemoteOptions = {}): Promise<readonly RemoteEntry[]> {
    const { session, place } = await this.#at(path, signal);
    return listFolder(session, place, signal);
  }

  async *read(path: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
    const limit = totalTimeLimit(this.#network.totalTimeout, options.signal, this.origin);
    try {
      const { session, place } = await this.#at(path, limit.signal);
      yield* limitRate(readRemote(session, place, { ...options, signal: limit.signal }), this.#network.limitRate, limit.signal);
    } finally {
      limit.done();
    }
  }

  async write(path: string, chunks: AsyncIterable<LentChunk>, options: WriteOptions = {}): Promise<void> {
    const limit = totalTimeLimit(this.#network.totalTimeout, options.signal, this.origin);
    try {
      const { session, place } = await this.#at(path, limit.signal);
      session.handles.drop(place);
      await writeRemote(session, place, limitRate(chunks, this.#network.limitRate, limit.signal), { ...options, signal: limit.signal });
    } finally {
      limit.done();
    }
  }

  async hash(path: string, { signal }: RemoteOptions = {}): Promise<Digest | undefined> {
    const { session, place } = await this.#at(path, signal);
    return (await this.#canHash(session)) ? remoteHash(session, place, signal) : undefined;
  }

  async rename(from: string, to: string, { signal, replace = true }: RemoteOptions & { readonly replace?: boolean | undefined } = {}): Promise<void> {
    const { session, place } = await this.#at(from, signal);
    const { place: target } = await this.#at(to, signal);
    session.handles.drop(place);
    session.handles.drop(target);
    await renameRemote(session, place, target, replace, signal);
  }

  async remove(path: string, { signal }: RemoteOptions = {}): Promise<void> {
    const { session, place } = await this.#at(path, signal);
    session.handles.drop(place);
    try {
      await session.call<void>((sftp, done) => sftp.unlink(place, done), signal);
    } catch (error) {
      if (statusOf(error) !== STATUS.NO_SUCH_FILE) throw statusError(error, this.origin, path, 'removing it');
    }
  }

  async makeFolder(path: string, { signal }: RemoteOptions = {}): Promise<void> {
    const { session, place } = await this.#at(path, signal);
    await makeFolder(session, place, signal);
  }

  async close(): Promise<void> {
    this.#closing.abort(interrupted(`talking to ${this.origin}`));
    const session = await this.#session?.catch(() => undefined);
    await session?.close();
  }

  /** The session, and where `path` is there. */
  async #at(path: string, signal: AbortSignal | undefined): Promise<{ readonly session: SftpSession; readonly place: string }> {
    checkRemotePath(path, this.origin);
    const session = await this.#connected(signal);
    return { session, place: await placeOf(session, path, signal) };
  }

  /** The session, made now if there is none or it was lost. */
  async #connected(signal: AbortSignal | undefined): Promise<SftpSession> {
    if (this.#closing.signal.aborted) throw new ImgkitError('network-failed', `${this.origin}: the connection was closed before; open a new one.`, { file: this.origin });
    if (signal?.aborted === true) throw stopReason(signal, this.origin);
    const former = this.#session;
    // Whoever notices first makes it anew.
    if (former !== undefined && (await former.catch(() => undefined))?.failure !== undefined && this.#session === former) this.#session = undefined;
    const session = (this.#session ??= this.#connect());
    if (signal === undefined) return session;
    // Several calls may wait for one connection, so one's signal ends only its own wait.
    return new Promise<SftpSession>((resolve, reject) => {
      const abort = (): void => reject(stopReason(signal, this.origin));
      signal.addEventListener('abort', abort, { once: true });
      session.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
  }

  #connect(): Promise<SftpSession> {
    const session = connectSftp(this.#target, this.#network, this.#closing.signal);
    session.catch(() => {
      if (this.#session === session) this.#session = undefined;
    });
    return session;
  }

  async #canHash(session: SftpSession): Promise<boolean> {
    try {
      return await (this.#hashes ??= canHash(session));
    } catch (error) {
      this.#hashes = undefined;
      throw error;
    }
  }
}
