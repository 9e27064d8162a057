import { appendFile, mkdir, readdir, readFile, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { ImgkitError, isImgkitError } from '../../src/index.js';
import { moveFile } from '../../src/operations/watch/move-file.js';
import { quarantineFile } from '../../src/operations/watch/quarantine.js';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, layer, layerTar, pack } from '../helpers/image-builder.js';
import { faultLab, ingesting, mountSmall } from './fault-lab.js';

const full = /full|bytes are needed/;

test('save onto a disk that is too small stops before the first byte', async (t) => {
  const lab = await faultLab(t);
  const disk = lab.path('disk');
  if (!mountSmall(t, disk, 4)) return;
  for (const format of ['hybrid', 'oci', 'docker']) {
    const { code, stderr } = await lab.imgkit(['save', lab.input, '-o', join(disk, 'out.tar'), '--format', format]);
    t.is(code, 6, stderr);
    t.regex(stderr, /\d+ bytes are needed and \d+ are free/);
    t.deepEqual(await readdir(disk), []);
  }
});

test('a disk that fills up while it is written leaves nothing', async (t) => {
  const lab = await faultLab(t);
  const disk = lab.path('disk');
  if (!mountSmall(t, disk, 4)) return;
  // What is compressed has no known size: it fails in the middle.
  for (const args of [['-o', join(disk, 'out.tar.gz')], ['-o', join(disk, 'out.tar'), '--compress', 'gzip'], ['-o', join(disk, 'out.tar.zst')]]) {
    const { code, stderr } = await lab.imgkit(['save', lab.input, ...args]);
    t.is(code, 6, stderr);
    t.regex(stderr, full);
    t.deepEqual(await readdir(disk), []);
  }
});

test('load into a store on a full disk, and from standard input with a full TMPDIR', async (t) => {
  const lab = await faultLab(t);
  const disk = lab.path('disk');
  if (!mountSmall(t, disk, 4)) return;
  const store = join(disk, 'store');
  const load = await lab.imgkit(['load', lab.input, '--store', store]);
  t.is(load.code, 6, load.stderr);
  t.deepEqual(await readdir(join(store, '.imgkit/ingest')).catch(() => []), []);
  t.deepEqual(await readdir(join(store, 'blobs/sha256')).catch(() => []), []);
  const copied = await lab.imgkit(['copy', lab.input, `oci:${disk}/layout`]);
  t.is(copied.code, 6, copied.stderr);
  t.deepEqual(await readdir(join(disk, 'layout')).catch(() => []), []);
  const spooled = await lab.shell('cat input.tar | imgkit load -', { env: { TMPDIR: disk } });
  t.is(spooled.code, 6, spooled.stderr);
  t.regex(spooled.stderr, /TMPDIR/);
  t.deepEqual((await readdir(disk)).filter((name) => name.endsWith('.spool')), []);
});

test('gc frees space of a disk that has not one byte left', async (t) => {
  const lab = await faultLab(t, 0.3);
  const disk = lab.path('disk');
  if (!mountSmall(t, disk, 4)) return;
  const store = join(disk, 'store');
  await lab.ok(['load', lab.input, '--store', store]);
  await lab.ok(['rm', 'big:1', '--store', store]);
  await t.throwsAsync(fill(join(disk, 'filler')), { code: 'ENOSPC' });
  await lab.ok(['gc', '--store', store]);
  t.deepEqual(await readdir(join(store, 'blobs/sha256')), []);
  t.deepEqual(await readdir(join(store, '.imgkit')), ['ingest', 'leases']);
  const { bavail } = await statfs(disk);
  t.true(bavail > 0);
});

test('fetch onto a disk that is too small leaves nothing there', async (t) => {
  const lab = await faultLab(t);
  const disk = lab.path('disk');
  if (!mountSmall(t, disk, 4)) return;
  await lab.ok(['send', lab.input, `file://${lab.output}/`]);
  const { code, stderr } = await lab.imgkit(['fetch', `file://${lab.output}/input.tar`, '-o', disk]);
  t.is(code, 6, stderr);
  t.regex(stderr, full);
  t.deepEqual(await readdir(disk), []);
});

test('standard output that is full', async (t) => {
  const lab = await faultLab(t);
  const { code, stderr } = await lab.shell('imgkit save input.tar -o - > /dev/full');
  t.is(code, 6, stderr);
  t.regex(stderr, full);
});

test('a limit on file sizes, which makes writes end short', async (t) => {
  const lab = await faultLab(t);
  const limited = (line: string): ReturnType<typeof lab.shell> => lab.shell(`trap '' XFSZ; ulimit -f 2048; ${line}`);
  for (const line of ['imgkit save input.tar -o output/out.tar', 'imgkit save input.tar -o output/out.tar.gz', 'imgkit save input.tar -o output/out.tar --compress zstd', 'imgkit copy input.tar oci:output/layout', 'imgkit load input.tar', 'cat input.tar | imgkit load -']) {
    const { code, stderr } = await limited(line);
    t.is(code, 6, `${line}: ${stderr}`);
    t.notRegex(stderr, /\n\s+at /);
    t.deepEqual(await lab.leftovers(), [], line);
    t.deepEqual(await ingesting(lab), [], line);
  }
  await lab.ok(['load', lab.input]);
  await lab.ok(['verify', 'store:']);
});

test('a disk that takes no more of the lease than its beginning leaves no draft of it', async (t) => {
  const lab = await faultLab(t, 0.03);
  const layers = Array.from({ length: 20 }, (_, i) => layer(layerTar(`layer${i}`)));
  await writeFile(lab.path('deep.tar'), pack(hybridParts([named(image('deep', { layers }), 'deep:1')])));
  // The lease names every blob, so it alone has more than these 1024 bytes before any blob is written.
  const { code, stderr } = await lab.shell("trap '' XFSZ; ulimit -f 1; imgkit load deep.tar");
  t.is(code, 6, stderr);
  t.deepEqual(await readdir(join(lab.store, '.imgkit/leases')), [], stderr);
});

test('a file that is moved to another disk appears there whole; to one that is too small it does not, and stays', async (t) => {
  const lab = await faultLab(t);
  const disk = lab.path('disk');
  if (!mountSmall(t, disk, 4)) return;
  const [small, large] = [lab.path('small.tar'), lab.path('large.tar')];
  await writeFile(small, 'small');
  await writeFile(large, Buffer.alloc(6 << 20));
  await mkdir(join(disk, 'kept'));
  await moveFile(small, join(disk, 'kept/small.tar'));
  t.is(await readFile(join(disk, 'kept/small.tar'), 'utf8'), 'small');
  const error = await t.throwsAsync(moveFile(large, join(disk, 'kept/large.tar')));
  t.true(isImgkitError(error, 'disk-full'), String(error));
  t.deepEqual(await readdir(join(disk, 'kept')), ['small.tar']);
  t.is((await stat(large)).size, 6 << 20);
  await t.throwsAsync(stat(small), { code: 'ENOENT' });
});

test('a quarantine that is too small keeps neither the file nor its reason: it will come again', async (t) => {
  const lab = await faultLab(t);
  const disk = lab.path('disk');
  if (!mountSmall(t, disk, 4)) return;
  const error = new ImgkitError('tar-malformed', 'no archive.');
  await writeFile(lab.path('large.tar'), Buffer.alloc(6 << 20));
  await t.throwsAsync(quarantineFile(lab.path('large.tar'), join(disk, 'refused'), { name: 'large.tar', url: 'sftp://host/large.tar', error }), { code: 'disk-full' });
  // Room for the file, and for nothing beside it.
  await writeFile(lab.path('small.tar'), 'small');
  await writeFile(join(disk, 'refused/other'), '');
  await t.throwsAsync(fill(join(disk, 'filler')), { code: 'ENOSPC' });
  await t.throwsAsync(quarantineFile(lab.path('small.tar'), join(disk, 'refused'), { name: 'small.tar', url: 'sftp://host/small.tar', error }), { code: 'disk-full' });
  t.deepEqual(await readdir(join(disk, 'refused')), ['other']);
  t.deepEqual([(await stat(lab.path('large.tar'))).size, (await stat(lab.path('small.tar'))).size], [6 << 20, 5]);
});

async function fill(path: string): Promise<void> {
  for (;;) await appendFile(path, Buffer.alloc(4096));
}
