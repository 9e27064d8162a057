import type { Output } from './context.js';
import { escapeLines } from './render/escape.js';

/** Few enough for the processor's cache. */
const AT_ONCE = 500;

/** Writes lines as they are made: a listing may be longer than what should be held at once. What could move a cursor is escaped here. */
export function writeLines(out: Output, lines: Iterable<string>): void {
  let batch: string[] = [];
  const flush = (): void => {
    if (batch.length > 0) out.write(escapeLines(batch));
    batch = [];
  };
  for (const line of lines) {
    if (batch.push(line) === AT_ONCE) flush();
  }
  flush();
}
