import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, utimesSync, writeSync } from 'node:fs';
import test from 'ava';
import { diff, exportImage, squash } from '../../src/index.js';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, layer, pack, type BuiltLayer } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const SIZE = 1 << 20;
let number = 0;
const archive = (...layers: readonly BuiltLayer[]): Promise<string> => scratch.write(`${number++}.tar`, pack(hybridParts([named(image('app', { layers }), 'app:1')])));

/** A layer of GNU tar with one file, all of which is a hole but 40 pieces of data, the first at `offset`. */
function holes(offset: number, args: readonly string[]): BuiltLayer {
  const folder = scratch.path(`in-${number++}`);
  mkdirSync(folder);
  const file = `${folder}/holes`;
  const fd = openSync(file, 'w');
  for (let i = 0; i < 40; i++) writeSync(fd, Buffer.alloc(4096, i + 1), 0, 4096, offset + i * 16384);
  ftruncateSync(fd, SIZE);
  closeSync(fd);
  utimesSync(file, 1, 1);
  return layer(execFileSync('tar', ['-cS', ...args, '-C', folder, '--owner=0', '--group=0', '--numeric-owner', '--mode=644', 'holes']), { gzip: true });
}

for (const args of [['--format=gnu'], ['--format=posix', '--sparse-version=0.0'], ['--format=posix', '--sparse-version=0.1'], ['--format=posix', '--sparse-version=1.0']]) {
  test(`a sparse file whose data only lies elsewhere is another file: ${args.join(' ')}`, async (t) => {
    const [old, fresh] = [holes(0, args), holes(8192, args)];
    const [before, after] = [await archive(old), await archive(fresh)];
    t.deepEqual([...(await diff({ old: before, new: after, parts: ['files'] })).files?.changes ?? []].filter(({ path }) => path === '/holes').map(({ differences }) => differences), [['content']]);
    // Packed anew, in another layer, it is the same file.
    const again = await archive(layer(Buffer.concat([old.tar.subarray(0, -1024), Buffer.alloc(2048)]), { gzip: true }));
    t.true((await diff({ old: before, new: again, parts: ['files'] })).same);

    const both = await archive(layer('base', { gzip: true }), old, fresh, layer('top', { gzip: true }));
    const squashed = scratch.path(`${number++}.tar`);
    await squash({ location: both, to: squashed, from: '3' });
    const rootfs = scratch.path(`${number++}-rootfs.tar`);
    await exportImage({ location: squashed, output: rootfs });
    const content = execFileSync('tar', ['-xOf', rootfs, 'holes'], { maxBuffer: 1 << 26 });
    t.is(content[8192], 1);
    t.is(content[0], 0);
  });
}
