import test from 'ava';
import { imageLines, renderMoveSummary } from '../../../cli/render/move.js';
import { renderDigests, renderDigestValues } from '../../../cli/render/digest.js';
import { renderGc, renderRemoved, renderTags, renderTagsQuiet } from '../../../cli/render/store.js';
import { digest, widest } from '../helpers.js';

test('a short name and its digest share a line', (t) => {
  t.deepEqual(imageLines({ names: ['docker.io/library/app:1'], digest: digest('1'), manifestOrigin: 'stored' }), [`app:1  ${digest('1')}`]);
});

test('a long name stands alone', (t) => {
  const lines = imageLines({ names: ['registry.example.com/team/app:1.9.6'], digest: digest('1'), manifestOrigin: 'stored' });
  t.deepEqual(lines, ['registry.example.com/team/app:1.9.6', `  ${digest('1')}`]);
});

test('synthesized and changed manifests are said plainly, in 80 columns', (t) => {
  const lines = imageLines({
    names: [],
    digest: digest('1'),
    sourceDigest: digest('2'),
    changedBecause: 'the layers were compressed anew, which gives every one of them another digest and so the manifest too.',
    manifestOrigin: 'synthesized',
  });
  t.true(widest(lines) <= 80);
  const text = lines.join(' ').replaceAll(/ +/g, ' ');
  t.regex(text, /manifest synthesized/);
  t.regex(text, /manifest digest changed: the layers/);
  t.true(text.includes(digest('2')));
});

test('the summary', (t) => {
  const result = { from: ['app:1'], to: 'app.tar', format: 'hybrid', images: [], bytes: 5_000_000, reused: 1, notes: [] };
  t.is(renderMoveSummary(result, 'wrote'), 'wrote 0 images to app.tar (hybrid): 5.0 MB, 1 blob there already');
  t.is(renderMoveSummary({ ...result, to: 'store:', format: 'store', reused: 0 }, 'loaded'), 'loaded 0 images to the store: 5.0 MB');
  t.is(renderMoveSummary({ ...result, to: 'app:2', format: 'store', reused: 0 }, 'copied'), 'copied 0 images to app:2 (store): 5.0 MB');
});

test('what goes along is no image more', (t) => {
  const image = { names: ['docker.io/library/app:1'], digest: digest('1'), manifestOrigin: 'stored' as const };
  const result = { from: ['app:1'], to: 'app.oci', format: 'oci-archive', bytes: 5_000_000, reused: 0, notes: [] };
  const signature = { ...image, names: [], attached: true as const };
  t.is(renderMoveSummary({ ...result, images: [image, signature, signature] }, 'copied'), 'copied 1 image, with 2 artifacts about it, to app.oci (oci-archive): 5.0 MB');
  t.is(renderMoveSummary({ ...result, images: [image, image, signature] }, 'copied'), 'copied 2 images, with 1 artifact about them, to app.oci (oci-archive): 5.0 MB');
});

test('digests: file, manifest, config', (t) => {
  const result = { location: 'app.tar', file: digest('f'), images: [{ names: ['docker.io/library/app:1'], manifest: digest('1'), config: digest('2'), manifestOrigin: 'synthesized' as const }], notes: [] };
  t.deepEqual(renderDigests(result), [`${digest('f')}  file  app.tar`, `${digest('1')}  manifest (synthesized)  app:1`, `${digest('2')}  config  app:1`]);
  t.deepEqual(renderDigestValues(result), [digest('f')]);
  t.deepEqual(renderDigestValues({ ...result, file: undefined }), [digest('1')]);
});

test('tag, rm, gc', (t) => {
  const tagged = { digest: digest('1'), added: ['docker.io/library/app:1.9'], moved: ['docker.io/library/app:1'], kept: ['docker.io/library/app:latest'] };
  t.deepEqual(renderTags(tagged), ['added  app:1.9', 'moved  app:1', 'there  app:latest', `       ${digest('1')}`]);
  t.deepEqual(renderTagsQuiet(tagged), [`docker.io/library/app:1.9@${digest('1')}`, `docker.io/library/app:1@${digest('1')}`, `docker.io/library/app:latest@${digest('1')}`]);
  t.deepEqual(renderRemoved({ removed: ['docker.io/library/app:1'] }), ['removed  app:1']);
  t.deepEqual(renderGc({ removedBlobs: 1, bytes: 1000, dryRun: true }), ['would free 1.0 kB in 1 blob']);
  t.deepEqual(renderGc({ removedBlobs: 2, bytes: 0, dryRun: false }), ['freed 0 B in 2 blobs']);
});
