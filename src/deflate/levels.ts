/** How matches are looked for. */
export interface Search {
  /** Candidates that are compared at each position; 0: one, of a smaller table, and fewer positions are remembered. */
  readonly depth: number;
  /** A match of so many bytes is long enough. */
  readonly nice: number;
  /** Whether a match waits for what the next position has. */
  readonly lazy: boolean;
}

/** 4: as small as what skopeo writes, in the least time. */
export const DEFAULT_LEVEL = 4;
export const FAST_LEVEL = 1;

/** For the levels 1 to 9: each writes what zlib's does, give or take about a hundredth, or less. */
const SEARCHES: readonly Search[] = [
  { depth: 0, nice: 258, lazy: false },
  { depth: 2, nice: 16, lazy: false },
  { depth: 2, nice: 16, lazy: true },
  { depth: 3, nice: 24, lazy: true },
  { depth: 10, nice: 32, lazy: true },
  { depth: 16, nice: 64, lazy: true },
  { depth: 32, nice: 130, lazy: true },
  { depth: 100, nice: 258, lazy: true },
  { depth: 600, nice: 258, lazy: true },
];

/** The search of a level from 1 to 9; throws `RangeError` for another. */
export function searchOf(level: number): Search {
  const search = SEARCHES[level - 1];
  if (search === undefined) throw new RangeError(`there is no level ${level} of deflate`);
  return search;
}
