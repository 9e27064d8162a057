import type { Random } from './fuzz-mutations.js';

/** Changes one input; `others` are the target's seeds, to take pieces from. */
export type Change = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

/** One parser under test. It may return, or throw an ImgkitError; anything else is a bug. */
export interface FuzzTarget {
  readonly name: string;
  /** Inputs that are right, and are mutated. */
  readonly seeds: readonly Buffer[];
  /** Changes that know the format; each case takes one to three of these. */
  readonly changes: readonly Change[];
  /** Cases that it gets for each of another target, where one takes long by design. Default: 1. */
  readonly share?: number | undefined;
  run(bytes: Buffer): unknown;
}

/** A target for a parser of text. */
export function textTarget(name: string, seeds: readonly string[], changes: readonly Change[], run: (text: string) => unknown): FuzzTarget {
  return { name, seeds: seeds.map((seed) => Buffer.from(seed)), changes, run: (bytes) => run(bytes.toString('utf8')) };
}

/** The bytes as a stream of small pieces. */
export async function* pieces(bytes: Buffer, size = 1000): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Reads a stream to its end, and forgets it. */
export async function drain(chunks: AsyncIterable<unknown>): Promise<void> {
  // oxlint-disable-next-line no-empty, no-unused-vars
  for await (const _ of chunks);
}
