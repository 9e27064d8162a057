/** What stands for the end of a call, or for a redirection, among the words of a line. */
type Token = { readonly word: string } | { readonly operator: string };

/**
 * The calls of `imgkit` in shell text, each as the words after the name: also behind a pipe, `ssh HOST` or an assignment, and
 * within `$(...)`. Enough of the shell for documents: quotes, escapes, comments, lines that go on, redirections. Variables stay as they are.
 */
export function imgkitCalls(text: string): readonly (readonly string[])[] {
  const inner = [...text.matchAll(/[$<]\((imgkit [^()]*)\)/g)].flatMap(([, call = '']) => imgkitCalls(call));
  return [...inner, ...commandsOf(tokensOf(text.replaceAll(/[$<]\([^()]*\)/g, 'substituted'))).flatMap((words) => (words.includes('imgkit') ? [words.slice(words.indexOf('imgkit') + 1)] : []))];
}

function commandsOf(tokens: readonly Token[]): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  for (const [i, token] of tokens.entries()) {
    const before = tokens[i - 1];
    if ('operator' in token) {
      if (!isRedirection(token)) commands.push([]);
    } else if (before === undefined || !isRedirection(before)) commands.at(-1)?.push(token.word);
  }
  return commands;
}

function isRedirection(token: Token): boolean {
  return 'operator' in token && /^\d?[<>]/.test(token.operator);
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const pattern = /\\\n|[ \t]+|#[^\n]*|(\n|&&|\|\||\d?>>|\d?[<>]|[|&;()])|((?:'[^']*'|"(?:\\.|[^"\\])*"|\\[^\n]|[^\s'"\\|&;()<>])+)/gs;
  for (const [, operator, word] of text.matchAll(pattern)) {
    if (operator !== undefined) tokens.push({ operator });
    else if (word !== undefined) tokens.push({ word: unquoted(word) });
  }
  return tokens;
}

function unquoted(word: string): string {
  return word.replaceAll(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/gs, (_, single?: string, double?: string, escaped?: string) => single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? escaped ?? '');
}
