import type { Location } from '../image/location.js';
import type { StatementEntry } from '../crypto/sign/statement.js';
import type { FileFacts } from '../operations/trust/digest-file.js';
import { digestSource, WORTH_A_THREAD } from '../operations/trust/digest-source.js';
import { proveFile } from '../operations/trust/prove-file.js';
import type { ProgressEvent } from '../progress.js';
import { PinnedFile } from './pinned-file.js';
import type { Session } from './session.js';

/**
 * The digest of a local file that somebody may have signed. Of a large one it is begun at once, beside the loading of what checks signatures
 * and the reading of who signed: if nobody did, it is given up, and was never told of. It ends with the session at the latest.
 */
export class Hashing {
  /** Which file it is: who reads that through another handle compares it with this. */
  readonly pinned: PinnedFile;
  readonly #session: Session;
  readonly #given = new AbortController();
  #isTold = false;
  /** How far it was when nobody was told. */
  #untold: ProgressEvent | undefined;
  #facts: Promise<FileFacts> | undefined;

  constructor(session: Session, pinned: PinnedFile) {
    this.pinned = pinned;
    this.#session = session;
    if (!this.isSmall) this.#begin();
  }

  /** Of the file at `location`; undefined for what is no local file. Throws as {@link PinnedFile.open}. */
  static async of(session: Session, location: Location): Promise<Hashing | undefined> {
    const pinned = await PinnedFile.open(session, location);
    return pinned && new Hashing(session, pinned);
  }

  /** Not worth a thread: it is hashed when somebody is known to have signed it. */
  get isSmall(): boolean {
    return this.pinned.file.size < WORTH_A_THREAD;
  }

  /** Throws `signature-invalid` where the file has not even the size of what was signed. */
  compareSize(entry: StatementEntry): void {
    const { size, name } = this.pinned.file;
    proveFile(entry, { digest: entry.digest, size }, name);
  }

  /** Size and digest, which must be those that were signed. Throws `signature-invalid`, `io-failed`, `interrupted`. */
  async prove(entry: StatementEntry): Promise<FileFacts> {
    this.#isTold = true;
    // It may be done: then no more is to come.
    if (this.#untold !== undefined) this.#session.options.onProgress?.(this.#untold);
    const facts = await (this.#facts ?? this.#begin());
    proveFile(entry, facts, this.pinned.file.name);
    return facts;
  }

  /** Nobody wants to know any longer. Resolves when the file is no longer read. */
  async stop(): Promise<void> {
    this.#given.abort();
    await this.#facts?.catch(() => undefined);
  }

  #begin(): Promise<FileFacts> {
    const { signal, onProgress } = this.#session.options;
    const stop = signal === undefined ? this.#given.signal : AbortSignal.any([signal, this.#given.signal]);
    const tell = (progress: ProgressEvent): void => {
      if (this.#isTold) onProgress?.(progress);
      else this.#untold = progress;
    };
    this.#facts = this.#session.pool().then((pool) => digestSource(this.pinned.file, pool, { signal: stop, onProgress: tell }));
    this.#facts.catch(() => undefined);
    return this.#facts;
  }
}
