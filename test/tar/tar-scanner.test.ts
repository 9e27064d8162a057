import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, linkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import test from 'ava';
import * as fc from 'fast-check';
import { pack } from 'tar-stream';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { TarScanner } from '../../src/tar/tar-scanner.js';
import { file, GNU, longName, pax, raw, tar } from '../hostile/tar-builder.js';
import { scan } from './scan.js';

const sample = tar(
  pax({ comment: 'c' }, 'g'), file('a', 'x'.repeat(1300)), pax({ path: 'p'.repeat(700), 'SCHILY.xattr.user.a': 'v', mtime: '1.5' }), file('b', ''),
  longName('l'.repeat(300)), file('c', 'y'.repeat(512)), raw({ name: 's', type: 'S', magic: GNU, patch: [[482, '\x01'], [483, '00000010000\0']] }), Buffer.alloc(512), file('end', 'z'),
);

test('any chunking gives what the whole gives', (t) => {
  const whole = scan(sample, 'layer');
  t.is(whole.entries, 5);
  t.deepEqual(scan(sample, 'layer', 1), whole);
  fc.assert(fc.property(fc.infiniteStream(fc.integer({ min: 1, max: 2000 })), (sizes) => {
    t.deepEqual(scan(sample, 'layer', () => sizes.next().value as number), whole);
  }), { numRuns: 60 });
});

test('offsets point at the first header and at the body', (t) => {
  for (const [i, { headerOffset, bodyOffset, size }] of scan(sample, 'layer').list.entries()) {
    t.is(headerOffset % 512, 0);
    t.true(bodyOffset > headerOffset);
    t.deepEqual(sample.subarray(bodyOffset, bodyOffset + size), scan(sample, 'layer').bodies[i]);
  }
});

test('without callbacks bodies are skipped and everything is still checked', (t) => {
  const scanner = new TarScanner({ file: 'x', mode: 'layer', limits: DEFAULT_LIMITS });
  scanner.push(new Uint8Array(sample));
  t.deepEqual(scanner.end(), { entries: 5, size: sample.length, notes: [] });
});

test('shared memory is read as well', (t) => {
  const shared = new Uint8Array(new SharedArrayBuffer(sample.length));
  shared.set(sample);
  t.deepEqual(scan(shared, 'layer').list, scan(sample, 'layer').list);
});

test('a missing end marker in a layer is a note', (t) => {
  const { notes } = scan(file('a'), 'layer');
  t.deepEqual(notes, ['At offset 1024 there is no end-of-archive marker.']);
});

test('what GNU tar adds for backups is refused by its name and option', (t) => {
  for (const [type, wanted] of [['V', /label of a volume.*without --label/], ['D', /without --listed-incremental/], ['M', /without --multi-volume/]] as const) {
    t.throws(() => scan(tar(raw({ type, magic: GNU })), 'layer'), { code: 'tar-malformed', message: wanted } as object);
  }
});

test('entries past the limit are refused', (t) => {
  const scanner = new TarScanner({ file: 'x', mode: 'layer', limits: { ...DEFAULT_LIMITS, layerEntries: 1 } });
  t.throws(() => scanner.push(tar(file('a'), file('b'))), { code: 'limit-exceeded', message: /offset 1024.*layerEntries/ } as object);
});

test('what tar-stream packs reads back', async (t) => {
  const packer = pack();
  const long = 'd\u00e9/'.repeat(60);
  packer.entry({ name: 'plain.txt', mtime: new Date(5000), uid: 7 }, 'hello');
  packer.entry({ name: `${long}f`, size: 3 }, 'abc');
  packer.entry({ name: 'link', type: 'symlink', linkname: 'plain.txt' });
  packer.entry({ name: 'folder', type: 'directory' });
  packer.finalize();
  const { list, bodies } = scan(await buffer(packer), 'archive');
  t.deepEqual(list.map(({ path, type }) => [path, type]), [['plain.txt', 'file'], [`${long}f`, 'file'], ['link', 'symlink'], ['folder', 'directory']]);
  t.deepEqual(bodies.map(String), ['hello', 'abc', '', '']);
  t.is(list[0]?.uid, 7);
  t.is(list[0]?.mtime.seconds, 5);
});

for (const format of ['v7', 'oldgnu', 'gnu', 'ustar', 'posix']) {
  test(`what GNU tar writes reads back: ${format}`, (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'imgkit-tar-'));
    t.teardown(() => rmSync(dir, { recursive: true }));
    const long = format === 'v7' ? 'short' : join('x'.repeat(80), 'y'.repeat(90));
    mkdirSync(join(dir, 'in', long), { recursive: true });
    writeFileSync(join(dir, 'in', long, 'file'), 'body');
    writeFileSync(join(dir, 'in', 'empty'), '');
    symlinkSync('/nowhere', join(dir, 'in', 'sym'));
    linkSync(join(dir, 'in', 'empty'), join(dir, 'in', 'hard'));
    const bytes = execFileSync('tar', ['-c', `--format=${format}`, '--sort=name', '-C', join(dir, 'in'), '.']);
    const { list, bodies } = scan(bytes, 'layer');
    const find = (path: string): number => list.findIndex((entry) => entry.path === path);
    t.is(bodies[find(join(long, 'file'))]?.toString(), 'body');
    t.is(list[find('sym')]?.linkPath, '/nowhere');
    t.is(list[find('hard')]?.linkPath, 'empty');
    t.is(list[find('')]?.type, 'directory');
    t.deepEqual(scan(bytes, 'layer', 1).list, list);
  });
}

for (const args of [['--format=gnu'], ['--format=posix', '--sparse-version=0.0'], ['--format=posix', '--sparse-version=0.1'], ['--format=posix', '--sparse-version=1.0']]) {
  test(`sparse files of GNU tar: ${args.join(' ')}`, (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'imgkit-tar-'));
    t.teardown(() => rmSync(dir, { recursive: true }));
    const name = join(dir, 'holes');
    execFileSync('sh', ['-c', `i=0; while [ $i -lt 40 ]; do printf x | dd of="$1" bs=1 seek=$((i * 65536)) conv=notrunc status=none; i=$((i + 1)); done; truncate -s 3M "$1"`, 'sh', name]);
    writeFileSync(join(dir, 'next'), 'after');
    const bytes = execFileSync('tar', ['-cS', ...args, '-C', dir, 'holes', 'next']);
    const { list, bodies } = scan(bytes, 'layer', 1000);
    t.deepEqual(list.map(({ path }) => path), ['holes', 'next']);
    t.is(list[0]?.sparse?.realSize, 3 << 20);
    t.true((list[0]?.size ?? Infinity) < 1 << 20);
    t.is(bodies[1]?.toString(), 'after');
  });
}
