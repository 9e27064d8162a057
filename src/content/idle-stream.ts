type Stream = Partial<Pick<NodeJS.EventEmitter, 'on' | 'off' | 'listeners'>>;

/** A caller's stream may fail before the call gets to it, as one of a file that cannot be opened does: with no listener, that ends the process. Who uses the stream is told then. */
export function keepQuiet(stream: object | undefined): void {
  const { on, listeners } = (stream ?? {}) as Stream;
  if (on === undefined || listeners?.call(stream, 'error').includes(ignore) !== false) return;
  on.call(stream, 'error', ignore);
}

/** Somebody uses `stream` now, and listens. */
export function endQuiet(stream: object): void {
  (stream as Stream).off?.('error', ignore);
}

function ignore(): void {}
