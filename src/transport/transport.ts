import type { Digest } from '../content/digest.js';
import type { Given, Lent, LentChunk, MayLend } from '../content/lent-chunk.js';

/** What a server knows of a file. */
export interface RemoteStat {
  readonly kind: 'file' | 'folder' | 'other';
  /** Bytes; undefined when the server does not say (folders). */
  readonly size?: number | undefined;
  readonly modified?: Date | undefined;
  /** What changes when the content does: a strong ETag. Passed back as `ReadOptions.version`. */
  readonly version?: string | undefined;
}

/** One name in a remote folder: a plain name, never with `/`, `..`, or control characters. */
export interface RemoteEntry extends RemoteStat {
  readonly name: string;
}

/** What a server can do, found out by asking it, never assumed. */
export interface Abilities {
  /** Ranges can be read. */
  readonly readRange: boolean;
  /** A part file can be continued at its end. */
  readonly append: boolean;
  readonly list: boolean;
  /** `replace`: rename takes the place of a file in one step. `refuse`: it fails when the name is taken. `none`: no rename; files appear when complete. */
  readonly rename: 'replace' | 'refuse' | 'none';
  /** The server can compute a SHA-256 itself. */
  readonly hash: boolean;
  /** `after-close`: a cut upload leaves the bytes that arrived; `never`: it leaves nothing, so nothing can be resumed. */
  readonly partial: 'after-close' | 'never';
}

export interface RemoteOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface AbilitiesOptions extends RemoteOptions {
  /** Default `write`. Who reads asks for nothing else, for some servers and firewalls shut out who does: what only writers need counts as absent. */
  readonly purpose?: 'read' | 'write' | undefined;
}

export interface ReadOptions extends RemoteOptions, MayLend {
  /** Default 0. */
  readonly offset?: number | undefined;
  /** Default: to the end. */
  readonly length?: number | undefined;
  /** From `stat`: the read fails (`network-failed`) when the file is another one by now. */
  readonly version?: string | undefined;
}

export interface WriteOptions extends RemoteOptions, MayLend {
  /** Continue here: must be the present size of the file (`append` abilities only). Default 0: start anew, whatever was there. */
  readonly offset?: number | undefined;
  /** Size of the whole file when done, where it is known (HTTP needs it for Content-Length). */
  readonly size?: number | undefined;
  /** Bytes of the whole file that have been handed to the server so far. */
  readonly onSent?: ((total: number) => void) | undefined;
}

/**
 * Bytes to and from one host: one connection or session, one user. Every path is absolute at the server, percent-decoded.
 * A path with CR, LF or NUL is refused before it is sent. What the server sends is checked: names, sizes, states.
 * Throws `network-unreachable`, `network-failed`, `network-timeout`, `login-failed`, `remote-refused`, `remote-full`,
 * `host-untrusted`, `file-not-found` (a remote file), `interrupted`; `message` names host and path, never a secret or a query.
 * All sources are read sequentially by their own consumer; operations may overlap unless the implementation serialises them.
 */
export interface Transport {
  /** `sftp://user@host:port`, for people: no password, no query. */
  readonly origin: string;
  /** Connects if need be and asks what the server can do; `path` is a folder or file of interest. */
  abilities(path: string, options?: AbilitiesOptions): Promise<Abilities>;
  /** Undefined when there is no such file or folder. */
  stat(path: string, options?: RemoteOptions): Promise<RemoteStat | undefined>;
  /** The folder's entries, in the server's order; `.` and `..` left out; at most `REMOTE_LIMITS.entries`. Throws `location-unsupported` where it cannot list. */
  list(path: string, options?: RemoteOptions): Promise<readonly RemoteEntry[]>;
  /** The bytes, exactly those asked for: fewer, or a cut, is `network-failed`. Ending the iteration early closes the transfer. */
  read(path: string, options?: ReadOptions & Given): AsyncIterable<Uint8Array>;
  read(path: string, options?: ReadOptions): AsyncIterable<LentChunk>;
  /** Writes `path` itself (callers pass the temporary name). Resolves when the server confirmed it and its size is what was sent. */
  readonly write: {
    (path: string, chunks: AsyncIterable<Uint8Array>, options?: WriteOptions & Given): Promise<void>;
    (path: string, chunks: AsyncIterable<LentChunk>, options: WriteOptions & Lent): Promise<void>;
  };
  /** The SHA-256 that the server computes over `path` in its storage; undefined where it cannot. */
  hash(path: string, options?: RemoteOptions): Promise<Digest | undefined>;
  /** Gives `from` the name `to` in one step. With `replace: false` a taken name is refused (`remote-refused`), as surely as the server can. */
  rename(from: string, to: string, options?: RemoteOptions & { readonly replace?: boolean | undefined }): Promise<void>;
  /** No error when it is not there. */
  remove(path: string, options?: RemoteOptions): Promise<void>;
  /** Makes the folder and its parents where absent; throws `location-unsupported` where the server has no folders. */
  makeFolder(path: string, options?: RemoteOptions): Promise<void>;
  /** Ends connections; safe at any time. */
  close(): Promise<void>;
}
