/** The names that one layer gives, for whoever lays layers over each other; goes from thread to thread. `filesystem` makes and reads it. */
export interface LayerNames {
  /** Of the hashes. */
  readonly seed: number;
  /** Two for each name, as in a `NameTable`. */
  readonly pairs: Uint32Array<ArrayBuffer>;
  /** Folders that names lie in, and that had no entry before those; the first thousand. */
  readonly implied: readonly string[];
  /** Folders that it gives after a whiteout for them; the first thousand. */
  readonly again: readonly string[];
}
