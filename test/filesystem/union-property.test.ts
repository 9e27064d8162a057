import test from 'ava';
import fc from 'fast-check';
import { isImgkitError } from '../../src/index.js';
import { changes, entry } from './layers.js';
import { FileTree } from '../../src/filesystem/file-tree.js';

const name = fc.constantFrom('a', 'b', 'ab', 'c');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const addition = fc.oneof(
  path.map((at) => `${at}/`),
  fc.tuple(path, fc.nat(9)).map(([at, size]) => `${at}:${size}`),
  fc.tuple(path, path).map(([at, to]) => `${at} = ${to}`),
);
const hidden = path.map((at) => at.replace(/[^/]+$/, (last) => `.wh.${last}`));
const opaque = fc.oneof(fc.constant('.wh..wh..opq'), path.map((at) => `${at}/.wh..wh..opq`));
const layer = fc.array(fc.oneof({ weight: 6, arbitrary: addition }, { weight: 2, arbitrary: hidden }, { weight: 1, arbitrary: opaque }), { maxLength: 8 });

/** What has a name in the model: a number for each file that was ever made, -1 for folders. */
type Model = Map<string, number>;

const below = (folder: string, at: string): boolean => folder === '' || at.startsWith(`${folder}/`);

function removeAll(model: Model, at: string, itself: boolean): void {
  for (const each of model.keys()) if ((itself && each === at) || below(at, each)) model.delete(each);
}

/** The rules of the specification on a flat list of names; undefined when an entry makes no sense. */
function union(layers: readonly (readonly string[])[]): Model | undefined {
  const model: Model = new Map();
  let files = 0;
  for (const entries of layers) {
    for (const each of entries) {
      const { path } = entry(each);
      const slash = path.lastIndexOf('/') + 1;
      const [folder, last] = [path.slice(0, slash), path.slice(slash)];
      if (last === '.wh..wh..opq') {
        if (folder === '' || model.get(folder.slice(0, -1)) === -1) removeAll(model, folder.slice(0, -1), false);
      } else if (last.startsWith('.wh.')) removeAll(model, folder + last.slice(4), true);
    }
    for (const each of entries) {
      const { path, type, linkPath } = entry(each);
      if (path.slice(path.lastIndexOf('/') + 1).startsWith('.wh.')) continue;
      const parts = path.split('/');
      for (let i = 1; i < parts.length; i++) {
        const parent = parts.slice(0, i).join('/');
        const found = model.get(parent);
        if (found !== undefined && found !== -1) return undefined;
        model.set(parent, -1);
      }
      const old = model.get(path);
      if (type === 'directory') {
        if (old !== -1) model.set(path, -1);
        continue;
      }
      const target = type === 'hardlink' ? model.get(linkPath) : files++;
      if (target === undefined || target === -1 || (type === 'hardlink' && linkPath === path)) return undefined;
      if (old === -1) removeAll(model, path, true);
      model.set(path, target);
    }
  }
  return model;
}

test('random layers make the tree that a naive model makes', (t) => {
  let sensible = 0;
  fc.assert(fc.property(fc.array(layer, { minLength: 1, maxLength: 4 }), (layers) => {
    const expected = union(layers);
    const tree = new FileTree();
    const apply = (): void => layers.forEach((entries, i) => tree.apply(changes(i, entries)));
    if (expected === undefined) {
      const error = t.throws(apply);
      return isImgkitError(error, 'tar-malformed');
    }
    apply();
    sensible += 1;
    const found = [...tree.walk()];
    if (JSON.stringify(found.map(({ path }) => path)) !== JSON.stringify([...expected.keys()].sort((a, b) => (a.replaceAll('/', '\0') < b.replaceAll('/', '\0') ? -1 : 1)))) return false;
    const ids = new Map<object, number>();
    return found.every(({ path, node }) => {
      const id = expected.get(path) as number;
      if (node.inode.type === 'directory') return id === -1;
      if (!ids.has(node.inode)) ids.set(node.inode, id);
      return ids.get(node.inode) === id;
    }) && new Set(ids.values()).size === ids.size;
  }), { numRuns: 3000 });
  t.true(sensible > 300, `${sensible} of the random stacks made sense`);
});
