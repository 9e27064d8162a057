/** One item of two sequences set side by side. */
export type Aligned<T> =
  | { readonly kind: 'same'; readonly old: T; readonly new: T }
  | { readonly kind: 'deleted'; readonly old: T }
  | { readonly kind: 'added'; readonly new: T };

/** Beyond this many pairs, what follows the common start is taken as replaced. */
const MOST_PAIRS = 4_000_000;

/** The fewest deletions and additions that make `after` of `before`; items are equal when their keys are. Deletions come first. */
export function alignSequences<T>(before: readonly T[], after: readonly T[], key: (item: T) => string): readonly Aligned<T>[] {
  const [x, y] = [before.map(key), after.map(key)];
  const columns = y.length + 1;
  /** Length of the longest common sequence of what follows; empty where that is too much to know. */
  const common = x.length * y.length > MOST_PAIRS ? undefined : new Uint32Array((x.length + 1) * columns);
  if (common !== undefined) {
    for (let i = x.length - 1; i >= 0; i--) {
      for (let j = y.length - 1; j >= 0; j--) {
        common[i * columns + j] = x[i] === y[j] ? 1 + (common[(i + 1) * columns + j + 1] as number) : Math.max(common[(i + 1) * columns + j] as number, common[i * columns + j + 1] as number);
      }
    }
  }
  const at = (i: number, j: number): number => common?.[i * columns + j] ?? 0;
  const aligned: Aligned<T>[] = [];
  let [i, j] = [0, 0];
  while (i < x.length || j < y.length) {
    if (i < x.length && j < y.length && x[i] === y[j]) aligned.push({ kind: 'same', old: before[i++] as T, new: after[j++] as T });
    else if (j === y.length || (i < x.length && at(i + 1, j) >= at(i, j + 1))) aligned.push({ kind: 'deleted', old: before[i++] as T });
    else aligned.push({ kind: 'added', new: after[j++] as T });
  }
  return aligned;
}
