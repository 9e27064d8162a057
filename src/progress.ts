/**
 * One step of a long job, in bytes. Emitted often; receivers throttle. With `done` 0 it announces what is to come, so that
 * a receiver knows the total before the work begins. `done` is never above `total`, and grows up to it, unless the work ends early;
 * it begins again where a layer is read a second time, or a transfer tried again.
 */
export interface ProgressEvent {
  /** What is being done: `read`, `write`, `copy`, `verify`, `digest`, `hash`, `compress`, `encrypt`, `decrypt`, `spool`, `send`, `fetch`, `read back`, `upload`, `download`. */
  readonly phase: string;
  /** The blob or file it is done to, shortened for people. */
  readonly item: string;
  /** Bytes done of this item. */
  readonly done: number;
  /** Bytes of this item in all, when known. */
  readonly total?: number | undefined;
}

/** Called with each {@link ProgressEvent}; must be quick and must not throw. */
export type ProgressListener = (event: ProgressEvent) => void;

/** What every operation that can take long accepts. */
export interface WorkOptions {
  /** Stops the work; it then rejects with code `interrupted` and leaves nothing behind. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** Announces items of one phase: what they are called, and their sizes. */
export function announce(onProgress: ProgressListener | undefined, phase: string, items: Iterable<readonly [item: string, total: number]>): void {
  if (onProgress === undefined) return;
  for (const [item, total] of items) onProgress({ phase, item, done: 0, total });
}
