import type { ByteSource } from '../content/byte-source.js';
import { openFileSource } from '../content/file-source.js';
import type { StatementEntry } from '../crypto/sign/statement.js';
import type { FileFacts } from '../operations/trust/digest-file.js';
import { digestSource, WORTH_A_THREAD } from '../operations/trust/digest-source.js';
import { proveFile } from '../operations/trust/prove-file.js';
import type { ProgressEvent } from '../progress.js';
import type { PinnedFile } from './pinned-file.js';
import type { Session } from './session.js';

/**
 * The digest of a local file that somebody may have signed. Of a large one it is begun at once, beside the reading of who did: if
 * nobody did, it is given up, and was never told of. Who opens it calls `prove` or `stop`, which close it.
 */
export class Hashing {
  readonly #session: Session;
  readonly #path: string;
  readonly #file: ByteSource;
  readonly #given = new AbortController();
  #isTold = false;
  /** How far it was when nobody was told. */
  #untold: ProgressEvent | undefined;
  #facts: Promise<FileFacts> | undefined;

  private constructor(session: Session, path: string, file: ByteSource) {
    this.#session = session;
    this.#path = path;
    this.#file = file;
    if (!this.isSmall) this.#begin();
  }

  /** Throws as `openFileSource`, and as {@link PinnedFile.compare}: `pinned` is which file it must be. */
  static async open(session: Session, path: string, pinned: PinnedFile | undefined): Promise<Hashing> {
    const file = await openFileSource(path);
    try {
      await pinned?.compare(file);
      return new Hashing(session, path, file);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Not worth a thread: it is hashed when somebody is known to have signed it. */
  get isSmall(): boolean {
    return this.#file.size < WORTH_A_THREAD;
  }

  /** Throws `signature-invalid` where the file has not even the size of what was signed. */
  compareSize(entry: StatementEntry): void {
    proveFile(entry, { digest: entry.digest, size: this.#file.size }, this.#path);
  }

  /** Size and digest, which must be those that were signed. Throws `signature-invalid`, `io-failed`, `interrupted`. */
  async prove(entry: StatementEntry): Promise<FileFacts> {
    this.#isTold = true;
    try {
      // It may be done: then no more is to come.
      if (this.#untold !== undefined) this.#session.options.onProgress?.(this.#untold);
      const facts = await (this.#facts ?? this.#begin());
      proveFile(entry, facts, this.#path);
      return facts;
    } finally {
      await this.stop();
    }
  }

  /** Safe to call twice. */
  async stop(): Promise<void> {
    this.#given.abort();
    await this.#facts?.catch(() => undefined);
    await this.#file.close();
  }

  #begin(): Promise<FileFacts> {
    const { signal, onProgress } = this.#session.options;
    const stop = signal === undefined ? this.#given.signal : AbortSignal.any([signal, this.#given.signal]);
    const tell = (progress: ProgressEvent): void => {
      if (this.#isTold) onProgress?.(progress);
      else this.#untold = progress;
    };
    this.#facts = this.#session.pool().then((pool) => digestSource(this.#file, pool, { signal: stop, onProgress: tell }));
    this.#facts.catch(() => undefined);
    return this.#facts;
  }
}
