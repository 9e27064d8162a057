import test from 'ava';
import fc from 'fast-check';
import { LoneLayer } from '../../src/filesystem/lone-layer.js';
import { comparePaths } from '../../src/filesystem/path-order.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { TarScanner } from '../../src/tar/tar-scanner.js';
import { tarOf, type TarPart } from '../helpers/tar-entries.js';

interface Judged {
  readonly notes: readonly string[];
  readonly misplaced: string | undefined;
}

function judge(parts: readonly TarPart[]): Judged {
  const lone = new LoneLayer();
  const scanner = new TarScanner({ file: 'layer.tar', mode: 'layer', limits: DEFAULT_LIMITS, onEntry: (entry) => lone.add(entry) });
  scanner.push(tarOf(...parts));
  scanner.end();
  return { notes: lone.notes, misplaced: lone.misplaced && `${lone.misplaced.entry} ${lone.misplaced.problem}` };
}

/** Names in no order: no name that follows is known to be new. */
const DISORDER: readonly TarPart[] = [{ path: '~2', body: '' }, { path: '~1', body: '' }];

const name = fc.constantFrom('a', 'b', 'c', 'a-', 'a.b', 'ü', '.wh.a', '.wh.b', '.wh..wh..opq', '.x');
const part: fc.Arbitrary<TarPart> = fc
  .record({ names: fc.array(name, { minLength: 1, maxLength: 3 }), type: fc.constantFrom('file', 'file', 'directory', 'directory', 'symlink', 'hardlink', 'fifo'), target: fc.array(fc.constantFrom('a', 'b', 'c', 'a-'), { minLength: 1, maxLength: 2 }) })
  // A folder that is a whiteout is no name at all.
  .filter(({ names }) => names.slice(0, -1).every((each) => !each.startsWith('.wh.')))
  .map(({ names, type, target }) => (type.endsWith('link') ? { path: names.join('/'), type, linkPath: target.join('/') } : { path: names.join('/'), type, body: '' }) as TarPart);

test('a folder that is deleted after names in it is told of, and a name in it after that, whatever came between', (t) => {
  const [inside, whiteout, more]: readonly TarPart[] = [{ path: 'b/x', body: '' }, { path: '.wh.b', body: '' }, { path: 'b/y', body: '' }] as const;
  for (const between of [[], [{ path: 'c', body: '' }], [{ path: 'b/d/e', body: '' }], [{ path: 'b', type: 'directory' as const }]]) {
    for (const first of [[], DISORDER]) t.regex(judge([...first, inside as TarPart, ...between, whiteout as TarPart, more as TarPart]).notes.join('\n'), /^"\.wh\.b" deletes what the layer gave before[^\n]*$/);
  }
});

const folder = (path: string): TarPart => ({ path, type: 'directory' });
const link = (path: string, linkPath: string): TarPart => ({ path, type: 'symlink', linkPath });
const file = (path: string): TarPart => ({ path, body: '' });

const BELOW_LINKS: readonly (readonly [what: string, parts: readonly TarPart[], below: string | undefined])[] = [
  ['to nothing', [link('s', 'd'), file('s/f')], 's'],
  ['to what comes later', [link('s', 'd'), file('s/f'), folder('d')], 's'],
  ['to what is deleted', [{ path: '.wh.d', body: '' }, link('s', 'd'), file('s/f')], 's'],
  ['to a file', [file('d'), link('s', 'd'), folder('s/f')], 's'],
  ['in a circle', [link('a', 'b'), link('b', 'a'), file('b/f')], 'b'],
  ['to a folder by way of nothing', [folder('d'), link('s', 'no/../d'), file('s/f')], 's'],
  ['further down', [folder('d'), link('d/s', '../e'), file('d/s/f/g')], 'd/s'],
  ['to a folder, in it a file', [file('d/e'), link('s', 'd'), file('s/e/f')], 's'],
  ['to a folder', [folder('d'), link('s', 'd'), file('s/f/g')], undefined],
  ['to a folder that only names in it tell of', [file('d/e/f'), link('s', '/d//./e/'), file('s/g')], undefined],
  ['to the root folder, and above it', [link('s', '../..'), link('t', '/'), file('s/f'), file('t/g')], undefined],
  ['up, and to a folder there', [folder('d'), folder('e'), link('d/s', '../e'), file('d/s/f')], undefined],
  ['to a folder by its whole path', [folder('d'), folder('e'), link('d/s', '/e'), file('d/s/f')], undefined],
  ['to a link to a folder', [folder('d'), link('d/s', '.'), link('t', 'd/s/s/s'), file('t/f')], undefined],
  ['to a folder that a name below a link made', [folder('d'), link('s', 'd'), folder('s/e'), link('t', 'd/e'), file('t/f')], undefined],
  ['to a hard link to a link', [link('s', 'd'), { path: 't', type: 'hardlink', linkPath: 's' }, file('t/f')], undefined],
];
for (const [what, parts, below] of BELOW_LINKS) {
  test(`a name below a link ${what}: ${below === undefined ? 'well' : 'a note'}`, (t) => {
    const found = judge(parts);
    t.is(found.misplaced, undefined);
    t.is(found.notes.length, below === undefined ? 0 : 1, found.notes.join());
    if (below !== undefined) t.true(found.notes[0]?.includes(` lies below the link "${below}", which leads to no folder of the layer`));
  });
}

test('links without end are followed for a moment only', (t) => {
  const around = link('s', './'.repeat(2000));
  const names = Array.from({ length: 2000 }, (_, i) => file(`${'s/'.repeat(30)}${i}/f`));
  t.deepEqual(judge([around, ...names, link('t', 't'), file('t/f')]).notes, []);
});

test('links beyond what is kept are not judged', (t) => {
  const long = 'x'.repeat(60_000);
  const many = Array.from({ length: 300 }, (_, i) => link(`l${i}`, long));
  t.regex(judge([link('s', 'no'), ...many, file('s/f')]).notes.join(), /lies below the link "s"/);
  t.deepEqual(judge([...many, link('s', 'no'), file('s/f')]).notes, []);
  t.regex(judge([link('s', 'no'), ...many, link('s', 'l1'), file('s/f')]).notes.join('\n'), /^"s" stands in the layer twice[^\n]*$/);
});

test('a link that something else took the name of leads nowhere any more', (t) => {
  const { notes } = judge([link('s', 'no'), link('t', 'd'), { path: 's', type: 'hardlink', linkPath: 't' }, file('s/f')]);
  t.regex(notes.join('\n'), /^"s" stands in the layer twice[^\n]*$/);
});

test('an opaque marker may stand where the layer has a file or a whiteout, for it makes nothing there', (t) => {
  for (const path of ['d', '.wh.d']) t.deepEqual(judge([file(path), file('d/.wh..wh..opq')]), { notes: [], misplaced: undefined });
  t.regex(judge([file('d'), file('d/e/.wh..wh..opq')]).misplaced ?? '', /^d\/e\/.wh..wh..opq /);
  t.regex(judge([file('d/.wh..wh..opq'), file('.wh.d')]).notes.join(), /^"\.wh\.d" deletes what the layer gave before/);
});

test('what is wrong with a layer is told whether its names come in order, or the first of them, or none', (t) => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), fc.nat(12), fc.boolean(), (parts, sorted, root) => {
      const start = parts.slice(0, sorted).toSorted((a, b) => comparePaths(a.path, b.path));
      const all: readonly TarPart[] = [...(root ? [{ path: '', type: 'directory' as const }] : []), ...start, ...parts.slice(sorted)];
      const judged = judge(all);
      t.deepEqual(judged, judge([...DISORDER, ...all]));
      t.is(judged.notes.some((note) => note.includes(' stands in the layer twice')), new Set(all.map(({ path }) => path)).size < all.length);
      for (const note of judged.notes) seen.add(note.replace(/"[^"]*"/g, '-').slice(0, 30));
      if (judged.misplaced !== undefined) seen.add('misplaced');
    }),
    { numRuns: 3000 },
  );
  // A name twice, one below a link to nothing, a link that leads out, a deletion of what was given, one below what is deleted, a file where a folder was, one below a file.
  t.is(seen.size, 7, [...seen].join('\n'));
});
