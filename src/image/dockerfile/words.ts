/**
 * Splits at white space outside quotes, as Docker's parser does (buildkit, `parseWords`): quotes and backslashes stay in the
 * words, for {@link expandWord} to take away. An empty pair of quotes is a word.
 */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const symbol = text.charAt(at);
    if (quote === '' && /\s/.test(symbol)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    if (symbol === '\\' && quote !== "'") {
      // One at the very end escapes nothing and is dropped.
      if (at + 1 < text.length) word = `${word ?? ''}\\${text.charAt(++at)}`;
      continue;
    }
    if (quote === '' && (symbol === '"' || symbol === "'")) quote = symbol;
    else if (symbol === quote) quote = '';
    word = (word ?? '') + symbol;
  }
  if (word !== undefined) words.push(word);
  return words;
}
