import test from 'ava';
import fc from 'fast-check';
import { walkChanges } from '../../src/filesystem/compare-trees.js';
import { FileTree } from '../../src/filesystem/file-tree.js';
import { BaseNeeded } from '../../src/filesystem/partial-children.js';
import { walkTree } from '../../src/filesystem/walk-tree.js';
import { DEFAULT_LIMITS, isImgkitError } from '../../src/index.js';
import { changes, treeOf } from './layers.js';

const name = fc.constantFrom('a', 'b', 'c');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const file = fc.tuple(path, fc.nat(2)).map(([at, size]) => `${at}:${size}`);
const hidden = path.map((at) => at.replace(/[^/]+$/, (last) => `.wh.${last}`));
const opaque = fc.oneof({ weight: 1, arbitrary: fc.constant('.wh..wh..opq') }, { weight: 3, arbitrary: path.map((at) => `${at}/.wh..wh..opq`) });
const link = fc.tuple(path, fc.constantFrom('/', '', '../'), path).map(([at, to, target]) => `${at} -> ${to}${target}`);
const entry = fc.oneof(
  { weight: 5, arbitrary: path.map((at) => `${at}/`) },
  { weight: 5, arbitrary: file },
  { weight: 1, arbitrary: fc.tuple(path, path).map(([at, to]) => `${at} = ${to}`) },
  { weight: 1, arbitrary: link },
  { weight: 2, arbitrary: hidden },
  { weight: 1, arbitrary: opaque },
);
const pathOf = (each: string): string => (each.split(/[ :]/)[0] as string).replace(/\/$/, '');
/** Engines give every folder above a file or a whiteout an entry of its own, before it; others do so after it. */
const withFolders = (entries: readonly string[], where: 'before' | 'after'): readonly string[] => entries.flatMap((each) => {
  const names = pathOf(each).split('/').slice(0, -1);
  const folders = names.map((_, i) => `${names.slice(0, i + 1).join('/')}/`);
  return where === 'before' ? [...folders, each] : [each, ...folders];
});
/** What most layers of engines are made of. */
const made = fc.tuple(
  fc.array(fc.oneof({ weight: 3, arbitrary: file }, { weight: 2, arbitrary: hidden }, { weight: 1, arbitrary: opaque }), { maxLength: 5 }),
  fc.constantFrom('before' as const, 'before' as const, 'after' as const),
).map(([entries, where]) => withFolders(entries, where));
const layer = fc.oneof(fc.array(entry, { maxLength: 6 }), made, made);
const stack = fc.array(layer, { maxLength: 2 });

const NAMES = ['a', 'b', 'c'];
/** What a base has at a path: an end, or a folder of what `below` makes. */
const thing = (below: (at: string) => fc.Arbitrary<readonly string[]>) => (at: string): fc.Arbitrary<readonly string[]> => fc.oneof(
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.constant([`${at}:1`]) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('/', '', '../'), path).map(([to, target]) => [`${at} -> ${to}${target}`]) },
  { weight: 4, arbitrary: below(at).map((entries) => [`${at}/`, ...entries]) },
);
const folder = (inside: (at: string) => fc.Arbitrary<readonly string[]>) => (at: string): fc.Arbitrary<readonly string[]> => fc.tuple(...NAMES.map((each) => inside(at === '' ? each : `${at}/${each}`))).map((found) => found.flat());
/** A base in which folders that layers above have are also links, files or nothing. */
const rootfs = folder(thing(folder(thing((at) => fc.constantFrom([], [`${at}/b:1`])))))('').map((entries) => [entries]);

type Layers = readonly (readonly string[])[];

function differences(before: FileTree, after: FileTree): readonly string[] {
  const found = [...walkChanges(before, after, { content: (a, b) => (a.size === b.size ? undefined : 'content') })];
  // As a tally does: what is below something deleted.
  return found.map(({ kind, path, old, new: node, differences }) => {
    const gone = old !== undefined && (kind === 'deleted' || node?.inode.type !== 'directory') ? [...walkTree(old, path)].map((each) => each.path) : [];
    return [kind, path, ...differences, ...gone].join(' ');
  });
}

/** The trees of all layers but the first `unread`, which both have. */
/** The trees of all layers but the first `unread`. */
function partial(layers: Layers, unread: number): FileTree {
  const tree = FileTree.overUnread(DEFAULT_LIMITS);
  layers.forEach((entries, i) => {
    if (i >= unread) tree.apply(changes(i, entries));
  });
  return tree;
}

/** What differs, so say the layers from number `unread` on; undefined when they say that the others are needed. */
function toldBy(before: Layers, after: Layers, unread: number): readonly string[] | undefined {
  try {
    return differences(partial(before, unread), partial(after, unread));
  } catch (error) {
    if (error instanceof BaseNeeded) return undefined;
    throw error;
  }
}

/** Two releases are mostly made by the same steps: the files of another, or one step less. */
const release = fc.oneof(fc.constant('other files'), fc.constant('one less'), stack);
function next(before: Layers, kind: string | Layers): Layers {
  if (typeof kind !== 'string') return kind;
  return kind === 'one less' ? before.map((entries) => entries.slice(0, -1)) : before.map((entries) => entries.map((each) => each.replace(/:\d$/, ':7')));
}

test('what two trees over an unread base tell is what they tell over that base; else they say that it is needed', (t) => {
  const seen = { told: 0, differ: 0, hidden: 0, opaque: 0 };
  fc.assert(fc.property(fc.oneof(rootfs, stack), fc.array(layer, { maxLength: 1 }), stack, release, (below, between, before, kind) => {
    const base = [...below, ...between];
    const stacks = [[...base, ...before], [...base, ...next(before, kind)]] as const;
    let expected: readonly string[];
    try {
      expected = differences(treeOf(...stacks[0]), treeOf(...stacks[1]));
    } catch (error) {
      if (!isImgkitError(error, 'tar-malformed')) throw error;
      // What is wrong with what was not read is not seen.
      return;
    }
    for (let unread = 1; unread <= base.length; unread++) {
      const found = toldBy(...stacks, unread);
      if (found === undefined) continue;
      if (found.join('\n') !== expected.join('\n')) t.deepEqual(found, expected, JSON.stringify(stacks));
      seen.told += 1;
      if (found.length > 0) seen.differ += 1;
      const names = stacks[0].slice(unread).flat();
      if (names.some((each) => each.includes('/.wh.') && !each.endsWith('.opq'))) seen.hidden += 1;
      if (names.some((each) => each.endsWith('/.wh..wh..opq'))) seen.opaque += 1;
    }
  }), { numRuns: 2500 });
  t.true(Object.values(seen).every((count) => count > 100), JSON.stringify(seen));
});

/** `told` from the layers above the first; else that is needed. What differs is in either case what the trees of all layers tell. */
const cases: Readonly<Record<string, readonly [told: boolean, base: readonly string[], before: Layers, after: Layers, expected: readonly string[]]>> = {
  'whiteouts and opaque markers in folders of the base': [
    true, ['a/x', 'b/c/x', 'b/c/y', 'd/e/f:1'], [['f:1'], ['a/', 'a/.wh.x', 'b/', 'b/c/', 'b/c/.wh..wh..opq', 'd/', 'd/e/', 'd/e/.wh.f', 'd/e/new:1']],
    [['f:2'], ['a/', 'a/.wh.x', 'b/', 'b/c/', 'b/c/.wh..wh..opq', 'd/', 'd/e/', 'd/e/.wh.f', 'd/e/new:2']], ['changed d', 'changed d/e', 'changed d/e/new content', 'changed f content'],
  ],
  'whiteouts in a folder that takes the place of a link': [true, ['e/a', 'd -> e'], [['e/', 'e/a:1'], ['d/', 'd/.wh.a', 'd/.wh..wh..opq']], [['e/', 'e/a:2'], ['d/', 'd/.wh.a', 'd/.wh..wh..opq']], ['changed e', 'changed e/a content']],
  'a whiteout of what both write again': [true, ['d/x:1'], [['d/', 'd/.wh.x', 'd/x:2']], [['d/', 'd/.wh.x', 'd/x:3']], ['changed d', 'changed d/x content']],
  'a whiteout in one image alone': [false, ['d/x:1'], [['d/', 'd/.wh.x']], [['d/']], ['changed d', 'added d/x']],
  'an opaque marker in one image alone': [false, ['d/x:1'], [['d/', 'd/.wh..wh..opq']], [['d/']], ['changed d', 'added d/x']],
  'a whiteout where no entry gives the folder': [false, ['e/a', 'd -> e'], [['e/', 'e/a:1'], ['d/.wh.a']], [['e/', 'e/a:2'], ['d/.wh.a']], []],
  'a whiteout before the folder that takes the place of a link': [false, ['e/a', 'd -> e'], [['e/', 'e/a:1'], ['d/.wh.a', 'd/']], [['e/', 'e/a:2'], ['d/.wh.a', 'd/']], []],
  'a whiteout through a link that its layer turns elsewhere': [
    false, ['u/x/f'], [['u/', 'l -> u'], ['o/', 'l -> o', 'l/x/', 'l/x/.wh.f']], [['u/', 'l -> u'], ['o/', 'l -> o', 'l/x/']], ['changed u', 'changed u/x', 'added u/x/f'],
  ],
};

for (const [name, [told, base, before, after, expected]] of Object.entries(cases)) {
  test(name, (t) => {
    t.deepEqual(differences(treeOf(base, ...before), treeOf(base, ...after)), expected);
    t.deepEqual(toldBy([base, ...before], [base, ...after], 1), told ? expected : undefined);
  });
}
