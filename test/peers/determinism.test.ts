import { cp, readFile, utimes } from 'node:fs/promises';
import test from 'ava';
import { dockerArchive, makeHandImages } from '../helpers/hand-image.js';
import { commandPath, createWorkspace, fileSha256, type Workspace } from '../helpers/imgkit.js';
import { runOrThrow } from '../helpers/run.js';

const NAME = 'docker.io/library/app:1.0';
const OTHER = 'registry.example:5000/team/app:2.0';

let work: Workspace;

test.before(async () => {
  work = await createWorkspace();
  const { plain, extended } = await makeHandImages();
  await dockerArchive(work.path('hand.tar'), [{ ...plain, tags: [NAME] }, { ...extended, tags: [OTHER] }]);
  await work.ok(['load', 'hand.tar']);
});

test.after.always(async () => { await work?.remove(); });

interface Way {
  readonly name: string;
  readonly args: readonly string[];
}

const ways: readonly Way[] = [
  { name: 'hybrid.tar', args: [] },
  { name: 'oci.tar', args: ['--format', 'oci'] },
  { name: 'docker.tar', args: ['--format', 'docker'] },
  { name: 'gzip-layers.tar', args: ['--compress', 'gzip'] },
  { name: 'fast-layers.tar', args: ['--compress', 'gzip', '--compress-level', 'fast'] },
  { name: 'zstd-layers.tar', args: ['--compress', 'zstd'] },
  { name: 'around.tar.gz', args: [] },
  { name: 'around.tar.zst', args: [] },
];

for (const { name, args } of ways) {
  test.serial(`the same bytes every time: ${name}`, async (t) => {
    const save = ['save', ...args, `store:${NAME}`, `store:${OTHER}`, '-o'];
    await work.ok([...save, name]);
    const expected = await fileSha256(work.path(name));
    await work.ok([...save, `again-${name}`], { env: { TZ: 'Asia/Kathmandu', LC_ALL: 'C', UV_THREADPOOL_SIZE: '1' } });
    t.is(await fileSha256(work.path(`again-${name}`)), expected);
    // Another store, filled in another order from a copy with other times; and a pipe.
    await cp(work.path('hand.tar'), work.path('copy.tar'));
    await utimes(work.path('copy.tar'), 1, 1);
    const other = ['--store', `other-${name}`];
    await work.ok(['copy', `copy.tar#${OTHER}`, 'store:', ...other]);
    await work.ok(['copy', `copy.tar#${NAME}`, 'store:', ...other]);
    await work.ok([...save, `other-${name}.${name}`, ...other]);
    t.is(await fileSha256(work.path(`other-${name}.${name}`)), expected);
    const around = name.endsWith('.gz') ? '--compress-archive gzip' : name.endsWith('.zst') ? '--compress-archive zstd' : '';
    const piped = await work.shell(`imgkit ${save.join(' ')} - ${around} > piped-${name}`);
    t.is(piped.code, 0, piped.stderr);
    t.is(await fileSha256(work.path(`piped-${name}`)), expected);
  });
}

const node24 = process.env['IMGKIT_NODE24'];
for (const { name, args } of ways) {
  // .ci/run names the binary; without it only this comparison is left out, and ava lists it as skipped.
  (node24 === undefined ? test.serial.skip : test.serial)(`the same bytes under Node 24: ${name}`, async (t) => {
    const node = node24 as string;
    t.regex(await runOrThrow(node, ['--version']), /^v24\./);
    const save = ['save', ...args, `store:${NAME}`, `store:${OTHER}`, '-o'];
    await work.ok([...save, `here-${name}`]);
    await runOrThrow(node, [commandPath, ...save, `there-${name}`], { cwd: work.folder, env: { IMGKIT_HOME: work.home, TMPDIR: work.path('tmp') } });
    t.is(await fileSha256(work.path(`there-${name}`)), await fileSha256(work.path(`here-${name}`)));
  });
}

test.serial('a tar of ours says nothing of when and by whom it was made', async (t) => {
  const listing = (await runOrThrow('tar', ['-tvf', work.path('hybrid.tar'), '--numeric-owner', '--full-time', '--utc'])).trimEnd().split('\n');
  t.deepEqual(new Set(listing.map((line) => line.replace(/^(\S+ \S+) +\d+ (\S+ \S+) .*$/, '$1 $2'))), new Set(['-rw-r--r-- 0/0 1970-01-01 00:00:00']));
  t.is((await readFile(work.path('hybrid.tar'))).length % 512, 0);
});
