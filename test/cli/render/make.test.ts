import test from 'ava';
import { renderExtracted } from '../../../cli/render/extract.js';
import { renderMade, renderMadeSummary } from '../../../cli/render/make.js';
import type { MakeResult } from '../../../src/index.js';

const digest = `sha256:${'a'.repeat(64)}` as const;
const result: MakeResult = {
  from: 'app.tar', to: 'app:2', format: 'store', names: ['docker.io/library/app:2'], digest, imageId: digest, changes: ['ENV A=\u001b[31m', 'USER 1'],
  layers: [{ digest, diffId: digest, size: 1234, from: 'conf' }], bytes: 2048, reused: 2, notes: [],
};

test('name, digest, what is different, new layers; control characters spelled out', (t) => {
  t.deepEqual(renderMade(result), ['app:2', `  ${digest}`, '  ENV A=\\x1b[31m', '  USER 1', '  layer sha256:aaaaaaaaaaaa  1.2 kB  conf']);
  t.is(renderMadeSummary(result), 'made 1 image in app:2 (store): 2.0 kB, 2 blobs there already');
  t.deepEqual(renderMade({ ...result, names: [], changes: [], layers: [] }), ['<none>', `  ${digest}`]);
});

test('extract says what it wrote', (t) => {
  const extracted = { location: 'a', digest, to: 'out', files: 1, folders: 2, links: 0, specials: 0, bytes: 5, notes: [] };
  t.deepEqual(renderExtracted(extracted), ['extracted 1 file (5 B), 2 folders, 0 links into out']);
  t.deepEqual(renderExtracted({ ...extracted, specials: 1 }), ['extracted 1 file (5 B), 2 folders, 0 links, 1 special file into out']);
});
