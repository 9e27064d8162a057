/** Text with structure, so that one source makes the help on a terminal and the man pages. */
export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'terms'; readonly terms: readonly Term[] }
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'heading'; readonly text: string };

/** A word and what it means. */
export type Term = readonly [word: string, meaning: string];

/** A page of `imgkit help NAME`. */
export interface Topic {
  readonly name: string;
  /** One line: what it teaches. */
  readonly summary: string;
  readonly blocks: readonly Block[];
}

export function text(paragraph: string): Block {
  return { kind: 'text', text: paragraph };
}

export function heading(line: string): Block {
  return { kind: 'heading', text: line };
}

export function terms(...list: readonly Term[]): Block {
  return { kind: 'terms', terms: list };
}

export function code(...lines: readonly string[]): Block {
  return { kind: 'code', lines };
}
