/**
 * Whether `principal` is meant by `patterns`, a list with commas as in OpenSSH's ssh_config(5), PATTERNS: `*` and `?` stand
 * for anything, and a pattern with `!` before it excludes what it matches, wherever it stands. Time grows with the product
 * of the lengths at most, whatever the patterns.
 */
export function matchesPrincipals(principal: string, patterns: string): boolean {
  if (principal === '') return false;
  let found = false;
  for (const pattern of patterns.split(',')) {
    const negated = pattern.startsWith('!');
    if (!matches(principal, negated ? pattern.slice(1) : pattern)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

function matches(text: string, pattern: string): boolean {
  let [at, next] = [0, 0];
  // Where to go on when it does not fit: let the last star take one character more.
  let [star, taken] = [-1, 0];
  while (at < text.length) {
    const want = pattern[next];
    if (want === '*') {
      [star, taken] = [next, at];
      next += 1;
    } else if (want === '?' || want === text[at]) {
      at += 1;
      next += 1;
    } else if (star !== -1) {
      taken += 1;
      [at, next] = [taken, star + 1];
    } else return false;
  }
  return /^\**$/.test(pattern.slice(next));
}
