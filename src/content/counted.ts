/** `1 layer`, `2 layers`: a count as people say it. `plural` where it is not the word with an `s`. */
export function counted(count: number, word: string, plural = `${word}s`): string {
  return `${count} ${count === 1 ? word : plural}`;
}
