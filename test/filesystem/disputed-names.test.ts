import test from 'ava';
import fc from 'fast-check';
import { disputedNames } from '../../src/filesystem/disputed-names.js';
import { FileTree } from '../../src/filesystem/file-tree.js';
import { hideNames } from '../../src/filesystem/hide-names.js';
import { LoneLayer } from '../../src/filesystem/lone-layer.js';
import { isImgkitError } from '../../src/index.js';
import { changes, entry } from './layers.js';

type Layers = readonly (readonly string[])[];

function lone(entries: readonly string[]): LoneLayer {
  const made = new LoneLayer();
  for (const each of entries) made.add(entry(each));
  return made;
}

const disputed = (...layers: Layers): readonly string[] => disputedNames(layers.map((entries) => lone(entries).packNames())).map(({ name, layer, below, given }) => `${layer}: ${name} ${{ link: '->', other: ':', folder: '/' }[given]} ${below}`);

const DISPUTED: readonly (readonly [what: string, layers: Layers, found: readonly string[]])[] = [
  ['names below a link', [['usr/', 'usr/lib/', 'lib -> usr/lib'], ['lib/x:1']], ['1: lib -> 0']],
  ['names below a file', [['a:1'], ['b:1'], ['a/b/c:1']], ['2: a : 0']],
  ['names below a hard link to a file', [['f:1', 'g = f', 'h:1'], ['g/x:1'], ['h/x:1']], ['1: g : 0', '2: h : 0']],
  ['a whiteout below a link', [['a -> b'], ['a/.wh.c']], ['1: a -> 0']],
  ['a marker below a link', [['a -> b'], ['z', 'a/.wh..wh..opq']], ['1: a -> 0']],
  ['names below a link further down', [['d/', 'd/a -> b'], ['d/a/x:1', 'd/z:1']], ['1: d/a -> 0']],
  ['names below links: told once for a layer, and the first', [['a -> x', 'b -> x'], ['b/1:1', 'a/1:1', 'a/2:1'], ['a/3:1', 'b/1:1']], ['1: b -> 0']],
  ['none where the layer gives the folder', [['a -> b'], ['a/', 'a/x:1']], []],
  ['none where a layer between gave it', [['a -> b'], ['a/'], ['a/x:1']], []],
  ['none where a layer between deleted it', [['a -> b'], ['.wh.a'], ['a/x:1']], []],
  ['of names below a link none where the layer deletes what is above it', [['d:1'], ['d/', 'd/a -> b'], ['.wh.d', 'd/', 'd/a/x:1']], ['2: d / 1']],
  ['a folder that is deleted and given again', [['b/', 'b/x:1'], ['.wh.b', 'b/']], ['1: b / 0']],
  ['a folder without an entry that is deleted and given again', [['b/x/y:1'], ['b/.wh.x', 'b/x/']], ['1: b/x / 0']],
  ['a file below, and a folder that is deleted and given again', [['b/x:1', 'a:1'], ['a/y:1', '.wh.b', 'b/']], ['1: a : 0', '1: b / 0']],
  ['none where a marker is in the folder', [['b/', 'b/x:1'], ['.wh.b', 'b/', 'b/.wh..wh..opq']], []],
  ['none where a file is deleted and given again as a folder', [['b:1'], ['.wh.b', 'b/']], []],
  ['none where it was deleted before', [['b/', 'b/x:1'], ['.wh.b'], ['.wh.b', 'b/']], []],
  ['none where there was none', [['a:1'], ['.wh.b', 'b/']], []],
  ['of names below a link none where a layer between deleted what is above it, and gave it again', [['d/', 'd/a -> b'], ['.wh.d', 'd/'], ['d/a/x:1']], ['1: d / 0']],
  ['none where a layer between made what is above it a file', [['d/', 'd/a -> b'], ['d:1'], ['d/', 'd/a/x:1']], []],
  ['none where a marker hides it', [['d/', 'd/a -> b'], ['d/', 'd/.wh..wh..opq', 'd/a/x:1']], []],
  ['none where a marker in the root folder hides it', [['a -> b'], ['.wh..wh..opq'], ['a/x:1']], []],
  ['none in an image of folders', [['a/', 'a/x:1'], ['a/y:1'], ['b/c/d:1'], ['b/c/e:1', '.wh.a']], []],
];
for (const [what, layers, found] of DISPUTED) test(`layers of which engines make different images: ${what}`, (t) => t.deepEqual(disputed(...layers), found));

test('what is below a layer that is not known is not known', (t) => {
  const [base, top] = [lone(['a -> b']).packNames(), lone(['a/x:1']).packNames()];
  t.deepEqual(disputedNames([base, undefined, top]), []);
  t.deepEqual(disputedNames([undefined, base, top]), [{ name: 'a', layer: 2, below: 1, given: 'link' }]);
});

test('a thousand folders of a layer are looked for, and those of very many layers not for ever', (t) => {
  const many = lone(Array.from({ length: 1200 }, (_, i) => `${i}/f:1`)).packNames();
  t.is(many.implied.length, 1000);
  const deep = { ...many, implied: many.implied.map((name) => `${name}${'/d'.repeat(500)}`) };
  const base = lone(['999/', '999/d -> e', 'a -> b']).packNames();
  t.deepEqual(disputedNames([base, ...Array.from({ length: 500 }, () => deep), lone(['a/x:1']).packNames()]), []);
});

const name = fc.constantFrom('a', 'b', 'c');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const addition = fc.oneof(
  path.map((at) => `${at}/`),
  path.map((at) => `${at}:1`),
  fc.tuple(path, path).map(([at, to]) => `${at} = ${to}`),
  // Of the base: a link to what is above it could be hidden by way of itself.
  fc.tuple(path, fc.constantFrom('d', 'd/a', 'e')).map(([at, to]) => `${at} -> /${to}`),
);
const hidden = path.map((at) => at.replace(/[^/]+$/, (last) => `.wh.${last}`));
const opaque = fc.oneof(fc.constant('.wh..wh..opq'), path.map((at) => `${at}/.wh..wh..opq`));
const isBelowLink = (entries: readonly string[]): boolean => {
  const all = entries.map((each) => entry(each));
  return all.some(({ path: at, linkPath }) => all.some(({ type, path: link }) => type.endsWith('link') && [at, linkPath].some((each) => each.startsWith(`${link}/`))));
};
/** Those that every engine unpacks by themselves. */
const layer = fc.array(fc.oneof({ weight: 6, arbitrary: addition }, { weight: 2, arbitrary: hidden }, { weight: 1, arbitrary: opaque }), { maxLength: 6 }).filter((entries) => {
  const { notes, misplaced } = lone(entries);
  return notes.length === 0 && misplaced === undefined && !isBelowLink(entries);
});

/** The first layer that gives names in a folder without an entry, where the tree below it, less what it hides, has none; -1 for none. */
function firstThatCovers(layers: Layers): number {
  const tree = new FileTree();
  for (const [i, entries] of layers.entries()) {
    hideNames(tree.root, changes(i, entries), {});
    const given = new Set<string>();
    for (const each of entries) {
      const names = entry(each).path.split('/');
      for (let end = 1; end < names.length; end++) {
        const folder = names.slice(0, end).join('/');
        const type = tree.get(folder)?.inode.type ?? 'directory';
        if (!given.has(folder) && type !== 'directory') return i;
      }
      given.add(names.join('/'));
    }
    tree.apply(changes(i, entries));
  }
  return -1;
}

test('of random layers the first that covers a name is found, and where none does, they make a tree', (t) => {
  const seen = new Map<number, number>();
  fc.assert(
    fc.property(fc.array(layer, { minLength: 1, maxLength: 4 }).map((layers) => [['d/', 'd/a/'], ...layers]), (layers) => {
      let first: number;
      try {
        first = firstThatCovers(layers);
      } catch (error) {
        t.true(isImgkitError(error, 'tar-malformed'));
        first = -2;
      }
      seen.set(first, (seen.get(first) ?? 0) + 1);
      t.is(disputedNames(layers.map((entries) => lone(entries).packNames())).find(({ given }) => given !== 'folder')?.layer ?? -1, first);
    }),
    { numRuns: 3000 },
  );
  t.deepEqual([...seen.keys()].toSorted(), [-1, 2, 3, 4]);
});
