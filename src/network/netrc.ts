/** One `machine` of a netrc file; `host` is undefined for `default`. */
export interface NetrcEntry {
  readonly host: string | undefined;
  readonly login?: string;
  readonly password?: string;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * The entries of a netrc file as curl reads it: words in any layout, values in double quotes with `\"`, `\\`, `\n`, `\r` and
 * `\t`, lines that begin with `#`, `macdef` up to an empty line. Unknown words are skipped; it never throws.
 */
export function parseNetrc(text: string): readonly NetrcEntry[] {
  const words = wordsOf(text);
  const entries: { host: string | undefined; login?: string; password?: string }[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === 'default') {
      entries.push({ host: undefined });
      continue;
    }
    const value = words[at + 1];
    if (value === undefined || !/^(?:machine|login|password|account)$/.test(word ?? '')) continue;
    at += 1;
    const entry = entries.at(-1);
    if (word === 'machine') entries.push({ host: value.toLowerCase() });
    else if (word === 'login' && entry !== undefined) entry.login = value;
    else if (word === 'password' && entry !== undefined) entry.password = value;
  }
  return entries;
}

/** The first entry with a password for exactly this host, and this user if one is named; else that of `default`. */
export function findNetrcEntry(entries: readonly NetrcEntry[], host: string, user: string | undefined): (NetrcEntry & { readonly password: string }) | undefined {
  const wanted = host.toLowerCase();
  const fits = (entry: NetrcEntry): entry is NetrcEntry & { readonly password: string } => entry.password !== undefined && (user === undefined || entry.login === undefined || entry.login === user);
  const ofHost = entries.filter((entry) => entry.host === wanted);
  // A host with entries of its own, all of other users, does not fall back to `default`.
  return ofHost.length > 0 ? ofHost.find(fits) : entries.filter((entry) => entry.host === undefined).find(fits);
}

function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  let macro = false;
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    if (line.trim() === '') macro = false;
    if (macro || /^\s*#/.test(line)) continue;
    for (const [, quoted, plain] of line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)) {
      if (plain === 'macdef') {
        macro = true;
        break;
      }
      words.push(plain ?? (quoted ?? '').replaceAll(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter));
    }
  }
  return words;
}
