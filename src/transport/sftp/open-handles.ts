import type { SftpSession } from './sftp-session.js';

/** How many files that nobody reads at the moment stay open. */
const KEPT = 8;

interface Entry {
  readonly version: string;
  readonly handle: Promise<Buffer>;
  users: number;
}

/**
 * Files that are open for reading. Who reads an index in the middle of an archive piece by piece should not open it for each piece:
 * a file that is read as a certain version stays open for a while.
 */
export class OpenHandles {
  /** By path; the least recently used first. */
  readonly #entries = new Map<string, Entry>();

  readonly #session: SftpSession;

  constructor(session: SftpSession) {
    this.#session = session;
  }

  /** The open file, opened now if need be, and how to give it back. */
  async acquire(path: string, version: string | undefined, signal?: AbortSignal): Promise<{ readonly handle: Buffer; readonly release: () => void }> {
    if (version === undefined) {
      const handle = await this.#open(path, signal);
      return { handle, release: () => this.#close(handle) };
    }
    let entry = this.#entries.get(path);
    if (entry?.version !== version) {
      this.drop(path);
      // Shared, so one reader's signal must not stop it for the others.
      entry = { version, handle: this.#open(path), users: 0 };
      entry.handle.catch(() => this.drop(path));
    }
    const used = entry;
    this.#entries.delete(path);
    this.#entries.set(path, used);
    used.users += 1;
    const release = (): void => {
      used.users -= 1;
      if (this.#entries.get(path) !== used && used.users === 0) void used.handle.then((handle) => this.#close(handle), () => undefined);
      this.#shrink();
    };
    try {
      return { handle: await used.handle, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Forgets a file that is another one by now; it is closed when its last reader is done. */
  drop(path: string): void {
    const entry = this.#entries.get(path);
    this.#entries.delete(path);
    if (entry?.users === 0) void entry.handle.then((handle) => this.#close(handle), () => undefined);
  }

  #shrink(): void {
    for (const [path, { users }] of this.#entries) {
      if (this.#entries.size <= KEPT) return;
      if (users === 0) this.drop(path);
    }
  }

  async #open(path: string, signal?: AbortSignal): Promise<Buffer> {
    let late = false;
    try {
      return await this.#session.call<Buffer>((sftp, done) => sftp.open(path, 'r', (error, handle) => {
        // Stopped meanwhile: nobody would close it.
        if (late && handle !== undefined) this.#close(handle);
        done(error, handle);
      }), signal);
    } catch (error) {
      late = true;
      throw error;
    }
  }

  #close(handle: Buffer): void {
    this.#session.call<void>((sftp, done) => sftp.close(handle, done)).catch(() => undefined);
  }
}
