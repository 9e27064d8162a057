import { open, type FileHandle } from 'node:fs/promises';
import test from 'ava';
import fc from 'fast-check';
import type { BlobSource } from '../../src/content/byte-source.js';
import { digestOf } from '../../src/content/digest.js';
import { imageLayers, type ImageLayer } from '../../src/filesystem/image-layer.js';
import { readTree } from '../../src/filesystem/read-tree.js';
import type { TarOrder } from '../../src/filesystem/tar-order.js';
import { writeTreeTar } from '../../src/filesystem/write-tree-tar.js';
import { DEFAULT_LIMITS, isImgkitError, type Limits } from '../../src/index.js';
import { exportFilesystem } from '../../src/operations/export-filesystem.js';
import { layer } from '../helpers/image-builder.js';
import { layerEntries } from '../helpers/layer-entries.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
let output: FileHandle;
test.before(async () => void (output = await open(scratch.path('rootfs.tar'), 'wx+')));
test.after.always(async () => {
  await output.close();
  scratch.remove();
});

/** Layers in memory, and how often one was opened. */
function stack(...entries: readonly (readonly string[])[]): { readonly layers: readonly ImageLayer[]; readonly opened: () => number } {
  const built = entries.map((each) => layer(layerEntries(...each), { gzip: true }));
  const stored = new Map<string, Uint8Array>(built.map(({ stored, descriptor }) => [descriptor.digest, stored]));
  let opened = 0;
  const blobs: BlobSource = {
    stat: async (digest) => stored.get(digest)?.length,
    async *openUnverified(digest) {
      opened += 1;
      yield Buffer.from(stored.get(digest) as Uint8Array);
    },
    locate: async () => undefined,
  };
  const layers = imageLayers(blobs, 'test', built.map(({ stored: bytes, descriptor: { mediaType } }) => ({ mediaType, digest: digestOf(bytes), size: bytes.length })), built.map(({ tar }) => digestOf(tar)));
  return { layers, opened: () => opened };
}

const content = async (bytes: number): Promise<Buffer> => {
  const tar = Buffer.alloc(bytes);
  await output.read(tar, 0, bytes, 0);
  return tar;
};

async function exported(layers: readonly ImageLayer[], order: TarOrder, limits: Limits = DEFAULT_LIMITS): Promise<Buffer> {
  await output.truncate(0);
  const { bytes } = await exportFilesystem({ layers }, output, 'rootfs.tar', { order, limits });
  return content(bytes);
}

/** As the tree alone says, without anything that was written while the layers were read. */
async function planned(layers: readonly ImageLayer[]): Promise<Buffer> {
  const tree = await readTree(layers, { limits: DEFAULT_LIMITS });
  await output.truncate(0);
  const { bytes } = await writeTreeTar(tree, layers, output, 'rootfs.tar', { order: 'layers', limits: DEFAULT_LIMITS });
  return content(bytes);
}

const name = fc.constantFrom('a', 'b', 'c');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const entry = fc.oneof(
  { weight: 3, arbitrary: path.map((at) => `${at}/`) },
  { weight: 6, arbitrary: fc.tuple(path, fc.nat(600)).map(([at, size]) => `${at}:${'x'.repeat(size)}`) },
  { weight: 1, arbitrary: fc.tuple(path, path).map(([at, to]) => `${at} = ${to}`) },
  { weight: 1, arbitrary: fc.tuple(path, path).map(([at, to]) => `${at} -> /${to}`) },
  { weight: 2, arbitrary: path.map((at) => at.replace(/[^/]+$/, '.wh.$&')) },
  { weight: 1, arbitrary: path.map((at) => `${at}/.wh..wh..opq`) },
);

test.serial('random layers: the bytes are those that the tree alone plans, and mostly each layer is read once', async (t) => {
  let once = 0;
  let all = 0;
  await fc.assert(fc.asyncProperty(fc.array(fc.array(entry, { maxLength: 6 }), { minLength: 1, maxLength: 4 }), async (entries) => {
    const { layers, opened } = stack(...entries);
    let wanted: Buffer;
    try {
      wanted = await planned(layers);
    } catch (error) {
      await t.throwsAsync(exported(layers, 'layers'));
      return isImgkitError(error, 'tar-malformed');
    }
    const before = opened();
    const found = await exported(layers, 'layers');
    all += 1;
    if (opened() - before === layers.length) once += 1;
    return found.equals(wanted);
  }), { numRuns: 150 });
  t.true(once > all / 2 && once > 20, `${once} of ${all}`);
});

for (const [what, ...entries] of [
  ['a changed file', ['a:1', 'b:2'], ['a:3']],
  ['whiteouts', ['d/', 'd/a:1', 'd/b:2', 'e/', 'e/x:3'], ['d/', 'd/.wh.a', '.wh.e']],
  ['an opaque folder', ['d/', 'd/a:1', 'd/deep/', 'd/deep/b:2'], ['d/', 'd/.wh..wh..opq', 'd/c:3']],
  ['an opaque root', ['a:1', 'd/', 'd/x:2'], ['.wh..wh..opq', 'b:3']],
  ['a file in the place of a folder', ['d/', 'd/a:1', 'd/deep/', 'd/deep/b:2'], ['d:file']],
  ['a folder in the place of a file', ['d:file', 'dd:1'], ['d/', 'd/a:1']],
  ['a folder in the place of a file in the place of a folder', ['d/', 'd/gone:1'], ['d:file'], ['d/', 'd/a:2']],
  ['a whiteout of what comes back', ['d/', 'd/a:1', 'd/gone:2'], ['.wh.d', 'd/', 'd/a:3']],
  ['folders that only later layers mention', ['d/', 'd/a:1'], ['d/'], ['d/']],
  ['hard links in a layer', ['a:1', 'b = a', 'd/', 'd/c = a'], ['x:2']],
  ['a hard link to a file below', ['a:1'], ['b = a']],
  ['one of two names changes', ['a:1', 'b = a'], ['b:2']],
  ['a parent that is a link', ['usr/', 'usr/lib/', 'usr/lib/a:1', 'lib -> usr/lib'], ['lib/b:2']],
  ['nothing', [], []],
] as const) {
  test.serial(`each layer is read once: ${what}`, async (t) => {
    const { layers, opened } = stack(...entries);
    const found = await exported(layers, 'layers');
    t.is(opened(), layers.length);
    t.true(found.equals(await planned(layers)));
  });
}

for (const [what, ...entries] of [
  ['a name through a link hides one below', ['usr/', 'usr/lib/', 'usr/lib/a:below', 'lib -> usr/lib'], ['lib/a:above']],
  ['a name twice in a layer', ['a:first', 'b:2', 'a:second']],
  ['the first name of a linked file goes', ['a:1', 'c:3', 'b = a'], ['.wh.a']],
  ['the first name goes above a new one', ['a:1', 'c:3'], ['b = a'], ['.wh.a']],
  ['only a name that is longer than a header holds is left', ['a:1', 'c:3', `${'n'.repeat(101)} = a`], ['.wh.a']],
] as const) {
  test.serial(`what is written wrong at first is written anew: ${what}`, async (t) => {
    const { layers, opened } = stack(...entries);
    const found = await exported(layers, 'layers');
    t.true(opened() > layers.length);
    t.true(found.equals(await planned(layers)));
  });
}

test.serial('names of more than one full layer are not held: the same bytes', async (t) => {
  const { layers, opened } = stack(['a:1', 'b:2'], ['c:3', 'b:4']);
  const wanted = await planned(layers);
  const before = opened();
  t.true((await exported(layers, 'layers', { ...DEFAULT_LIMITS, layerEntries: 3 })).equals(wanted));
  t.is(opened() - before, 2 + 4);
});

test.serial('by path each layer is read twice', async (t) => {
  const { layers, opened } = stack(['a:1'], ['b:2']);
  await exported(layers, 'path');
  t.is(opened(), 4);
});
