/** One step of a long job, in bytes. Emitted often; receivers throttle. */
export interface ProgressEvent {
  /** What is being done: `read`, `write`, `verify`, `compress`, `upload`... */
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
