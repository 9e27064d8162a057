import type { OpenSourceOptions } from '../../formats/locations/open-source-options.js';
import type { ByteSource } from '../content/byte-source.js';
import { openFileSource } from '../content/file-source.js';
import { noteVersion, requireVersion, versionOf, type FileVersion } from '../content/note-version.js';
import type { Location } from '../image/location.js';
import { filePath } from './file-path.js';
import type { Session } from './session.js';

/** Holds that all handles of one path, each for another look at it, have the same file before them: its name may get another one in between. */
export class PinnedFile {
  /** Open until the session ends. */
  readonly file: ByteSource;
  readonly #version: FileVersion;

  private constructor(file: ByteSource, version: FileVersion) {
    this.file = file;
    this.#version = version;
  }

  /**
   * Notes the file at `location`; undefined for what is no local file. It stays open until the session ends: FAT and FUSE may number a file
   * anew that nobody has open. Throws as `openFileSource`.
   */
  static async open(session: Session, location: Location): Promise<PinnedFile | undefined> {
    const path = await filePath(location);
    if (path === undefined) return undefined;
    const file = await openFileSource(path);
    session.hold(file);
    const version = await versionOf(file);
    return version && new PinnedFile(file, version);
  }

  /** Throws `io-failed` for a handle of another file, or when somebody wrote to it since. */
  async compare(file: ByteSource): Promise<void> {
    await requireVersion(file, this.#version);
  }

  /** For who opens the archive in it: {@link compare} before anything is read. `whole` is awaited before what is compressed or encrypted as a whole is read. */
  prove(whole: Promise<void> = Promise.resolve()): NonNullable<OpenSourceOptions['prove']> {
    return async (file) => {
      await this.compare(file);
      return { whole, unchanged: await noteVersion(file) };
    };
  }

  /** Throws `io-failed` when somebody wrote to it since: call it after the last read, through whatever handle. */
  unchanged(): Promise<void> {
    return this.compare(this.file);
  }
}
