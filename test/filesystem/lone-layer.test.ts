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
  // A twice, a link that leads out, a deletion of what was given, one below what is deleted, one below a file.
  t.is(seen.size, 5, [...seen].join('\n'));
});
