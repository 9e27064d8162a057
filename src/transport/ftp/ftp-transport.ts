import type { Digest } from '../../content/digest.js';
import type { LentChunk } from '../../content/lent-chunk.js';
import type { NetworkOptions } from '../../network/network-options.js';
import { checkRemotePath } from '../../network/remote-path.js';
import type { Abilities, AbilitiesOptions, ReadOptions, RemoteEntry, RemoteOptions, RemoteStat, Transport, WriteOptions } from '../transport.js';
import { makeFolderFtp, removeFtp } from './change-ftp.js';
import { parseFtpAddress } from './ftp-address.js';
import { FtpConnection } from './ftp-connection.js';
import { canHash, hashFtp } from './ftp-hash.js';
import { listFtp } from './ftp-list.js';
import { explainRefusal, fileNotFound } from './ftp-missing.js';
import { statFtp } from './ftp-stat.js';
import { readFtp } from './read-ftp.js';
import { renameFtp } from './rename-ftp.js';
import { writeFtp } from './write-ftp.js';

/**
 * The transport for `ftp://` (in clear: warns through `network.onWarning`), `ftps://` and `ftpes://`, as docs/network.md
 * says. Nothing is connected yet. It has one control connection, made anew when it died; what is asked of it meanwhile waits
 * for its turn, so whoever reads a file to its end must not ask anything else of the same transport in between.
 * Throws `location-invalid`.
 */
export async function openFtpTransport(url: string, network: NetworkOptions): Promise<Transport> {
  const address = parseFtpAddress(url);
  if (address.protection === 'none') {
    network.onWarning?.(`${address.origin} is plain FTP: everybody on the way can read and change the password and the files; where the server has TLS, write ftps:// or ftpes://.`);
  }
  return new FtpTransport(new FtpConnection(address, network), network);
}

class FtpTransport implements Transport {
  readonly #connection: FtpConnection;
  readonly #network: NetworkOptions;

  constructor(connection: FtpConnection, network: NetworkOptions) {
    this.#connection = connection;
    this.#network = network;
  }

  get origin(): string {
    return this.#connection.origin;
  }

  async abilities(path: string, { signal }: AbilitiesOptions = {}): Promise<Abilities> {
    return this.#connection.use(`asking about ${this.#check(path)}`, signal, async (session) => ({
      readRange: true, append: true, list: true, rename: 'replace', hash: canHash(session), partial: 'after-close',
    }));
  }

  async stat(path: string, { signal }: RemoteOptions = {}): Promise<RemoteStat | undefined> {
    return this.#connection.use(`asking for ${this.#check(path)}`, signal, (session) => statFtp(session, path));
  }

  async list(path: string, { signal }: RemoteOptions = {}): Promise<readonly RemoteEntry[]> {
    const folder = this.#check(path).replace(/(?<=.)\/+$/, '');
    return this.#connection.use(`listing ${path}`, signal, async (session) => {
      try {
        return await listFtp(session, folder, this.origin);
      } catch (error) {
        throw session.client.closed ? error : await explainRefusal(session, this.origin, folder, error);
      }
    });
  }

  read(path: string, options: ReadOptions = {}): AsyncIterable<Uint8Array> {
    return readFtp(this.#connection, this.#check(path), options, this.#network);
  }

  async write(path: string, chunks: AsyncIterable<LentChunk>, options: WriteOptions = {}): Promise<void> {
    await writeFtp(this.#connection, this.#check(path), chunks, options, this.#network);
  }

  async hash(path: string, { signal }: RemoteOptions = {}): Promise<Digest | undefined> {
    return this.#connection.use(`hashing ${this.#check(path)}`, signal, async (session) => {
      if (!canHash(session)) return undefined;
      const size = (await statFtp(session, path))?.size;
      if (size === undefined) throw fileNotFound(this.origin, path);
      return hashFtp(session, path, size);
    });
  }

  async rename(from: string, to: string, { signal, replace = true }: RemoteOptions & { readonly replace?: boolean | undefined } = {}): Promise<void> {
    await this.#connection.use(`renaming ${this.#check(from)} to ${this.#check(to)}`, signal, (session) => renameFtp(session, this.origin, from, to, replace));
  }

  async remove(path: string, { signal }: RemoteOptions = {}): Promise<void> {
    await this.#connection.use(`removing ${this.#check(path)}`, signal, (session) => removeFtp(session, path));
  }

  async makeFolder(path: string, { signal }: RemoteOptions = {}): Promise<void> {
    await this.#connection.use(`making the folder ${this.#check(path)}`, signal, (session) => makeFolderFtp(session, this.origin, path));
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #check(path: string): string {
    return checkRemotePath(path, this.origin);
  }
}
