import test from 'ava';
import { pathMatcher } from '../../src/filesystem/path-pattern.js';

const CASES: readonly (readonly [pattern: string, matched: readonly string[], others: readonly string[]])[] = [
  ['*.log', ['a.log', 'var/x/b.log', '.log'], ['a.logs', 'a.log/x']],
  ['.git', ['.git', 'a/.git'], ['agit', '.gitx']],
  ['/etc/hosts', ['etc/hosts'], ['a/etc/hosts']],
  ['./etc', ['etc'], ['a/etc']],
  ['var/*/x', ['var/a/x'], ['var/x', 'var/a/b/x']],
  ['var/**', ['var/a', 'var/a/b'], ['var', 'a/var/b']],
  ['**/tmp', ['tmp', 'a/b/tmp'], ['atmp']],
  ['a?c', ['abc', 'x/a.c'], ['a/c', 'ac']],
  ['[!a-c]x', ['dx'], ['ax', '/x']],
  ['a[]x]b', ['a]b', 'axb'], ['ab']],
  ['\\*.log', ['*.log', 'a/*.log'], ['a.log', '\\*.log']],
  ['a\\?\\[b\\]\\\\', ['a?[b]\\'], ['axb', 'a?[b]']],
  ['etc/\\d\\', ['etc/d\\'], ['etc/5', 'etc/d']],
  ['[a\\]\\-\\d\\\\z]', ['a', ']', '-', 'd', '\\', 'z'], ['b', '5', '^']],
  ['[!\\]]', ['a', '\\'], [']']],
  ['a+(b).$', ['a+(b).$'], ['aab']],
];

for (const [pattern, matched, others] of CASES) {
  test(`exclude ${pattern}`, (t) => {
    const matches = pathMatcher([pattern]);
    t.deepEqual([...matched, ...others].filter(matches), [...matched]);
  });
}

test('patterns that can match nothing are refused', (t) => {
  for (const pattern of ['', '/', '../x', 'a/./b']) t.throws(() => pathMatcher([pattern]), { code: 'usage' });
});
