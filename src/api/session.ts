import { stat } from 'node:fs/promises';
import type { ByteSource } from '../content/byte-source.js';
import { beginWork } from '../content/begin-work.js';
import type { BlobPool } from '../content/worker-pool.js';
import { openSource, readLocation, type OpenedSource } from '../../formats/locations/open-source.js';
import type { OpenSourceOptions } from '../../formats/locations/open-source-options.js';
import type { Location } from '../image/location.js';
import { resolveLimits, type Limits } from '../limits.js';
import { WORTH_A_THREAD } from '../operations/trust/digest-source.js';
import { beginCall, type OwnShape } from './begin-call.js';
import { filePath } from './file-path.js';
import type { CommonOptions } from './options.js';

/** What one facade call holds open: the worker pool and its sources. Closed when the call ends, whatever happens. */
export class Session {
  readonly limits: Limits;
  readonly options: CommonOptions;
  readonly #opened: OpenedSource[] = [];
  readonly #held: ByteSource[] = [];
  #pool: Promise<BlobPool> | undefined;

  private constructor(options: CommonOptions) {
    this.options = options;
    this.limits = resolveLimits(options.limits);
  }

  /** {@link run} for a call of the facade: throws as {@link beginCall}, of which `own` is. */
  static async call<T, O extends CommonOptions>(options: O, own: OwnShape<O>, work: (session: Session) => Promise<T>): Promise<T> {
    beginCall(options, own);
    return Session.run(options, work);
  }

  /** Runs `work` in a session of its own. Throws `interrupted` where that was asked for before it began. */
  static async run<T>(options: CommonOptions, work: (session: Session) => Promise<T>): Promise<T> {
    const session = new Session(options);
    beginWork(options.signal);
    try {
      return await work(session);
    } finally {
      // The workers first: they read the files of the sources.
      await (await session.#pool)?.close();
      for (const { source } of session.#opened) await source.close();
      for (const file of session.#held) await file.close();
    }
  }

  /** The worker pool, loaded and made when first asked for: calls that read no blobs start without it. */
  pool(): Promise<BlobPool> {
    this.#pool ??= import('../operations/open-pool.js').then(({ openPool }) => openPool());
    return this.#pool;
  }

  /** The local file at `location` is about to be read whole: the workers that pay for one of its size start now, beside what else is to be loaded. */
  async expectWhole(location: Location): Promise<void> {
    const path = await filePath(location);
    const size = path === undefined ? 0 : await stat(path).then((info) => info.size, () => 0);
    if (size < WORTH_A_THREAD) return;
    // Who asks for the pool hears why there is none.
    this.pool().then((pool) => pool.expect([size / 2, size / 2]), () => undefined);
  }

  /** Keeps `file` open until the session ends. */
  hold(file: ByteSource): void {
    this.#held.push(file);
  }

  /** Opens a location, as text or parsed; the session closes it. */
  async open(location: string | Location, { referrers, prove, proveChunks, stdin: input }: Pick<OpenSourceOptions, 'referrers' | 'prove' | 'proveChunks' | 'stdin'> = {}): Promise<OpenedSource> {
    const { signal, onProgress, storeFolder, stdin, network, decryption } = this.options;
    const opened = await openSource(typeof location === 'string' ? readLocation(location) : location, { limits: this.limits, signal, onProgress, storeFolder, stdin: input ?? stdin, network, referrers, decryption, prove, proveChunks });
    this.#opened.push(opened);
    return opened;
  }
}
