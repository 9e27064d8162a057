/** One challenge of a WWW-Authenticate header (RFC 9110, 11.6.1). */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case; quoted strings unquoted. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const SPACE = /[ \t]*/y;
const BLANKS_AND_COMMAS = /[ \t,]*/y;
/** `Bearer abc==`: a form without parameters, which no registry needs. */
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
/** Longer headers are not read further: nothing useful is that long. */
const LONGEST = 8192;

/**
 * The challenges of a header value, in order. Several may stand in one value, separated by the same commas as their parameters.
 * What is not by the grammar ends the reading; what was read before it counts. Never throws.
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const text = header.slice(0, LONGEST);
  const challenges: Challenge[] = [];
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  };
  let parameters: Map<string, string> | undefined;
  for (take(BLANKS_AND_COMMAS); at < text.length; take(BLANKS_AND_COMMAS)) {
    const word = take(TOKEN);
    if (word === '') break;
    const spaces = take(SPACE);
    if (text[at] !== '=' || parameters === undefined) {
      // A name with no value after it starts the next challenge.
      if (text[at] !== undefined && text[at] !== ',' && spaces === '') break;
      parameters = new Map();
      challenges.push({ scheme: word.toLowerCase(), parameters });
      if (text[at] === ',') continue;
      const before = at;
      if (take(TOKEN68) !== '' && !text.slice(before, at).includes('=')) {
        // Without a "=" it was the name of another challenge or nothing: read it again as such.
        at = before;
      }
      continue;
    }
    at += 1;
    take(SPACE);
    const value = text[at] === '"' ? quotedString() : take(TOKEN);
    if (value === undefined) break;
    if (!parameters.has(word.toLowerCase())) parameters.set(word.toLowerCase(), value);
  }
  return challenges;

  function quotedString(): string | undefined {
    let value = '';
    for (at += 1; at < text.length; at += 1) {
      const letter = text[at] as string;
      if (letter === '"') {
        at += 1;
        return value;
      }
      if (letter === '\\') at += 1;
      value += text[at] ?? '';
    }
    return undefined;
  }
}
