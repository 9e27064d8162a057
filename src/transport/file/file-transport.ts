import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { opendir, stat, unlink } from 'node:fs/promises';
import { finishDigest, type Digest } from '../../content/digest.js';
import { throwIfInterrupted } from '../../content/interrupted.js';
import type { LentChunk } from '../../content/lent-chunk.js';
import { makeFolders } from '../../content/make-folders.js';
import { ImgkitError } from '../../errors.js';
import { REMOTE_LIMITS } from '../../limits.js';
import type { NetworkOptions } from '../../network/network-options.js';
import { limitRate } from '../../network/rate-limit.js';
import { checkRemotePath, isRemoteName } from '../../network/remote-path.js';
import { joinRemote } from '../remote-name.js';
import type { Abilities, ReadOptions, RemoteEntry, RemoteOptions, RemoteStat, Transport, WriteOptions } from '../transport.js';
import { fileError } from './file-error.js';
import { fileVersion } from './file-version.js';
import { readFileRange } from './read-file-range.js';
import { renameFile } from './rename-file.js';
import { writeFile } from './write-file.js';

/** A local folder as a host: a USB stick, a mounted drive. Every path is absolute here; the reference implementation of {@link Transport}. */
export function openFileTransport(network: NetworkOptions = {}): Transport {
  return new FileTransport(network);
}

class FileTransport implements Transport {
  readonly origin = 'file://';
  readonly #network: NetworkOptions;

  constructor(network: NetworkOptions) {
    this.#network = network;
  }

  async abilities(path: string): Promise<Abilities> {
    check(path);
    return { readRange: true, append: true, list: true, rename: 'replace', hash: true, partial: 'after-close' };
  }

  async stat(path: string, { signal }: RemoteOptions = {}): Promise<RemoteStat | undefined> {
    throwIfInterrupted(signal, `asking for file://${check(path)}`);
    try {
      return describe(await stat(path, { bigint: true }));
    } catch (error) {
      const known = fileError(error, path, 'asking for it');
      if (known instanceof ImgkitError && known.code === 'file-not-found') return undefined;
      throw known;
    }
  }

  async list(path: string, { signal }: RemoteOptions = {}): Promise<readonly RemoteEntry[]> {
    const entries: RemoteEntry[] = [];
    try {
      for await (const { name } of await opendir(check(path))) {
        throwIfInterrupted(signal, `listing file://${path}`);
        if (!isRemoteName(name)) continue;
        if (entries.length >= REMOTE_LIMITS.entries) throw new ImgkitError('limit-exceeded', `file://${path}: more than ${REMOTE_LIMITS.entries} names in one folder; name a smaller one.`, { file: path });
        const info = await stat(joinRemote(path, name), { bigint: true }).catch(() => undefined);
        entries.push({ name, ...(info === undefined ? { kind: 'other' } : describe(info)) });
      }
    } catch (error) {
      throw fileError(error, path, 'listing it');
    }
    return entries;
  }

  read(path: string, options: ReadOptions = {}): AsyncIterable<Uint8Array> {
    return limitRate(readFileRange(check(path), options), this.#network.limitRate, options.signal);
  }

  write(path: string, chunks: AsyncIterable<LentChunk>, options: WriteOptions = {}): Promise<void> {
    return writeFile(check(path), limitRate(chunks, this.#network.limitRate, options.signal), options);
  }

  async hash(path: string, options: RemoteOptions = {}): Promise<Digest> {
    const hash = createHash('sha256');
    for await (const chunk of readFileRange(check(path), options)) hash.update(chunk);
    return finishDigest(hash, 'sha256');
  }

  async rename(from: string, to: string, { signal, replace = true }: RemoteOptions & { readonly replace?: boolean | undefined } = {}): Promise<void> {
    throwIfInterrupted(signal, `renaming file://${check(from)}`);
    await renameFile(from, check(to), replace);
  }

  async remove(path: string, { signal }: RemoteOptions = {}): Promise<void> {
    throwIfInterrupted(signal, `removing file://${check(path)}`);
    try {
      await unlink(path);
    } catch (error) {
      const known = fileError(error, path, 'removing it');
      if (!(known instanceof ImgkitError && known.code === 'file-not-found')) throw known;
    }
  }

  async makeFolder(path: string, { signal }: RemoteOptions = {}): Promise<void> {
    throwIfInterrupted(signal, `making file://${check(path)}`);
    await makeFolders(path).catch((error: unknown) => {
      throw fileError(error, path, 'making the folder');
    });
  }

  async close(): Promise<void> {
    // Every file is closed by the call that opened it.
  }
}

function check(path: string): string {
  return checkRemotePath(path, 'file://');
}

function describe(info: BigIntStats): RemoteStat {
  const kind = info.isFile() ? 'file' : info.isDirectory() ? 'folder' : 'other';
  const modified = new Date(Number(info.mtimeMs));
  return kind === 'file' ? { kind, size: Number(info.size), modified, version: fileVersion(info) } : { kind, modified };
}
