import test, { type ExecutionContext } from 'ava';
import { openArchiveFile } from '../../formats/open-archive.js';
import { openOciLayout } from '../../formats/oci-layout-source.js';
import type { ImageSource } from '../../src/image/image-source.js';
import { load } from '../../src/index.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { openStore } from '../../src/store/store.js';
import { dockerParts, hybridParts, ociParts, type NamedRoot } from '../helpers/archive-parts.js';
import { blobPath, hexOf, pack, type BuiltImage, type Part } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { imageSourceContract } from './image-source.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());
const limits = DEFAULT_LIMITS;

type Bend = (digest: string, bytes: Buffer) => Buffer;
const keep: Bend = (_, bytes) => bytes;

/** Parts whose blobs, wherever they lie, were bent. */
function bendParts(parts: readonly Part[], bend: Bend): readonly Part[] {
  return parts.map(([path, body]): Part => {
    const hex = /[a-f0-9]{64}/.exec(path)?.[0];
    return hex === undefined || !(body instanceof Uint8Array) ? [path, body] : [path, bend(`sha256:${hex}`, Buffer.from(body))];
  });
}

let count = 0;
const archive = (parts: (images: readonly NamedRoot<BuiltImage>[]) => readonly Part[]) => async (_: ExecutionContext, images: readonly NamedRoot<BuiltImage>[], bend: Bend = keep): Promise<ImageSource> => {
  count += 1;
  return openArchiveFile(await scratch.write(`${count}.tar`, pack(bendParts(parts(images), bend))), { limits });
};

imageSourceContract(test, 'docker-archive', { format: 'docker-archive', origin: 'synthesized', open: archive((images) => dockerParts('skopeo', images)) });
imageSourceContract(test, 'oci-archive', { format: 'oci-archive', origin: 'stored', open: archive((images) => ociParts(images)) });
imageSourceContract(test, 'hybrid', { format: 'hybrid', origin: 'stored', open: archive((images) => hybridParts(images)) });
imageSourceContract(test, 'oci-layout', {
  format: 'oci-layout',
  origin: 'stored',
  async open(_, images, bend = keep) {
    count += 1;
    return openOciLayout(await scratch.layout(`layout${count}`, bendParts(ociParts(images), bend)), limits);
  },
});
imageSourceContract(test, 'store', {
  format: 'store',
  origin: 'stored',
  async open(_, images, bend = keep) {
    count += 1;
    const folder = scratch.path(`store${count}`);
    await load({ from: await scratch.write(`${count}.tar`, pack(ociParts(images))), storeFolder: folder });
    // A disk that lost bits: the store took in only what was right.
    for (const { document } of images) {
      for (const [digest, bytes] of document.blobs) await writeFile(join(folder, blobPath(digest)), bend(digest, bytes));
    }
    return (await openStore({ folder, limits })).source();
  },
});

test('docker-archive: an archive of Docker 20, with layers behind links, gives the same blobs', async (t) => {
  const { image, layer } = await import('../helpers/image-builder.js');
  const first = image('first', { layers: [layer('base'), layer('first')] });
  const second = image('second', { layers: [layer('base'), layer('second')] });
  const source = await archive((images) => dockerParts('docker20', images))(t, [{ document: first, name: 'first:1' }, { document: second, name: 'second:1' }]);
  for (const { configDescriptor, layers } of [first, second]) {
    t.is(await source.blobs.stat(configDescriptor.digest as never), configDescriptor.size);
    for (const { diffId, tar } of layers) t.is(await source.blobs.stat(diffId as never), tar.length, hexOf(diffId));
  }
  await source.close();
});
