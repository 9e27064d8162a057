import { close, fstat, open, read, type BigIntStats } from 'node:fs';
import { promisify } from 'node:util';

/** What reading needs of an open file; Node's `FileHandle` has it. */
export interface ReadableFile {
  readonly fd: number;
  read(into: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}

const readAt = promisify(read);

/** A file that was opened for reading without `node:fs/promises`: loading that takes as long as the rest of opening an archive. */
export class PlainFile implements ReadableFile {
  #fd: number;
  #closed: Promise<void> | undefined;
  readonly #underWay = new Set<Promise<unknown>>();

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Throws the system's error. The caller closes it. */
  static async open(path: string): Promise<PlainFile> {
    return new PlainFile(await promisify(open)(path, 'r'));
  }

  /** -1 once it is closed. */
  get fd(): number {
    return this.#fd;
  }

  stat(): Promise<BigIntStats> {
    return this.#use((fd) => new Promise((resolve, reject) => fstat(fd, { bigint: true }, (error, stats) => (error === null ? resolve(stats) : reject(error)))));
  }

  read(into: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }> {
    return this.#use((fd) => readAt(fd, into, offset, length, position));
  }

  /** Waits for what is under way: another file could get the descriptor. Safe to call twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close(this.#fd);
    return this.#closed;
  }

  async #close(fd: number): Promise<void> {
    this.#fd = -1;
    await Promise.allSettled(this.#underWay);
    await promisify(close)(fd);
  }

  async #use<T>(work: (fd: number) => Promise<T>): Promise<T> {
    if (this.#fd === -1) throw Object.assign(new Error('EBADF: the file was closed'), { code: 'EBADF' });
    const result = work(this.#fd);
    this.#underWay.add(result);
    try {
      return await result;
    } finally {
      this.#underWay.delete(result);
    }
  }
}
