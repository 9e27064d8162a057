import { counted } from '../content/counted.js';
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, statSync, type BigIntStats } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { handleSource } from '../content/handle-source.js';
import { throwIfInterrupted } from '../content/interrupted.js';
import { fromSystemError, ImgkitError } from '../errors.js';
import type { Limits } from '../limits.js';
import { decodeText, encodeText, printable } from '../tar/text.js';
import { FileTree } from './file-tree.js';
import { AttributePool } from './attribute-pool.js';
import { Inode, NO_LAYER, NO_RECORDS, NO_XATTRS, type InodeType } from './inode.js';
import { join } from './path-parts.js';
import type { Rootfs } from './rootfs.js';
import { meaningOf } from './whiteout.js';

/** Files up to this size are read in one synchronous call: several times faster than promises, and it holds nothing up. */
const SMALL = 256 * 1024;

export interface ReadFolderOptions {
  readonly limits: Limits;
  readonly signal?: AbortSignal | undefined;
  /** Paths that are not looked at, nor anything below them. */
  readonly excludes?: ((path: string) => boolean) | undefined;
  /** Whether names that begin with `.wh.` are taken along, as whiteouts. Default: refused. */
  readonly whiteouts?: 'keep' | undefined;
}

/**
 * Everything below a folder on disk: names byte for byte, owners, modes, times with nanoseconds, hard links by device and
 * inode, devices and fifos. No link in it is followed. Sockets stay behind, and so do extended attributes, which Node cannot read:
 * both are noted. Throws `file-not-found`, `io-failed`, `limit-exceeded`, `interrupted`, and `usage` for a name that a layer
 * would take for a whiteout.
 */
export function readFolder(folder: string, options: ReadFolderOptions): Rootfs {
  const reader = new FolderReader(resolve(folder), folder, options);
  reader.readAll();
  const notes = [
    ...(reader.sockets === 0 ? [] : [`${counted(reader.sockets, 'socket')} left out: a layer cannot hold them`]),
    'extended attributes of files on disk, capabilities among them, cannot be read; to keep them, make a tar with `tar --xattrs` and use that',
  ];
  return { name: folder, tree: reader.tree, root: 'implied', notes, open: (inode, path) => reader.body(inode, path), close: async () => undefined };
}

class FolderReader {
  readonly tree: FileTree;
  sockets = 0;
  readonly #root: string;
  readonly #name: string;
  readonly #options: ReadFolderOptions;
  /** Files with several names, by device and inode. */
  readonly #linked = new Map<string, Inode>();
  readonly #attributes = new AttributePool();
  #entries = 0;

  constructor(root: string, name: string, options: ReadFolderOptions) {
    this.#root = root;
    this.#name = name;
    this.#options = options;
    this.tree = new FileTree(options.limits);
  }

  readAll(): void {
    // The folder itself may be named by a link, as to any other program; those in it are not followed.
    if (!this.#try('', () => statSync(this.#path(''))).isDirectory()) throw new ImgkitError('usage', `${this.#name}: is not a folder; name a folder, or a tar of the files.`, { file: this.#name });
    const folders = [''];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      throwIfInterrupted(this.#options.signal, `reading ${this.#name}`);
      for (const name of this.#try(folder, () => readdirSync(this.#path(folder as string), { encoding: 'buffer' }))) {
        const path = join(folder, decodeText(name));
        if (this.#options.excludes?.(path) === true) continue;
        if (this.#add(path)) folders.push(path);
      }
    }
  }

  /** The bytes of the file at `path`, which must be the one that was seen. */
  body(inode: Inode, path: string): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
    return inode.size > SMALL ? this.#large(inode, path) : [this.#small(inode, path)];
  }

  /** True for a folder. */
  #add(path: string): boolean {
    this.#bound(path);
    if (this.#options.whiteouts !== 'keep' && meaningOf(path).kind !== 'addition') {
      throw new ImgkitError('usage', `${this.#name}: "${printable(path)}" cannot be in an image: names that begin with .wh. delete files there; rename it, or leave it out with --exclude.`, { file: this.#name, entry: path });
    }
    const stats = this.#lstat(path);
    const type = typeOf(stats);
    if (type === undefined) {
      this.sockets += 1;
      return false;
    }
    const key = type !== 'directory' && stats.nlink > 1n ? `${stats.dev}:${stats.ino}` : undefined;
    const known = key === undefined ? undefined : this.#linked.get(key);
    if (known !== undefined) known.linked = true;
    const inode = known ?? this.#inode(path, stats, type);
    if (key !== undefined) this.#linked.set(key, inode);
    this.tree.put(path, inode);
    return type === 'directory';
  }

  #inode(path: string, stats: BigIntStats, type: InodeType): Inode {
    const device = type === 'character-device' || type === 'block-device';
    const seconds = stats.mtimeNs / 1_000_000_000n - (stats.mtimeNs % 1_000_000_000n < 0n ? 1n : 0n);
    const attributes = this.#attributes.share({
      type,
      mode: Number(stats.mode) & 0o7777,
      uid: Number(stats.uid),
      gid: Number(stats.gid),
      uname: '', gname: '',
      devMajor: device ? Number(((stats.rdev >> 8n) & 0xfffn) | ((stats.rdev >> 32n) & ~0xfffn)) : 0,
      devMinor: device ? Number((stats.rdev & 0xffn) | ((stats.rdev >> 12n) & 0xffffff00n)) : 0,
      xattrs: NO_XATTRS, pax: NO_RECORDS,
    }, NO_LAYER);
    const mtime = this.#attributes.shareTime({ seconds: Number(seconds), nanoseconds: Number(stats.mtimeNs - seconds * 1_000_000_000n) });
    const target = type === 'symlink' ? decodeText(this.#try(path, () => readlinkSync(this.#path(path), { encoding: 'buffer' }))) : '';
    return new Inode(attributes, mtime, type === 'file' ? Number(stats.size) : 0, target);
  }

  #small(inode: Inode, path: string): Uint8Array {
    return this.#try(path, () => {
      // A pipe that took the file's place would be waited for for ever.
      const fd = openSync(this.#path(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        this.#requireSame(fstatSync(fd, { bigint: true }), inode, path);
        const bytes = Buffer.allocUnsafe(inode.size);
        let done = 0;
        while (done < inode.size) {
          const read = readSync(fd, bytes, done, inode.size - done, done);
          if (read === 0) break;
          done += read;
        }
        return bytes.subarray(0, done);
      } finally {
        closeSync(fd);
      }
    });
  }

  async *#large(inode: Inode, path: string): AsyncGenerator<Uint8Array> {
    const name = `${this.#name}/${path}`;
    const handle = await open(this.#path(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: unknown) => {
      throw fromSystemError(error, name, 'opening it');
    });
    const source = handleSource(name, handle, inode.size);
    try {
      this.#requireSame(await handle.stat({ bigint: true }), inode, path);
      yield* source.stream(undefined, this.#options.signal);
    } finally {
      await source.close();
    }
  }

  #requireSame(stats: BigIntStats, inode: Inode, path: string): void {
    if (stats.isFile() && Number(stats.size) === inode.size) return;
    throw new ImgkitError('io-failed', `${this.#name}/${printable(path)}: changed while it was read; let nothing write there and run it again.`, { file: this.#name, entry: path });
  }

  #bound(path: string): void {
    const { layerEntries, pathDepth } = this.#options.limits;
    this.#entries += 1;
    const wrong = this.#entries > layerEntries ? `it holds more than ${layerEntries} files` : path.split('/').length > pathDepth ? `its folders are nested deeper than ${pathDepth}` : undefined;
    if (wrong !== undefined) throw new ImgkitError('limit-exceeded', `${this.#name}: ${wrong}; leave some out with --exclude, or raise that limit in the library.`, { file: this.#name, entry: path });
  }

  #lstat(path: string): BigIntStats {
    return this.#try(path, () => lstatSync(this.#path(path), { bigint: true }));
  }

  #path(path: string): Buffer {
    return encodeText(path === '' ? this.#root : `${this.#root}/${path}`);
  }

  #try<T>(path: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw fromSystemError(error, path === '' ? this.#name : `${this.#name}/${printable(path)}`, 'reading it');
    }
  }
}

/** Undefined for a socket. */
function typeOf(stats: BigIntStats): InodeType | undefined {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isCharacterDevice()) return 'character-device';
  if (stats.isBlockDevice()) return 'block-device';
  return stats.isFIFO() ? 'fifo' : undefined;
}
