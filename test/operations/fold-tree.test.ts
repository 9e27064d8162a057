import test from 'ava';
import type { FileEntry } from '../../src/filesystem/file-entry.js';
import { foldTree, type FoldedTree, type FoldLimits } from '../../src/operations/report/fold-tree.js';
import { TopList } from '../../src/operations/report/top-list.js';

const WIDE: FoldLimits = { files: 1_000, nodes: 1_000, nameCharacters: 100_000 };

/** `/a/` a folder, `/a/b 12` a file of 12 bytes, `/l ->` a link. */
function listing(...lines: readonly string[]): readonly FileEntry[] {
  return lines.map((line) => {
    const [path = '', size = '0', layer = '1'] = line.split(' ');
    const type = path.endsWith('/') ? 'directory' : size === '->' ? 'symlink' : 'file';
    return { path: path.replace(/\/$/, ''), type, size: type === 'file' ? Number(size) : 0, layer: Number(layer), mode: 0, uid: 0, gid: 0, mtime: '' };
  });
}

const entries = listing('/a/', '/a/big 100', '/a/b/', '/a/b/mid 50 2', '/a/b/small 1', '/a/b/tiny 2', '/ab 7', '/c/', '/c/d/', '/c/d/e 3', '/l ->');

/** `name`, `name=bytes`, `name+files:bytes` of each node, below its folder. */
function drawn({ nodes }: FoldedTree): readonly string[] {
  const path = (i: number): string => (i <= 0 ? '' : `${path(nodes[i]?.parent ?? 0)}/${nodes[i]?.name ?? ''}`);
  return nodes.map(({ bytes, rest }, i) => `${path(i) || '/'}${bytes === undefined ? '' : `=${bytes}`}${rest.files === 0 ? '' : `+${rest.files}:${rest.bytes}`}`);
}

test('everything that fits has a node', (t) => {
  const tree = foldTree(entries, 2, WIDE);
  t.deepEqual(drawn(tree), ['/', '/a', '/a/big=100', '/a/b', '/a/b/mid=50', '/a/b/small=1', '/a/b/tiny=2', '/ab=7', '/c', '/c/d', '/c/d/e=3']);
  t.like(tree, { shown: 6, files: 6, folders: 4, others: 1, bytes: 163 });
  t.deepEqual(tree.perLayer, [{ files: 5, bytes: 113 }, { files: 1, bytes: 50 }]);
});

test('small files are added up in the nearest folder that has a node', (t) => {
  t.deepEqual(drawn(foldTree(entries, 2, { ...WIDE, files: 2 })), ['/+2:10', '/a', '/a/big=100', '/a/b+2:3', '/a/b/mid=50']);
  t.deepEqual(drawn(foldTree(entries, 2, { ...WIDE, files: 1 })), ['/+2:10', '/a+3:53', '/a/big=100']);
});

test('no bound loses a byte', (t) => {
  for (const limits of [WIDE, { ...WIDE, files: 3 }, { ...WIDE, nodes: 4 }, { ...WIDE, nodes: 1 }, { ...WIDE, nameCharacters: 6 }, { ...WIDE, nameCharacters: 0 }]) {
    const { nodes, bytes, files, shown } = foldTree(entries, 2, limits);
    t.true(nodes.length <= Math.max(limits.nodes, 1), JSON.stringify(limits));
    t.is(nodes.reduce((sum, node) => sum + (node.bytes ?? 0) + node.rest.bytes, 0), bytes);
    t.is(shown + nodes.reduce((sum, node) => sum + node.rest.files, 0), files);
  }
});

test('a file deeper than anyone looks is counted in a folder above', (t) => {
  const deep = Array.from({ length: 150 }, (_, i) => `${'/d'.repeat(i + 1)}/`);
  const tree = foldTree(listing(...deep, `${'/d'.repeat(150)}/f 9`), 1, WIDE);
  t.deepEqual(drawn(tree), ['/+1:9']);
});

test('of equal sizes the first paths win, whatever the order of work', (t) => {
  const list = new TopList<string>(3, (a, b) => (a < b ? -1 : 1));
  for (let i = 999; i >= 0; i -= 1) list.add(String(i).padStart(3, '0'));
  t.deepEqual(list.sorted(), ['000', '001', '002']);
});
