import test from 'ava';
import { treeOf } from './layers.js';

const tree = treeOf(['usr/bin/sh', 'bin -> usr/bin', 'etc/', 'etc/a -> /bin/sh', 'etc/up -> ../../../usr', 'loop -> loop', 'gone -> no/thing', 'file']);

const cases: Readonly<Record<string, string>> = {
  '': '',
  '/': '',
  '.': '',
  '/usr/bin/sh': 'usr/bin/sh',
  './usr//bin/./sh': 'usr/bin/sh',
  'bin/sh': 'usr/bin/sh',
  'bin/': 'usr/bin',
  'etc/a': 'usr/bin/sh',
  'etc/up/bin/../bin/sh': 'usr/bin/sh',
  'bin/../x/../..': 'missing usr/x',
  'bin/..': 'usr',
  '../../etc': 'etc',
  'loop': 'loop loop',
  'gone': 'dangling no',
  'nope/x': 'missing nope',
  'file/x': 'not-a-folder file',
};

for (const [path, expected] of Object.entries(cases)) {
  test(`"${path}" leads to ${expected || 'the root'}`, (t) => {
    const found = tree.follow(path);
    const names = found.names.join('/');
    t.is(found.kind === 'found' ? names : `${found.kind === 'missing' && found.dangling ? 'dangling' : found.kind} ${names}`, expected);
  });
}

test('a link at the end is kept when asked', (t) => {
  const found = tree.follow('etc/a', 'keep');
  t.is(found.kind === 'found' && found.node.inode.target, '/bin/sh');
});
