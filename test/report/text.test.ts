import test from 'ava';
import { formatBytes, formatCount, formatShare } from '../../src/report/format-number.js';
import { html } from '../../src/report/html.js';
import { changesSection } from '../../src/report/changes-section.js';
import { harmless } from '../../src/report/data-block.js';
import { plainCommand, shadeOf } from '../../src/report/layer-steps.js';
import { table } from '../../src/report/section.js';
import { visibleName, visiblePath, visibleText } from '../../src/report/visible-text.js';

test('values are escaped for text and for attributes, HTML is not escaped twice', (t) => {
  const hostile = '"><script>alert(\'1\')</script>&amp;';
  const escaped = '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;';
  t.is(html`<p title="${hostile}">${hostile}</p>`.text, `<p title="${escaped}">${escaped}</p>`);
  t.is(html`<ul>${['<', '>'].map((each) => html`<li>${each}</li>`)}${undefined}${3}</ul>`.text, '<ul><li>&lt;</li><li>&gt;</li>3</ul>');
});

test('a long table scrolls by itself, a short one does not', (t) => {
  const rows = (count: number): string[][] => Array.from({ length: count }, (_, i) => [String(i)]);
  t.regex(table('Short', [{ title: 'Row' }], rows(40)).text, /class="scroll" role/);
  t.regex(table('Long', [{ title: 'Row' }], rows(41)).text, /class="scroll tall" role/);
});

test('a path in the changes stays on one line', (t) => {
  const nothing = { files: 0, bytes: 0 };
  const change = { kind: 'added', path: '/a\n/etc/shadow', differences: [], oldBytes: 0, newBytes: 1 };
  const comparison = { location: 'old', digest: 'sha256:00', layers: { same: 0, added: 1, deleted: 0 }, count: 1, changes: [change], config: [], added: nothing, changed: nothing, deleted: nothing };
  t.regex(changesSection({ comparison } as never)?.text ?? '', /<code>\/a\\n\/etc\/shadow<\/code>/);
});

test('what only looks like HTML is refused', (t) => {
  t.throws(() => html`${{ text: '<b>', toString: () => '<i>' } as never}`);
});

test('characters that deceive the eye are spelled out', (t) => {
  t.is(visibleText('a\u202egpj.exe'), 'a\\u202egpj.exe');
  t.is(visibleText('zero\u200bwidth\u0000nul\u001b[31m'), 'zero\\u200bwidth\\x00nul\\x1b[31m');
  t.is(visibleText('bad\udcffbyte \ud800 half'), 'bad\\xffbyte \\ud800 half');
  t.is(visibleText('grüße 🐋 tab\tline\n'), 'grüße 🐋 tab\tline\n');
  t.is(visibleName('line\nfeed\ttab'), 'line\\nfeed\\ttab');
  t.is(visiblePath(`/a\n/b/${'x'.repeat(300)}`), `/a\\n/b/${'x'.repeat(300)}`);
});

test('a long text is cut between characters and says so', (t) => {
  t.is(visibleText('x'.repeat(20), 10), `${'x'.repeat(10)} … (10 more characters)`);
  t.is(visibleText('🐋'.repeat(3), 3), '🐋 … (4 more characters)');
});

test('JSON that no HTML parser can leave', (t) => {
  const hostile = ['</script><script>', '<!--', ']]>', '\u2028&lt;', '\ud800'];
  t.notRegex(harmless(hostile), /[<>&\u2028\u2029]/);
  t.deepEqual(JSON.parse(harmless(hostile)), hostile);
});

test('numbers as people read them', (t) => {
  t.is([0, 999, 1000, 999_949, 999_950, 12_345_678, -1500].map(formatBytes).join('; '), '0\u00a0B; 999\u00a0B; 1.0\u00a0kB; 999.9\u00a0kB; 1.0\u00a0MB; 12.3\u00a0MB; −1.5\u00a0kB');
  t.is([1, 999, 1000, 1_234_567].map(formatCount).join(' '), '1 999 1,000 1,234,567');
  t.is(formatShare(1, 1_000_000), '<\u00a00.1\u00a0%');
  t.is(formatShare(999_999, 1_000_000), '99.9\u00a0%');
  t.is(formatShare(2, 2), '100\u00a0%');
  t.is(formatShare(0, 0), '0\u00a0%');
});

test('commands without what the builder wraps around them', (t) => {
  t.is(plainCommand('/bin/sh -c #(nop)  CMD ["sh"]'), 'CMD ["sh"]');
  t.is(plainCommand('/bin/sh -c apt-get update'), 'RUN apt-get update');
  t.is(plainCommand('RUN /bin/sh -c make # buildkit'), 'RUN make');
  t.is(plainCommand('COPY a b # buildkit'), 'COPY a b');
});

test('the base has the first shade, the top the last', (t) => {
  t.deepEqual([1, 2, 3].map((number) => shadeOf(number, 3)), [0, 4, 7]);
  t.is(shadeOf(1, 1), 7);
});
