import { invalidChange } from './invalid-change.js';

/** The value of a variable; undefined when there is none. */
export type Lookup = (name: string) => string | undefined;

/**
 * Takes quotes and escapes out of a word and puts variables in, as Docker does (buildkit, `shell/lex.go`): `$NAME`, `${NAME}`,
 * `${NAME:-word}`, `${NAME:+word}`, `${NAME:?word}`; nothing inside single quotes. What is not set is empty.
 * Throws `usage` on an open quote or brace and on other modifiers.
 */
export function expandWord(word: string, lookup: Lookup): string {
  return new Expansion(word, lookup).until('');
}

class Expansion {
  readonly #text: string;
  readonly #lookup: Lookup;
  #at = 0;

  constructor(text: string, lookup: Lookup) {
    this.#text = text;
    this.#lookup = lookup;
  }

  /** Everything up to the symbol `stop`, which is taken too; empty means the end. */
  until(stop: string): string {
    let done = '';
    for (;;) {
      const symbol = this.#next();
      if (symbol === stop) return done;
      switch (symbol) {
        case '': throw this.#unfinished(`"${stop}" is missing`);
        case "'": done += this.#singleQuoted(); break;
        case '"': done += this.#doubleQuoted(); break;
        case '$': done += this.#variable(); break;
        case '\\': done += this.#next(); break;
        default: done += symbol;
      }
    }
  }

  #singleQuoted(): string {
    const end = this.#text.indexOf("'", this.#at);
    if (end === -1) throw this.#unfinished('a single quote is not closed');
    const inside = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return inside;
  }

  #doubleQuoted(): string {
    let done = '';
    for (;;) {
      const symbol = this.#next();
      switch (symbol) {
        case '': throw this.#unfinished('a double quote is not closed');
        case '"': return done;
        case '$': done += this.#variable(); break;
        case '\\': {
          const escaped = this.#next();
          done += escaped === '"' || escaped === '$' || escaped === '\\' ? escaped : `\\${escaped}`;
          break;
        }
        default: done += symbol;
      }
    }
  }

  #variable(): string {
    if (this.#text.charAt(this.#at) !== '{') {
      const name = this.#name();
      return name === '' ? '$' : (this.#lookup(name) ?? '');
    }
    this.#at++;
    const name = this.#name();
    if (name === '') throw this.#unfinished('"${" is not followed by a name');
    const value = this.#lookup(name) ?? '';
    const symbol = this.#next();
    if (symbol === '}') return value;
    if (symbol !== ':') throw this.#unfinished(symbol === '' ? '"}" is missing' : `"\${${name}${symbol}" is not a form that Docker knows`);
    const modifier = this.#next();
    const word = this.until('}');
    switch (modifier) {
      case '-': return value === '' ? word : value;
      case '+': return value === '' ? '' : word;
      case '?':
        if (value === '') throw this.#unfinished(`${name}: ${word || 'is not set'}`);
        return value;
      default: throw this.#unfinished(`"\${${name}:${modifier}" is not a form that Docker knows`);
    }
  }

  /** A name, the digits of a position, or one special parameter. */
  #name(): string {
    const found = /^(?:\d+|[@*#?!$-]|[\p{L}_][\p{L}\p{Nd}_]*)/u.exec(this.#text.slice(this.#at))?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #next(): string {
    const symbol = this.#text.charAt(this.#at);
    this.#at++;
    return symbol;
  }

  #unfinished(problem: string): Error {
    return invalidChange(this.#text, problem);
  }
}
