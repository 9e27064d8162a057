import test from 'ava';
import { listLegend, renderList, renderListQuiet } from '../../../cli/render/list.js';
import { platformName, renderPinned } from '../../../cli/render/names.js';
import type { ListResult } from '../../../src/index.js';
import { digest, widest } from '../helpers.js';

const arm = { os: 'linux', architecture: 'arm64', variant: 'v8' };
const result: ListResult = {
  location: 'a.tar',
  format: 'hybrid',
  notes: [],
  images: [
    {
      names: ['docker.io/library/app:1.9.6', 'registry.example.com:5000/team/very-long-name:2024'],
      digest: digest('1'),
      mediaType: 'm',
      kind: 'image',
      manifestOrigin: 'synthesized',
      imageId: digest('2'),
      platform: arm,
      created: '2024-05-01T10:20:30Z',
      size: 123_456_789,
    },
    {
      names: [],
      refName: 'bare\u001b[1m',
      digest: digest('3'),
      mediaType: 'm',
      kind: 'index',
      manifestOrigin: 'stored',
      size: 999,
      members: [
        { digest: digest('4'), platform: arm, kind: 'image', present: true },
        { digest: digest('5'), platform: { os: 'linux', architecture: 'amd64' }, kind: 'image', present: false },
        { digest: digest('6'), platform: { os: 'unknown', architecture: 'unknown' }, kind: 'attestation', present: true },
      ],
    },
  ],
};

test('80 columns: a long name has a line of its own, nothing is cut', (t) => {
  const lines = renderList(result, { width: 80, full: false });
  t.true(widest(lines) <= 80, lines.join('\n'));
  t.true(lines.includes('registry.example.com:5000/team/very-long-name:2024'));
  t.true(lines.some((line) => line.startsWith('app:1.9.6 ')));
});

test('a platform: what a config does not say is unknown, and an empty variant is none', (t) => {
  t.is(platformName({ os: '', architecture: '' }), 'unknown/unknown');
  t.is(platformName({ os: 'linux', architecture: 'amd64', variant: '' }), 'linux/amd64');
  t.is(platformName({ os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348' }), 'windows(10.0.20348)/amd64');
});

test('a tag that is a digest is shortened on a terminal, unless digests are asked for in full', (t) => {
  const about = (name: string): ListResult => ({ ...result, images: [{ names: [name], digest: digest('1'), mediaType: 'm', kind: 'index', manifestOrigin: 'stored' }] });
  for (const end of ['', '.sig', '.att']) {
    const name = `registry.example.com:5000/team/app:sha256-${'ab'.repeat(32)}${end}`;
    const lines = renderList(about(name), { width: 80, full: false });
    t.true(widest(lines) <= 80, lines.join('\n'));
    t.true(lines[1]?.startsWith(`registry.example.com:5000/team/app:sha256-abababababab…${end}`), lines.join('\n'));
    t.true(renderList(about(name), { width: undefined, full: false })[1]?.startsWith(`${name} `));
    t.true(renderList(about(name), { width: 80, full: true })[1]?.startsWith(`${name} `));
  }
});

test('members are indented, the absent one says that this is legal', (t) => {
  const lines = renderList(result, { width: undefined, full: false });
  t.regex(lines.find((line) => line.includes('@555555555555')) ?? '', /^ {2}@5{12} +linux\/amd64 +absent \(legal: partial copy\)$/);
  t.regex(lines.find((line) => line.includes('@444444444444')) ?? '', /present$/);
  t.regex(lines.find((line) => line.includes('@666666666666')) ?? '', /unknown\/unknown +attestation$/);
});

test('a raw ref name is shown escaped', (t) => {
  t.true(renderList(result, { width: 80, full: false }).some((line) => line.startsWith('bare\\x1b[1m ')));
});

test('a synthesized manifest has a star, and the star a legend', (t) => {
  const lines = renderList(result, { width: undefined, full: false });
  t.true(lines.some((line) => line.endsWith('111111111111*')));
  t.regex(listLegend(result).join(' '), /synthesized/);
  t.true(widest(listLegend(result)) <= 80);
  t.deepEqual(listLegend({ ...result, images: result.images.slice(1) }), []);
});

test('--no-trunc prints digests in full', (t) => {
  const text = renderList(result, { width: 80, full: true }).join('\n');
  t.true(text.includes(digest('1')));
  t.true(text.includes(digest('2')));
});

test('an empty place is a header', (t) => {
  t.is(renderList({ ...result, images: [] }, { width: 80, full: false }).length, 1);
});

test('what an engine lists has no digest, and says where to get it', (t) => {
  const listed = { ...result, format: 'docker-daemon', images: [{ names: ['docker.io/library/app:1'], digest: digest('2'), imageId: digest('2'), mediaType: 'm', kind: 'image' as const, manifestOrigin: 'synthesized' as const }] };
  t.regex(renderList(listed, { width: 80, full: false })[1] ?? '', /^app:1 +222222222222 .* -$/);
  t.deepEqual(renderListQuiet(listed), ['docker.io/library/app:1']);
  t.regex(listLegend(listed).join(' '), /imgkit digest docker-daemon:NAME/);
  t.true(widest(listLegend(listed)) <= 80);
});

test('pinned names for --quiet', (t) => {
  t.deepEqual(renderPinned(['docker.io/library/app:1'], digest('1')), [`docker.io/library/app:1@${digest('1')}`]);
  t.deepEqual(renderPinned([], digest('1')), [digest('1')]);
});
