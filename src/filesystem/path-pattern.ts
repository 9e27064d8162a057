import { ImgkitError } from '../errors.js';

/**
 * A test for paths against glob patterns: `*` and `?` within a name, `[a-z]` and `[!a-z]`, `**` across folders, and `\` before a
 * symbol that stands for itself, as a shell has it. A pattern with a `/` counts from the root; one without is a name at any depth.
 * Throws `usage` for a pattern that matches nothing.
 */
export function pathMatcher(patterns: readonly string[]): (path: string) => boolean {
  const tests = patterns.map(compile);
  return (path) => tests.some((test) => test.test(path));
}

function compile(pattern: string): RegExp {
  const trimmed = pattern.replace(/^\.?\/+/, '').replace(/\/+$/, '');
  if (trimmed === '' || trimmed.split('/').some((part) => part === '..' || part === '.')) {
    throw new ImgkitError('usage', `${JSON.stringify(pattern)} is no pattern for paths; write a name such as *.log, or a path from the root such as var/cache/**.`, { found: pattern });
  }
  const anywhere = !pattern.replace(/\/+$/, '').includes('/');
  return new RegExp(`^${anywhere ? '(?:.*/)?' : ''}${source(trimmed)}$`, 's');
}

function source(pattern: string): string {
  let done = '';
  for (let at = 0; at < pattern.length; at++) {
    const symbol = pattern.charAt(at);
    const set = symbol === '[' ? /^\[([!^]?)(\]?(?:\\.|[^\]\\])*)\]/s.exec(pattern.slice(at)) : null;
    if (pattern.startsWith('**/', at)) {
      done += '(?:.*/)?';
      at += 2;
    } else if (pattern.startsWith('**', at)) {
      done += '.*';
      at += 1;
    } else if (symbol === '\\' && at + 1 < pattern.length) {
      at += 1;
      done += literal(pattern.charAt(at));
    } else if (symbol === '*') done += '[^/]*';
    else if (symbol === '?') done += '[^/]';
    else if (set !== null) {
      done += `(?!/)[${set[1] === '' ? '' : '^'}${(set[2] as string).replace(/\\(.)|\]|\^/gs, (found, escaped = found) => escaped.replace(/[\\\]^-]/, '\\$&'))}]`;
      at += set[0].length - 1;
    } else done += literal(symbol);
  }
  return done;
}

function literal(symbol: string): string {
  return symbol.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}
