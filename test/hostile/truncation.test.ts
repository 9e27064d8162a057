import test from 'ava';
import { isImgkitError } from '../../src/errors.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { layOut } from '../../src/tar/archive-layout.js';
import { readTarIndex } from '../../src/tar/tar-index.js';
import { memorySource } from '../tar/memory-source.js';
import { scan } from '../tar/scan.js';
import { file, longName, pax, raw, tar } from './tar-builder.js';

const layout = layOut([{ path: 'oci-layout', size: 30 }, { path: 'blobs', type: 'directory' }, { path: `blobs/sha256/${'a'.repeat(120)}`, size: 1024 }, { path: 'index.json', size: 700 }]);
const planned = Buffer.alloc(layout.totalSize);
for (const { header, headerOffset } of layout.items) planned.set(header, headerOffset);

const archives = new Map([
  ['planned by layOut', planned],
  ['with extensions and links', tar(pax({ comment: 'x' }, 'g'), file('manifest.json', 'x'.repeat(513)), pax({ path: 'b'.repeat(600) }), file('b', 'y'), longName('c'.repeat(200)), raw({ name: 'c', type: '2', link: 'b' }), file('empty', ''))],
]);

/** Every 512 bytes, and one byte to each side. */
function cuts(size: number): number[] {
  const at = new Set<number>();
  for (let offset = 0; offset <= size; offset += 512) for (const cut of [offset - 1, offset, offset + 1]) if (cut >= 0 && cut < size) at.add(cut);
  for (const { headerOffset, bodyOffset, size: body } of layout.items) {
    for (const edge of [headerOffset, bodyOffset, bodyOffset + body]) for (const cut of [edge - 1, edge, edge + 1]) if (cut >= 0 && cut < size) at.add(cut);
  }
  return [...at];
}

for (const [name, bytes] of archives) {
  test(`a cut anywhere is detected: ${name}`, async (t) => {
    t.notThrows(() => scan(bytes, 'archive'));
    await t.notThrowsAsync(readTarIndex(memorySource(bytes), DEFAULT_LIMITS));
    for (const cut of cuts(bytes.length)) {
      const part = bytes.subarray(0, cut);
      for (const step of [cut || 1, 1, 100]) {
        const error = t.throws(() => scan(part, 'archive', step), undefined, `scanner accepted a cut at ${cut}`);
        t.true(isImgkitError(error, 'tar-truncated'), `cut at ${cut}: ${error?.message}`);
      }
      const error = await t.throwsAsync(readTarIndex(memorySource(part), DEFAULT_LIMITS), undefined, `index accepted a cut at ${cut}`);
      t.true(isImgkitError(error, 'tar-truncated'), `cut at ${cut}: ${error?.message}`);
    }
  });

  test(`a cut of a layer is detected but at the boundary of an entry: ${name}`, (t) => {
    const boundaries = new Set([0, ...scan(bytes, 'layer').list.flatMap(({ bodyOffset, size }) => [bodyOffset + size, bodyOffset + Math.ceil(size / 512) * 512])]);
    for (const cut of cuts(bytes.length)) {
      const run = (): unknown => scan(bytes.subarray(0, cut), 'layer', 7);
      // After a global header, too, nothing is missing, and of the marker one block is enough.
      if (boundaries.has(cut) || cut >= bytes.length - 1024 || (cut === 1024 && bytes !== planned)) {
        try {
          run();
          t.pass();
        } catch (error) {
          t.true(isImgkitError(error, 'tar-truncated'));
        }
      } else t.true(isImgkitError(t.throws(run), 'tar-truncated'), `cut at ${cut}`);
    }
  });
}
