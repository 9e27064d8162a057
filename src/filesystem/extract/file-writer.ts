import { closeSync, constants, ftruncateSync, openSync, writeSync } from 'node:fs';
import { ImgkitError } from '../../errors.js';
import { fileSize } from '../inode.js';
import { join } from '../path-parts.js';
import { setMetadata, type Ownership } from './metadata.js';
import type { PlannedName } from './extract-plan.js';
import type { OpenFolders } from './open-folders.js';

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Writes files one after the other, each new: nothing that is there is ever opened. */
export class FileWriter {
  readonly #folders: OpenFolders;
  readonly #ownership: Ownership;
  #open: { readonly job: PlannedName; readonly fd: number } | undefined;

  constructor(folders: OpenFolders, ownership: Ownership) {
    this.#folders = folders;
    this.#ownership = ownership;
  }

  /** Bytes of the file `job`, at byte `at`; the file is made with the first of them. What nobody writes is a hole. */
  write(job: PlannedName, chunk: Uint8Array, at: number): void {
    const fd = this.#fileFor(job);
    for (let done = 0; done < chunk.length;) {
      const written = writeSync(fd, chunk, done, chunk.length - done, at + done);
      // A full disk shows itself as a write of nothing.
      if (written === 0) throw diskFull(job);
      done += written;
    }
    if (at + chunk.length === fileSize(job.inode)) this.finish();
  }

  /** A file without content, or one that is a hole throughout. */
  writeEmpty(job: PlannedName): void {
    this.#fileFor(job);
    this.finish();
  }

  /** Gives the file that was written last its metadata. */
  finish(): void {
    if (this.#open === undefined) return;
    setMetadata(this.#open.fd, this.#open.job.inode, this.#ownership);
    this.close();
  }

  close(): void {
    if (this.#open !== undefined) closeSync(this.#open.fd);
    this.#open = undefined;
  }

  #fileFor(job: PlannedName): number {
    if (this.#open?.job === job) return this.#open.fd;
    this.finish();
    const fd = openSync(this.#folders.at(job.folder, job.name), NEW_FILE, 0o600);
    this.#open = { job, fd };
    if (job.inode.sparse !== undefined) ftruncateSync(fd, fileSize(job.inode));
    return fd;
  }
}

function diskFull({ folder, name }: PlannedName): ImgkitError {
  const path = join(folder, name);
  return new ImgkitError('disk-full', `${path}: the disk is full; free some space and run it again.`, { entry: path });
}
