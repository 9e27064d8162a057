import test from 'ava';
import { renderInspect } from '../../../cli/render/inspect.js';
import type { InspectResult } from '../../../src/index.js';
import { digest, widest } from '../helpers.js';

const result: InspectResult = {
  location: 'a.tar',
  format: 'docker-archive',
  names: ['docker.io/library/app:1'],
  digest: digest('1'),
  manifestOrigin: 'synthesized',
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  kind: 'image',
  imageId: digest('2'),
  platform: { os: 'linux', architecture: 'amd64' },
  created: '2024-05-01T10:20:30Z',
  config: { Env: ['A=b'], Cmd: ['sh', '-c'], Volumes: null, User: '', Labels: { x: 'y' }, WorkingDir: '/w' },
  labels: new Map([['x', 'y\u001b[2J']]),
  about: [],
  layers: [
    {
      descriptor: { mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', digest: digest('3'), size: 12_345_678 },
      diffId: digest('4'),
      createdBy: `RUN ${'long '.repeat(40)}`,
    },
  ],
  members: [{ digest: digest('5'), kind: 'image', present: false }],
  referrers: [{ digest: digest('6'), artifactType: 'application/spdx+json' }],
  size: 12_345_900,
  notes: [],
};

test('80 columns, digests in full', (t) => {
  const lines = renderInspect(result, { width: 80 });
  t.true(widest(lines) <= 80, lines.join('\n'));
  t.true(lines.includes(`Digest   ${digest('1')}`));
  t.true(lines.includes(`Image ID ${digest('2')}`));
  t.true(lines.includes(`  1  ${digest('3')}`));
});

test('a synthesized manifest is called so', (t) => {
  t.regex(renderInspect(result, { width: 80 }).join('\n'), /manifest synthesized/);
  t.notRegex(renderInspect({ ...result, manifestOrigin: 'stored' }, { width: 80 }).join('\n'), /synthesized/);
});

test('the config without what says nothing; labels once and escaped', (t) => {
  const lines = renderInspect(result, { width: 80 });
  t.true(lines.includes('  Env: A=b'));
  t.true(lines.includes('  Cmd: ["sh","-c"]'));
  t.true(lines.includes('  WorkingDir: /w'));
  t.false(lines.some((line) => /Volumes|User/.test(line)));
  t.true(lines.includes('  x: y\\x1b[2J'));
});

test('members and referrers', (t) => {
  const text = renderInspect(result, { width: 80 }).join('\n');
  t.regex(text, /Members\n {2}sha256:5{64}\n.*absent \(legal/);
  t.regex(text, /Referrers\n {2}sha256:6{64}\n {4}application\/spdx\+json/);
});
