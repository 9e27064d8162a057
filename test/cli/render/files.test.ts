import test from 'ava';
import { fileLines, longFileLines, pathLines, treeLines } from '../../../cli/render/files.js';
import { efficiencyLine, renderWaste } from '../../../cli/render/waste.js';
import type { FileEntry } from '../../../src/index.js';

const entry = (path: string, more: Partial<FileEntry> = {}): FileEntry => ({ path, type: 'file', mode: 0o644, uid: 0, gid: 0, size: 5, mtime: '2024-01-01T00:00:00Z', layer: 1, ...more });
const entries: readonly FileEntry[] = [
  entry('/bin', { type: 'directory', mode: 0o755 }),
  entry('/bin/deep', { type: 'directory', mode: 0o1777 }),
  entry('/bin/deep/x\u001b[31m', { layer: 12 }),
  entry('/bin/sh', { type: 'symlink', mode: 0o777, target: 'deep' }),
  entry('/gone', { type: 'whiteout', layer: 2 }),
  entry('/su', { mode: 0o4755, type: 'hardlink', target: '/bin/su', xattrs: ['security.capability'] }),
];

test('layer, size and path, as it is', (t) => {
  t.deepEqual([...fileLines(entries)], [
    'LAYER         SIZE  PATH',
    '    1            -  /bin/',
    '    1            -  /bin/deep/',
    '   12            5  /bin/deep/x\u001b[31m',
    '    1            -  /bin/sh -> deep',
    '    2            -  /gone (deleted)',
    '    1            5  /su link to /bin/su',
  ]);
});

test('--long: modes as ls prints them', (t) => {
  t.deepEqual([...longFileLines(entries)].map((line) => line.slice(7, 18)), ['MODE       ', 'drwxr-xr-x ', 'drwxrwxrwt ', '-rw-r--r-- ', 'lrwxrwxrwx ', '---------- ', '-rwsr-xr-x+']);
});

test('--tree', (t) => {
  t.deepEqual([...treeLines(entries)], [
    '├── /bin/  [1]',
    '│   ├── deep/  [1]',
    '│   │   └── x\u001b[31m  [12]',
    '│   └── sh -> deep  [1]',
    '├── /gone (deleted)  [2]',
    '└── /su link to /bin/su  [1]',
  ]);
});

test('--tree of more entries than a call takes arguments', (t) => {
  const lines = [...treeLines(Array.from({ length: 200_000 }, (_, i) => entry(`/many/${i}`)))];
  t.is(lines.length, 200_000);
  t.is(lines.at(-1), '└── /many/199999  [1]');
});

test('--quiet: paths alone', (t) => {
  t.deepEqual([...pathLines(entries)].slice(0, 2), ['/bin', '/bin/deep']);
});

test('--wasted', (t) => {
  const waste = { paths: [{ path: '/a', bytes: 1234, count: 2 }], bytes: 1000, efficiency: 0.987 };
  t.deepEqual(renderWaste(waste), ['LAYERS  BYTES  PATH', '     2   1234  /a']);
  t.is(efficiencyLine(waste), 'efficiency 98.7 %; later layers shadow 1.0 kB');
});
