import { randomBytes } from 'node:crypto';
import { closeSync, constants, mkdirSync, openSync, readdirSync, renameSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { ImgkitError, fromSystemError } from '../../errors.js';
import type { Inode } from '../inode.js';
import type { BodyReceiver } from '../read-layer.js';
import { setMetadata, type Ownership } from './metadata.js';

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Files without names yet: bodies are written as the layers go by, so that each layer is read once, and get their names when it is
 * known which of them the tree shows. Lies in a private folder inside the one that is made, and is gone after `remove`. Always
 * `close` in the end: a file that is open keeps its space on the disk, also without a name.
 */
export class BodyStage {
  readonly #parent: number;
  readonly #name: string;
  readonly #handle: number;
  readonly #ownership: Ownership;
  readonly #shown: string;
  /** Of which bodies were taken. */
  readonly #layers = new Set<number>();
  /** Bodies that are under way. */
  readonly #open = new Set<number>();
  #closed = false;

  /** `into` is the open folder that is made, `shown` its name for errors. */
  constructor(into: number, shown: string, ownership: Ownership) {
    this.#parent = into;
    this.#name = `.imgkit-${randomBytes(9).toString('hex')}`;
    this.#shown = shown;
    this.#ownership = ownership;
    this.#handle = this.#do(() => {
      mkdirSync(`/proc/self/fd/${into}/${this.#name}`, { mode: 0o700 });
      return openSync(`/proc/self/fd/${into}/${this.#name}`, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    });
  }

  /** Takes the bodies of one layer. Empty files, and sparse ones, whose stored form is another, are left to the caller. */
  receiver(): BodyReceiver {
    let fd = -1;
    let current: Inode | undefined;
    return {
      begin: (inode) => {
        if (!isTaken(inode)) return;
        current = inode;
        this.#layers.add(inode.layer);
        fd = this.#do(() => openSync(this.#at(inode), NEW_FILE, 0o600));
        this.#open.add(fd);
      },
      chunk: (chunk) => {
        if (current !== undefined) this.#do(() => writeAll(fd, chunk, this.#shown));
      },
      end: () => {
        if (current === undefined) return;
        const inode = current;
        current = undefined;
        this.#do(() => {
          setMetadata(fd, inode, this.#ownership);
          this.#open.delete(fd);
          closeSync(fd);
        });
      },
    };
  }

  has(inode: Inode): boolean {
    return this.#layers.has(inode.layer) && isTaken(inode);
  }

  /** Moves the body of `inode` to `path`, in the place of a file that is there: count the names afterwards. */
  place(inode: Inode, path: string | Buffer): void {
    renameSync(this.#at(inode), path);
  }

  /** Removes what was staged and is not shown. */
  remove(): void {
    this.#do(() => {
      for (const name of readdirSync(`/proc/self/fd/${this.#handle}`)) unlinkSync(`/proc/self/fd/${this.#handle}/${name}`);
      this.close();
      rmdirSync(`/proc/self/fd/${this.#parent}/${this.#name}`);
    });
  }

  /** Does nothing the second time. Nobody may receive after it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const fd of [...this.#open, this.#handle]) closeSync(fd);
  }

  /** Named after its place in the layers, so that nobody must remember a million names. */
  #at({ layer, bodyOffset }: Inode): string {
    return `/proc/self/fd/${this.#handle}/${layer}.${bodyOffset}`;
  }

  #do<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw fromSystemError(error, this.#shown, 'extracting into it');
    }
  }
}

function isTaken({ type, size, sparse }: Inode): boolean {
  return type === 'file' && size > 0 && sparse === undefined;
}

function writeAll(fd: number, chunk: Uint8Array, shown: string): void {
  for (let done = 0; done < chunk.length;) {
    const written = writeSync(fd, chunk, done, chunk.length - done);
    // A full disk shows itself as a write of nothing.
    if (written === 0) throw new ImgkitError('disk-full', `${shown}: the disk is full; free some space and run it again.`, { file: shown });
    done += written;
  }
}
