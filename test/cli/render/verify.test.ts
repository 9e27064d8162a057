import test from 'ava';
import { noStyle, styleFor } from '../../../cli/render/style.js';
import { renderFailures, renderVerify } from '../../../cli/render/verify.js';
import type { VerifyReport } from '../../../src/index.js';
import { digest, widest } from '../helpers.js';

const good: VerifyReport = {
  location: 'a.tar',
  format: 'hybrid',
  ok: true,
  findings: [
    { check: 'archive-structure', status: 'ok', subject: 'a.tar', message: '12 entries' },
    { check: 'blob', status: 'ok', subject: digest('a'), message: '1.2 MB' },
    { check: 'closure', status: 'note', subject: digest('b'), message: 'named by the index and not here, which is legal in a copy that holds a part' },
  ],
  images: [{ names: ['docker.io/library/app:1'], digest: digest('1'), manifestOrigin: 'stored' }],
};
const bad: VerifyReport = {
  ...good,
  ok: false,
  findings: [...good.findings, { check: 'diff-id', status: 'failed', subject: digest('c'), message: 'The layer has another digest\u001b[2J.', expected: digest('c'), found: digest('d'), offset: 512 }],
};
const view = { width: 80, style: noStyle };

test('one line per finding, the images, a summary; 80 columns', (t) => {
  const lines = renderVerify(good, view);
  t.deepEqual(lines, [
    'ok     archive-structure a.tar  12 entries',
    'ok     blob              sha256:aaaaaaaaaaaa...  1.2 MB',
    'note   closure           sha256:bbbbbbbbbbbb...',
    '        named by the index and not here, which is legal in a copy that holds a',
    '        part',
    'image  app:1',
    `       ${digest('1')}`,
    'a.tar (hybrid): verified, 2 checks ok, 1 note',
  ]);
  t.true(widest(lines) <= 80);
});

test('a failure says what was expected, what was found and where', (t) => {
  const lines = renderVerify(bad, view);
  t.true(widest(lines) <= 80);
  const text = lines.join('\n');
  t.regex(text, /^FAILED diff-id /m);
  t.true(text.includes(`  wanted ${digest('c')}\n  found  ${digest('d')}\n  at byte 512`));
  t.true(text.includes('\\x1b[2J'));
  t.is(lines.at(-1), 'a.tar (hybrid): FAILED, 1 of 4 checks, 1 note');
});

test('into a pipe each finding keeps one line', (t) => {
  t.is(renderVerify(good, { ...view, width: undefined }).filter((line) => line.startsWith('note ')).length, 1);
  t.false(renderVerify(good, { ...view, width: undefined }).some((line) => line.startsWith('        ')));
});

test('--quiet prints failures only', (t) => {
  t.deepEqual(renderFailures(good, view), []);
  t.is(renderFailures(bad, view)[0]?.startsWith('FAILED'), true);
});

test('what --expect matched is said', (t) => {
  t.regex(renderVerify({ ...good, matched: 'manifest' }, view).at(-1) ?? '', /the expected digest is that of the manifest$/);
});

test('colours only on a terminal that wants them', (t) => {
  t.is(styleFor({ isTTY: true }, {}).bad('x'), '\u001b[31mx\u001b[0m');
  t.is(styleFor({ isTTY: true }, { NO_COLOR: '1' }).bad('x'), 'x');
  t.is(styleFor({ isTTY: true }, { NO_COLOR: '' }).bad('x'), '\u001b[31mx\u001b[0m');
  t.is(styleFor({ isTTY: true }, { TERM: 'dumb' }).bad('x'), 'x');
  t.is(styleFor({}, {}).bad('x'), 'x');
});
