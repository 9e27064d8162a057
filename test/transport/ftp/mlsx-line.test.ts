import test from 'ava';
import { parseMlsxLine, parseRemoteSize, parseRemoteTime } from '../../../src/transport/ftp/mlsx-line.js';

test('facts in any order and case, and a name with everything in it', (t) => {
  t.deepEqual(parseMlsxLine('Size=12;MODIFY=20240229235959.5;Type=file;Unix.mode=0644; a = b; c '), {
    name: 'a = b; c ', kind: 'file', size: 12, modified: new Date('2024-02-29T23:59:59.500Z'), self: false,
  });
  t.deepEqual(parseMlsxLine('type=pdir; ..'), { name: '..', kind: 'folder', self: true });
  t.deepEqual(parseMlsxLine(' name without facts'), { name: 'name without facts', kind: 'other', self: false });
  t.is(parseMlsxLine('nonsense'), undefined);
});

test('sizes that can be counted', (t) => {
  for (const [text, size] of [['0', 0], ['9007199254740991', 9_007_199_254_740_991]] as const) t.is(parseRemoteSize(text), size);
  for (const text of ['', '-1', '1e3', '0x10', ' 1', '9007199254740993', '99999999999999999', undefined]) t.is(parseRemoteSize(text), undefined, text);
});

test('times that are times', (t) => {
  for (const text of ['2024', '20241301000000', '20240102030405x', '', undefined]) t.is(parseRemoteTime(text), undefined, text);
});
