import { fileURLToPath } from 'node:url';
import type { Digest } from '../../src/index.js';
import { run, type RunOptions, type RunResult } from '../helpers/run.js';

const main = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

/** Runs the built command line. */
export function imgkit(args: readonly string[], options?: RunOptions): Promise<RunResult> {
  return run(process.execPath, [main, ...args], options);
}

/** A digest of one repeated hexadecimal digit. */
export function digest(digit: string): Digest {
  return `sha256:${digit.repeat(64)}`;
}

/** The columns of the longest line. */
export function widest(lines: readonly string[]): number {
  return Math.max(...lines.flatMap((line) => line.split('\n')).map((line) => [...line].length));
}
