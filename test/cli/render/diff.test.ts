import test from 'ava';
import { diffLines, renderDiffSummary } from '../../../cli/render/diff.js';
import type { DiffResult } from '../../../src/index.js';
import { digest } from '../helpers.js';

const side = { location: 'a', digest: digest('1') };
const none = { files: 0, bytes: 0 };
const layer = { number: 3, digest: digest('2'), diffId: digest('3'), size: 1500 };
const result: DiffResult = {
  old: side, new: side, same: false,
  layers: [{ kind: 'same', old: layer, new: layer }, { kind: 'added', new: layer }],
  history: [{ kind: 'deleted', old: { createdBy: 'RUN x\n', emptyLayer: false } }],
  config: [{ kind: 'changed', field: 'Env A', old: '1', new: '2\u001b' }, { kind: 'deleted', field: 'Labels l', old: 'v' }],
  files: { changes: [{ kind: 'changed', path: '/d', differences: [] }, { kind: 'added', path: '/d/\u0007', differences: [] }, { kind: 'deleted', path: '/e', differences: [] }], added: { files: 1, bytes: 2000 }, changed: none, deleted: none, layers: [] },
};

test('files as docker diff prints them; only they begin with /', (t) => {
  t.deepEqual([...diffLines(result)], [
    'A layer 3 222222222222 1.5 kB', 'D history RUN x\\n', 'C config Env A: 1 -> 2\\x1b', 'D config Labels l: v', 'C /d', 'A /d/\u0007', 'D /e',
  ]);
});

test('the summary counts files and bytes', (t) => {
  t.deepEqual(renderDiffSummary(result), ['1 file (2.0 kB) added, 0 files (0 B) changed, 0 files (0 B) deleted']);
  t.deepEqual(renderDiffSummary({ ...result, same: true }), ['no differences']);
});

test('the summary says what was not read of layers that both have', (t) => {
  const use = (read: 'all' | 'names' | 'nothing', bytes: number, shared = true) => ({ digest: digest('4'), shared, read, bytes });
  const files = { ...result.files, changes: [], added: none, changed: none, deleted: none, layers: [use('names', 1000), use('names', 500), use('all', 2000), use('all', 7, false)] };
  t.is(renderDiffSummary({ ...result, files })[1], 'of 3 layers that both have: 2 read for names alone (1.5 kB), 1 read (2.0 kB)');
  t.deepEqual(renderDiffSummary({ ...result, same: true, files: { ...files, layers: [use('nothing', 0)] } }), ['no differences', 'of 1 layer that both have: 1 not read']);
});
