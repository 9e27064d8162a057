import test from 'ava';
import * as fc from 'fast-check';
import { isImgkitError } from '../../src/errors.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { layOut } from '../../src/tar/archive-layout.js';
import { readTarIndex, type TarIndex } from '../../src/tar/tar-index.js';
import { memorySource } from './memory-source.js';
import { scan } from './scan.js';
import { file, longName, pax, raw, tar } from '../hostile/tar-builder.js';

const index = (bytes: Uint8Array): Promise<TarIndex> => readTarIndex(memorySource(bytes), DEFAULT_LIMITS);
const symlink = (name: string, link: string): Buffer => raw({ name, type: '2', link });
const hardlink = (name: string, link: string): Buffer => raw({ name, type: '1', link });

test('index and scanner see the same entries', async (t) => {
  const bytes = tar(pax({ comment: 'c' }, 'g'), file('./manifest.json', 'x'.repeat(5000)), pax({ path: 'p'.repeat(9000) }), file('x'), longName('l'.repeat(200)), file('y'), ...Array.from({ length: 300 }, (_, i) => file(`f${i}`, 'x'.repeat(i * 11))));
  t.deepEqual((await index(bytes)).entries, scan(bytes, 'archive').list);
});

test('large bodies are skipped', async (t) => {
  const layout = layOut(Array.from({ length: 30 }, (_, i) => ({ path: `blobs/sha256/${i}`, size: 1_000_000 })));
  const bytes = Buffer.alloc(layout.totalSize);
  for (const { header, headerOffset } of layout.items) bytes.set(header, headerOffset);
  const source = memorySource(bytes);
  t.is((await readTarIndex(source, DEFAULT_LIMITS)).entries.length, 30);
  t.true(source.reads().bytes < 100_000, String(source.reads().bytes));
});

test('many small entries take few reads', async (t) => {
  const source = memorySource(tar(...Array.from({ length: 5000 }, (_, i) => file(`f${i}`))));
  t.is((await readTarIndex(source, DEFAULT_LIMITS)).entries.length, 5000);
  t.true(source.reads().count < 25, String(source.reads().count));
});

test('links lead to regular files inside the archive', async (t) => {
  const { get, resolve } = await index(tar(
    file('a/layer.tar'), symlink('b/layer.tar', '../a/layer.tar'), symlink('c/layer.tar', '.././b//layer.tar'), hardlink('d/x', 'c/layer.tar'),
    raw({ name: 'folder', type: '5' }), symlink('to-folder', 'folder'), symlink('dangling', 'nothing'),
  ));
  for (const path of ['a/layer.tar', 'b/layer.tar', 'c/layer.tar', 'd/x']) t.is(resolve(path), get('a/layer.tar'), path);
  for (const path of ['folder', 'to-folder', 'dangling', 'missing', '__proto__']) t.is(resolve(path), undefined, path);
});

test('links that leave or go round are refused', async (t) => {
  const { resolve } = await index(tar(
    symlink('a/up', '../../x'), symlink('abs', '/etc/passwd'), symlink('self', 'self'), symlink('one', 'two'), hardlink('two', 'one'),
    file('h0'), ...Array.from({ length: 9 }, (_, i) => symlink(`h${i + 1}`, `h${i}`)),
  ));
  for (const path of ['a/up', 'abs', 'self', 'one', 'two', 'h9']) t.throws(() => resolve(path), { code: 'tar-malformed', message: /at offset \d+/ } as object, path);
  t.is(resolve('h8')?.path, 'h0');
});

test('entries past the limit are refused', async (t) => {
  const limits = { ...DEFAULT_LIMITS, archiveEntries: 1 };
  await t.throwsAsync(readTarIndex(memorySource(tar(file('a'), file('b'))), limits), { code: 'limit-exceeded' } as object);
});

test('index and scanner agree on damaged archives: same verdict, same entries', async (t) => {
  const sound = tar(pax({ comment: 'c' }, 'g'), file('a', 'x'.repeat(700)), pax({ path: 'p'.repeat(120), mtime: '1.5' }), file('b', ''), longName('l'.repeat(120)), file('c'), symlink('s', 'a'));
  const damage = fc.record({ at: fc.nat(sound.length - 1), byte: fc.nat(255), repair: fc.boolean(), cut: fc.oneof(fc.constant(0), fc.nat(sound.length)) });
  await fc.assert(fc.asyncProperty(damage, async ({ at, byte, repair, cut }) => {
    const bytes = Buffer.from(sound);
    bytes[at] = byte;
    // A right checksum lets the damage through to the rules behind it.
    if (repair) writeChecksum(bytes, at - (at % 512));
    const part = bytes.subarray(0, bytes.length - cut);
    t.deepEqual(await verdict(async () => (await index(part)).entries), await verdict(() => scan(part, 'archive', 333).list));
  }), { numRuns: 2000 });
});

function writeChecksum(bytes: Buffer, at: number): void {
  bytes.write('        ', at + 148);
  const sum = bytes.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148);
}

async function verdict(run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    return isImgkitError(error) ? error.code : error;
  }
}
