import type { Digest } from '../../content/digest.js';
import type { ErrorCode } from '../../errors.js';

interface About {
  /** RFC 3339. */
  readonly time: string;
}

interface Told {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What was taken over from an accepted file. */
export interface Accepted {
  /** Full references and manifest digests of the images that were loaded. */
  readonly images: readonly { readonly names: readonly string[]; readonly digest: Digest }[];
}

/** What a watcher tells, in the order in which it happens. */
export type WatchEvent = About & (
  | { readonly event: 'watching'; readonly url: string; readonly into: string }
  | { readonly event: 'found'; readonly name: string; readonly size?: number | undefined }
  | { readonly event: 'accepted'; readonly name: string; readonly url: string; readonly digest: Digest; readonly size: number; readonly checkedBy: string; readonly into: string; readonly path?: string | undefined; readonly images: Accepted['images'] }
  | { readonly event: 'known'; readonly name: string; readonly digest: Digest }
  | { readonly event: 'quarantined'; readonly name: string; readonly url: string; readonly path?: string | undefined; readonly reason?: string | undefined; readonly error: Told }
  | { readonly event: 'exec'; readonly name: string; readonly exit: number | string }
  /** Something here or on the way is wrong, not the file: it will be tried again. */
  | { readonly event: 'failed'; readonly name?: string | undefined; readonly error: Told; readonly retryInSeconds?: number | undefined }
  | { readonly event: 'stopped' }
);

export type BareWatchEvent = WatchEvent extends infer E ? (E extends WatchEvent ? Omit<E, 'time'> : never) : never;
