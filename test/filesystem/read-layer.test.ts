import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { digestOf, type Digest } from '../../src/content/digest.js';
import { imageLayers, type ImageLayer } from '../../src/filesystem/image-layer.js';
import { readLayer } from '../../src/filesystem/read-layer.js';
import { DEFAULT_LIMITS } from '../../src/index.js';
import { rejectsWith } from '../content/bytes.js';
import { tempFile } from '../content/temp.js';
import { layer } from '../helpers/image-builder.js';
import { tarOf } from '../helpers/tar-entries.js';

const tar = tarOf({ path: 'large', body: 'x'.repeat(5_000_001) }, { path: 'last', body: 'x' });
const { stored, descriptor: { mediaType } } = layer(tar, { gzip: true, stored: gzipSync(tar, { level: 0 }) });

/** A layer in a file, large enough that a thread reads it. */
async function large(t: ExecutionContext, { size = stored.length, digest = digestOf(stored), diffId = digestOf(tar) } = {}): Promise<ImageLayer> {
  const { fd } = await tempFile(t, stored);
  const blobs = {
    stat: async () => stored.length,
    async *openUnverified() {
      yield Buffer.from(stored);
    },
    locate: async () => ({ fd, offset: 0, length: stored.length }),
  };
  const [only] = imageLayers(blobs, 'test', [{ mediaType, digest, size }], [diffId]);
  return only as ImageLayer;
}

const other = digestOf(new Uint8Array(1));
const limits = DEFAULT_LIMITS;

test('a large layer, of which only the headers are wanted: its names, with each of the proofs', async (t) => {
  for (const proof of ['both', 'digest', 'diff-id'] as const) {
    const { additions } = await readLayer(await large(t), { limits, proof });
    t.deepEqual([...additions].map(({ name }) => name), ['large', 'last'], proof);
  }
});

test('the bytes stored are not those of the digest, or more: an error, whoever hashes them', async (t) => {
  await rejectsWith(t, 'digest-mismatch', readLayer(await large(t, { digest: other }), { limits }));
  for (const hashing of ['in-thread', 'here'] as const) {
    const ignore = (): void => undefined;
    const read = async (digest: Digest): Promise<unknown> => readLayer(await large(t, { digest }), { limits, proof: 'digest', hashing }, { begin: ignore, chunk: ignore, end: ignore });
    await t.notThrowsAsync(read(digestOf(stored)));
    await rejectsWith(t, 'digest-mismatch', read(other), hashing);
  }
  await rejectsWith(t, 'size-mismatch', readLayer(await large(t, { size: stored.length + 1 }), { limits }));
  await rejectsWith(t, 'diffid-mismatch', readLayer(await large(t, { diffId: other }), { limits }));
});

test('who asks for one proof gets that one', async (t) => {
  await t.notThrowsAsync(async () => readLayer(await large(t, { digest: other }), { limits, proof: 'diff-id' }));
  await rejectsWith(t, 'diffid-mismatch', readLayer(await large(t, { diffId: other }), { limits, proof: 'diff-id' }));
});
