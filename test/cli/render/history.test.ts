import test from 'ava';
import { renderHistory, renderHistoryIds } from '../../../cli/render/history.js';
import type { HistoryResult } from '../../../src/index.js';
import { digest, widest } from '../helpers.js';

const command = `RUN /bin/sh -c apt-get update && apt-get install -y ${'something '.repeat(20)}`.trim();
const result: HistoryResult = {
  location: 'a.tar',
  digest: digest('1'),
  imageId: digest('2'),
  lines: [
    { id: digest('2'), created: '2024-05-01T10:20:30Z', createdBy: command, comment: 'buildkit.dockerfile.v0', emptyLayer: false, size: 12_345_678, layer: digest('3') },
    { id: '<missing>', createdBy: 'ENV A=b\u001b[31m', emptyLayer: true, size: 0 },
  ],
};

test('80 columns', (t) => {
  const lines = renderHistory(result, { width: 80, full: false });
  t.is(widest(lines), 80);
  t.deepEqual(
    lines.map((line) => line.split(/ {2,}/)[0]),
    ['IMAGE', '222222222222', '<missing>'],
  );
  t.regex(lines[1] ?? '', /^222222222222 {2}2024-05-01 {2}RUN .*… +12\.3 MB {2}buildkit\.docker…$/);
  t.regex(lines[2] ?? '', /^<missing> +- +ENV A=b\\x1b\[31m +0 B$/);
});

test('--no-trunc keeps the whole command and ID', (t) => {
  const text = renderHistory(result, { width: 80, full: true }).join('\n');
  t.true(text.includes(command));
  t.true(text.includes(digest('2')));
});

test('--quiet prints the IDs', (t) => {
  t.deepEqual(renderHistoryIds(result, { full: false }), ['222222222222', '<missing>']);
});
