import test from 'ava';
import fc from 'fast-check';
import { compareTrees } from '../../src/filesystem/compare-trees.js';
import { FileTree } from '../../src/filesystem/file-tree.js';
import { BaseNeeded } from '../../src/filesystem/partial-children.js';
import { walkTree } from '../../src/filesystem/walk-tree.js';
import { DEFAULT_LIMITS, isImgkitError } from '../../src/index.js';
import { changes, treeOf } from './layers.js';

const name = fc.constantFrom('a', 'b', 'c');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const file = fc.tuple(path, fc.nat(2)).map(([at, size]) => `${at}:${size}`);
const hidden = path.map((at) => at.replace(/[^/]+$/, (last) => `.wh.${last}`));
const entry = fc.oneof(
  { weight: 5, arbitrary: path.map((at) => `${at}/`) },
  { weight: 5, arbitrary: file },
  { weight: 1, arbitrary: fc.tuple(path, path).map(([at, to]) => `${at} = ${to}`) },
  { weight: 1, arbitrary: fc.tuple(path, path).map(([at, to]) => `${at} -> /${to}`) },
  { weight: 2, arbitrary: hidden },
  { weight: 1, arbitrary: fc.oneof(fc.constant('.wh..wh..opq'), path.map((at) => `${at}/.wh..wh..opq`)) },
);
/** Engines give every folder above a file an entry of its own. */
const withFolders = (entries: readonly string[]): readonly string[] => entries.flatMap((each) => {
  const names = (each.split(/[ :]/)[0] as string).replace(/\/$/, '').split('/').slice(0, -1);
  return [...names.map((_, i) => `${names.slice(0, i + 1).join('/')}/`), each];
});
const layer = fc.oneof(fc.array(entry, { maxLength: 6 }), fc.array(file, { maxLength: 6 }).map(withFolders));
const stack = fc.array(layer, { maxLength: 2 });

type Layers = readonly (readonly string[])[];

function differences(before: FileTree, after: FileTree): readonly string[] {
  const found = compareTrees(before, after, { content: (a, b) => (a.size === b.size ? undefined : 'content') });
  // As a tally does: what is below something deleted.
  return found.map(({ kind, path, old, new: node, differences }) => {
    const gone = old !== undefined && (kind === 'deleted' || node?.inode.type !== 'directory') ? [...walkTree(old, path)].map((each) => each.path) : [];
    return [kind, path, ...differences, ...gone].join(' ');
  });
}

function partial(layers: Layers, first: number): FileTree {
  const tree = FileTree.overUnread(DEFAULT_LIMITS);
  layers.forEach((entries, i) => tree.apply(changes(first + i, entries)));
  return tree;
}

test('what two trees over an unread base tell is what they tell over that base; else they say that it is needed', (t) => {
  let [told, differed] = [0, 0];
  fc.assert(fc.property(stack, stack, stack, fc.boolean(), (base, before, after, alike) => {
    // Two releases are mostly made by the same steps.
    const other = alike ? before.map((entries) => entries.map((each) => each.replace(/:\d$/, ':7'))) : after;
    let expected: readonly string[] | undefined;
    try {
      const [x, y] = [treeOf(...base, ...before), treeOf(...base, ...other)];
      expected = differences(x, y);
    } catch (error) {
      if (!isImgkitError(error, 'tar-malformed')) throw error;
    }
    try {
      const found = differences(partial(before, base.length), partial(other, base.length));
      told += 1;
      if (found.length > 0) differed += 1;
      // What is wrong with the base itself is not seen.
      if (expected !== undefined && found.join('\n') !== expected.join('\n')) t.deepEqual(found, expected);
    } catch (error) {
      if (!(error instanceof BaseNeeded) && !isImgkitError(error, 'tar-malformed')) throw error;
      if (isImgkitError(error) && expected !== undefined) throw error;
    }
  }), { numRuns: 3000 });
  t.true(told > 300 && differed > 50, `${told} told, ${differed} of them differences`);
});
