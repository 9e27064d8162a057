import test from 'ava';
import { isImgkitError } from '../../src/index.js';
import { FileTree } from '../../src/filesystem/file-tree.js';
import { changes, shown, treeOf, type Short } from './layers.js';

type Layers = readonly (readonly Short[])[];

const cases: Readonly<Record<string, readonly [layers: Layers, expected: readonly string[]]>> = {
  'layers add up, later ones replace': [[['a', 'b'], ['b:5', 'c']], ['a 0', 'b 1', 'c 1']],
  'parents are implied': [[['x/y/z']], ['x/ 0', 'x/y/ 0', 'x/y/z 0']],
  'a whiteout hides a file': [[['d/', 'd/a', 'd/b'], ['d/.wh.a']], ['d/ 0', 'd/b 0']],
  'a whiteout hides a folder and all below it': [[['d/', 'd/e/', 'd/e/f', 'd/g'], ['d/.wh.e']], ['d/ 0', 'd/g 0']],
  'a whiteout matches a whole name': [[['ab', 'a', 'somewh.ere', 'x.wh.a'], ['.wh.a']], ['ab 0', 'somewh.ere 0', 'x.wh.a 0']],
  'a name that only looks like a whiteout is a file': [[['usr/bin/somewhere', 'a.wh.b', 'wh.x']], ['a.wh.b 0', 'usr/ 0', 'usr/bin/ 0', 'usr/bin/somewhere 0', 'wh.x 0']],
  'a whiteout is no pattern': [[['a.b', 'axb', 'a*'], ['.wh.a.b', '.wh.a*']], ['axb 0']],
  'a whiteout to nowhere is legal': [[['a'], ['.wh.b', 'no/such/.wh.c']], ['a 0']],
  'a whiteout below a file is legal': [[['a'], ['a/.wh.b']], ['a 0']],
  'whiteout before file of the same layer': [[['a:1'], ['.wh.a', 'a:2']], ['a 1']],
  'file before whiteout of the same layer': [[['a:1'], ['a:2', '.wh.a']], ['a 1']],
  'folder before its whiteout: only the new content stays': [[['d/', 'd/old'], ['d/', 'd/new', '.wh.d']], ['d/ 1', 'd/new 1']],
  'whiteouts do not hide their own layer': [[['d/', 'd/a', 'd/.wh.a']], ['d/ 0', 'd/a 0']],
  'opaque after the content of its layer': [[['d/', 'd/old'], ['d/new', 'd/.wh..wh..opq']], ['d/ 0', 'd/new 1']],
  'opaque before the content of its layer': [[['d/', 'd/old', 'd/e/', 'd/e/f'], ['d/.wh..wh..opq', 'd/e/', 'd/e/g']], ['d/ 0', 'd/e/ 1', 'd/e/g 1']],
  'opaque in the root': [[['a', 'b/c'], ['.wh..wh..opq', 'd']], ['d 1']],
  'opaque in the root of the base': [[['.wh..wh..opq', 'd']], ['d 0']],
  'opaque to nowhere is legal': [[['a'], ['no/.wh..wh..opq', 'a/.wh..wh..opq']], ['a 0']],
  'opaque through a linked parent': [[['usr/lib/old', 'lib -> usr/lib'], ['lib/.wh..wh..opq', 'lib/new']], ['lib -> usr/lib 0', 'usr/ 0', 'usr/lib/ 0', 'usr/lib/new 1']],
  'whiteout through a linked parent': [[['usr/lib/a', 'usr/lib/b', 'lib -> /usr/lib'], ['lib/.wh.a']], ['lib -> /usr/lib 0', 'usr/ 0', 'usr/lib/ 0', 'usr/lib/b 0']],
  'opaque in a folder that takes the place of a link: what the link leads to stays, as where engines unpack entry by entry': [[['e/', 'e/a', 'd -> e'], ['d/', 'd/.wh..wh..opq', 'd/b']], ['d/ 1', 'd/b 1', 'e/ 0', 'e/a 0']],
  'whiteout in a folder that takes the place of a link': [[['e/', 'e/a', 'd -> e'], ['d/', 'd/.wh.a']], ['d/ 1', 'e/ 0', 'e/a 0']],
  'whiteout below a folder that takes the place of a link': [[['e/f/a', 'd -> e'], ['d/', 'd/f/.wh.a']], ['d/ 1', 'e/ 0', 'e/f/ 0', 'e/f/a 0']],
  'whiteout in a folder that takes the place of a link in a linked folder': [[['e/', 'g/a', 'e/f -> ../g', 'd -> e'], ['d/f/', 'd/f/.wh.a']], ['d -> e 0', 'e/ 0', 'e/f/ 1', 'g/ 0', 'g/a 0']],
  'whiteout before the folder that takes the place of a link': [[['e/a', 'e/b', 'd -> e'], ['d/.wh.a', 'd/']], ['d/ 1', 'e/ 0', 'e/b 0']],
  'whiteout in a folder that takes the place of a file': [[['d'], ['d/', 'd/.wh.a']], ['d/ 1']],
  'a whiteout hides a link, not what it leads to': [[['a', 'l -> a'], ['.wh.l']], ['a 0']],
  'notes of AUFS are no files': [[['.wh..wh.aufs', '.wh..wh.plnk/', '.wh..wh.plnk/1.2', 'a']], ['a 0']],
  'files that AUFS kept for hard links have the names that those give them': [[['.wh..wh.plnk/', '.wh..wh.plnk/1.2:3', 'a = .wh..wh.plnk/1.2', 'b = .wh..wh.plnk/1.2']], ['a 0', 'b 0']],
  'entries below a linked folder': [[['usr/bin/', 'bin -> usr/bin', 'bin/sh']], ['bin -> usr/bin 0', 'usr/ 0', 'usr/bin/ 0', 'usr/bin/sh 0']],
  'links never lead out of the root': [[['d/', 'd/l -> ../../../e', 'e/', 'd/l/f']], ['d/ 0', 'd/l -> ../../../e 0', 'e/ 0', 'e/f 0']],
  'a file replaces a folder': [[['d/', 'd/a'], ['d']], ['d 1']],
  'a folder replaces a file': [[['d'], ['d/', 'd/a']], ['d/ 1', 'd/a 1']],
  'a folder, a file, a folder': [[['d/', 'd/a'], ['d'], ['d/', 'd/b']], ['d/ 2', 'd/b 2']],
  'a folder entry replaces a link': [[['e/', 'd -> e'], ['d/', 'd/a']], ['d/ 1', 'd/a 1', 'e/ 0']],
  'a link replaces a folder': [[['e/', 'd/', 'd/a'], ['d -> e']], ['d -> e 1', 'e/ 0']],
  'a folder that comes back keeps its content': [[['d/', 'd/a'], [{ path: 'd', type: 'directory', mode: 0o700 }]], ['d/ 1', 'd/a 0']],
  'the last of two entries counts': [[['a:1', 'a -> b', 'a:3']], ['a 0']],
  'a path through a link that was just replaced': [[['one/', 'two/', 'l -> one', 'l/a', 'l -> two', 'l/b']], ['l -> two 0', 'one/ 0', 'one/a 0', 'two/ 0', 'two/b 0']],
};

for (const [name, [layers, expected]] of Object.entries(cases)) {
  test(name, (t) => {
    t.deepEqual(shown(treeOf(...layers)), expected);
  });
}

test('only a later layer\'s metadata touches a folder', (t) => {
  const tree = treeOf([{ path: 'd', type: 'directory', mode: 0o755, uid: 1 }, 'd/a'], [{ path: 'd', type: 'directory', mode: 0o700, uid: 2, xattrs: new Map([['user.x', Buffer.from('1')]]) }]);
  const node = tree.get('d');
  t.like(node?.inode, { mode: 0o700, uid: 2, layer: 1 });
  t.is(node?.inode.xattrs.size, 1);
  t.is(tree.get('d/a')?.layer, 0);
});

test('the root has the metadata of its last entry', (t) => {
  const tree = treeOf([{ path: '', type: 'directory', mode: 0o711 }, 'a'], ['b']);
  t.is(tree.root.inode.mode, 0o711);
  t.is(treeOf(['a']).root.inode.mode, 0o755);
});

test('hard links to what AUFS kept are one file, that of their own layer', (t) => {
  const tree = treeOf(['.wh..wh.plnk/1.2:3', 'a = .wh..wh.plnk/1.2', 'b = .wh..wh.plnk/1.2'], ['.wh..wh.plnk/1.2:5', 'c = .wh..wh.plnk/1.2']);
  t.is(tree.get('a')?.inode, tree.get('b')?.inode);
  t.deepEqual(['a', 'b', 'c'].map((path) => tree.get(path)?.inode.size), [3, 3, 5]);
  t.throws(() => tree.apply(changes(2, ['d = .wh..wh.plnk/1.2'])), { code: 'tar-malformed', message: /which is not there/ } as object);
  t.throws(() => treeOf(['.wh..wh.plnk/1.2:3', { path: 'a', type: 'hardlink', linkPath: '.wh..wh.plnk/1.2', mode: 0o4755 }]), { code: 'tar-malformed', message: /gives .* mode 4755/ } as object);
});

test('hard links are one inode, also across layers', (t) => {
  const tree = treeOf(['a:5', 'b = a'], ['c = b']);
  t.is(tree.get('a')?.inode, tree.get('b')?.inode);
  t.is(tree.get('a')?.inode, tree.get('c')?.inode);
  t.is(tree.get('c')?.layer, 1);
  t.is(tree.get('c')?.inode.layer, 0);
});

test('a linked file that a later layer changes leaves its other names alone (google/go-containerregistry#2002)', (t) => {
  const tree = treeOf(['a:5', 'b = a'], ['a:7']);
  t.is(tree.get('a')?.inode.size, 7);
  t.is(tree.get('b')?.inode.size, 5);
  const removed = treeOf(['a:5', 'b = a'], ['.wh.a']);
  t.is(removed.get('b')?.inode.size, 5);
});

test('what a hard link says counts only where it gives rights', (t) => {
  const tree = treeOf([{ path: 'a', mode: 0o4700, uid: 5, xattrs: new Map([['security.capability', Uint8Array.of(1)]]) }, { path: 'b', type: 'hardlink', linkPath: 'a', mode: 0o644 }], [{ path: 'c', type: 'hardlink', linkPath: 'a', mode: 0o644, xattrs: new Map([['security.capability', Uint8Array.of(1)]]) }]);
  t.like(tree.get('c')?.inode, { mode: 0o4700, uid: 5 });
});

test('a hard link to a symlink names the symlink', (t) => {
  t.is(treeOf(['s -> nowhere', 'h = s']).get('h')?.inode.target, 'nowhere');
});

test('a hard link through a linked folder', (t) => {
  const tree = treeOf(['usr/bin/a:3', 'bin -> usr/bin'], ['b = bin/a']);
  t.is(tree.get('b')?.inode, tree.get('usr/bin/a')?.inode);
});

const refused: Readonly<Record<string, readonly [layers: Layers, message: RegExp]>> = {
  'below a file': [[['a', 'a/b']], /lies below "a", which is no folder/],
  'below a file of a lower layer': [[['a'], ['a/b']], /lies below "a"/],
  'below a link to a file': [[['a', 'l -> a', 'l/b']], /lies below "a"/],
  'below a dangling link': [[['l -> no/where', 'l/b']], /leads to "no", which is not there/],
  'below a link to itself': [[['l -> l', 'l/b']], /circle/],
  'below two links to each other': [[['a -> b', 'b -> a', 'a/c']], /circle/],
  'below a link that grows': [[['a -> a/a', 'a/c']], /circle/],
  'a hard link to nothing': [[['b = a']], /"a", which is not there/],
  'a hard link to a later entry': [[['b = a', 'a']], /not there/],
  'a hard link to itself': [[['a', 'a = a']], /itself/],
  'a hard link to a folder': [[['d/', 'l = d']], /is a folder/],
  'a hard link that gives its file a set-user-ID bit': [[[{ path: 'a', mode: 0o755, uid: 5 }, { path: 'b', type: 'hardlink', linkPath: 'a', mode: 0o4755 }]], /the hard link gives "a" mode 4755 of 0:0, where the file's own entry says mode 0755 of 5:0, and engines differ/],
  'a hard link that gives a set-group-ID bit, in a later layer': [[[{ path: 'a', mode: 0o755 }], [{ path: 'b', type: 'hardlink', linkPath: 'a', mode: 0o2755 }]], /mode 2755 of 0:0/],
  'a hard link that gives a set-user-ID file to another': [[[{ path: 'a', mode: 0o4755, uid: 5 }, { path: 'b', type: 'hardlink', linkPath: 'a', mode: 0o4755 }]], /mode 4755 of 0:0, where the file's own entry says mode 4755 of 5:0/],
  'a hard link that gives capabilities': [[['a', { path: 'b', type: 'hardlink', linkPath: 'a', xattrs: new Map([['security.capability', Uint8Array.of(1)]]) }]], /gives "a" capabilities that the file's own entry does not have/],
  'a hard link to what the layer hides': [[['a'], ['.wh.a', 'b = a']], /not there/],
};

for (const [name, [layers, message]] of Object.entries(refused)) {
  test(`refused: ${name}`, (t) => {
    const error = t.throws(() => treeOf(...layers));
    t.true(isImgkitError(error, 'tar-malformed'));
    t.regex(error.message, message);
  });
}

test('links that lead ever deeper end at the limit', (t) => {
  const deep = Array.from({ length: 1500 }, () => 'd').join('/');
  const layers = [[`${deep}/`, `l -> ${deep}`], [`l/${deep}/`]];
  const error = t.throws(() => treeOf(...layers));
  t.true(isImgkitError(error, 'limit-exceeded'));
});

test('a deep tree is walked without a stack', (t) => {
  const tree = new FileTree();
  tree.apply(changes(0, [Array.from({ length: 1999 }, () => 'd').join('/')]));
  t.is([...tree.walk()].length, 1999);
});

test('put, get and remove', (t) => {
  const tree = treeOf(['d/', 'd/a:1']);
  const inode = tree.get('d/a')?.inode;
  if (inode === undefined) throw new Error('no inode');
  tree.put('e/f', inode);
  t.is(tree.get('e/f')?.inode, inode);
  t.true(tree.remove('d/a'));
  t.false(tree.remove('d/a'));
  t.deepEqual(shown(tree), ['d/ 0', 'e/ -1', 'e/f -1']);
});
