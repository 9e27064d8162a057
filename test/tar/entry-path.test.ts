import test from 'ava';
import * as fc from 'fast-check';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { normalisePath } from '../../src/tar/entry-path.js';
import { pathText } from './entry-fields.js';

const place = { file: 'x.tar', offset: 0 };
const normal = (name: string, mode: 'archive' | 'layer' = 'layer'): string => normalisePath(name, mode, DEFAULT_LIMITS, place);

for (const [name, path] of Object.entries({
  a: 'a', 'a/': 'a', './a': 'a', '././a//b/./c/': 'a/b/c', './': '', '.': '', '/': '', '/etc//passwd': 'etc/passwd', 'a//': 'a',
  '...': '...', 'a/..b': 'a/..b', '.wh.a': '.wh.a', 'd/.wh..wh..opq': 'd/.wh..wh..opq', 'x.wh.': 'x.wh.',
})) {
  test(`${name} is ${path || 'the root folder'}`, (t) => t.is(normal(name), path));
}

test('a normal path stays, and normalising twice changes nothing', (t) => {
  fc.assert(fc.property(pathText, (path) => normal(path) === path && normal(`.//${path}/`) === path));
  t.pass();
});

test('what is accepted has no empty, "." or ".." part, whatever comes in', (t) => {
  fc.assert(fc.property(fc.stringMatching(/^[./awh\0]{0,12}$/), fc.constantFrom('archive' as const, 'layer' as const), (name, mode) => {
    try {
      const path = normal(name, mode);
      return path === '' || path.split('/').every((part) => !['', '.', '..'].includes(part) && !part.includes('\0'));
    } catch (error) {
      return (error as { code?: string }).code === 'tar-malformed';
    }
  }), { numRuns: 3000 });
  t.pass();
});

test('limits count bytes and parts', (t) => {
  const limits = { ...DEFAULT_LIMITS, pathBytes: 6, pathDepth: 2 };
  t.is(normalisePath('\u00e9\u00e9\u00e9', 'layer', limits, place), '\u00e9\u00e9\u00e9');
  t.throws(() => normalisePath('\u00e9\u00e9\u00e9a', 'layer', limits, place), { code: 'limit-exceeded' } as object);
  t.is(normalisePath('a/b/', 'layer', limits, place), 'a/b');
  for (const deep of ['a/b/c', '.a/.b/.c', './/a/./b/.c']) t.throws(() => normalisePath(deep, 'layer', { ...limits, pathBytes: 99 }, place), { code: 'limit-exceeded' } as object, deep);
});
