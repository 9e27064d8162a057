import type { Output } from './context.js';

const AT_ONCE = 5000;

/** Writes lines as they are made: a listing may be longer than what should be held at once. */
export function writeLines(out: Output, lines: Iterable<string>): void {
  let batch: string[] = [];
  const flush = (): void => {
    if (batch.length > 0) out.write(`${batch.join('\n')}\n`);
    batch = [];
  };
  for (const line of lines) {
    if (batch.push(line) === AT_ONCE) flush();
  }
  flush();
}
