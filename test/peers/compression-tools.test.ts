import { readdir } from 'node:fs/promises';
import test from 'ava';
import { identityByHand, identityOf, inspect, verify, type Moved } from '../helpers/facts.js';
import { dockerArchive, makeHandImages, type HandImages } from '../helpers/hand-image.js';
import { createWorkspace, fileSha256, type Workspace } from '../helpers/imgkit.js';

const NAME = 'docker.io/library/app:1.0';

let work: Workspace;
let images: HandImages;

const ids = ({ images: moved }: Moved): readonly (string | undefined)[] => moved.map(({ imageId }) => imageId);

test.before(async () => {
  work = await createWorkspace();
  images = await makeHandImages();
  await dockerArchive(work.path('hand.tar'), [{ ...images.plain, tags: [NAME] }]);
  await work.ok(['load', 'hand.tar']);
  await work.ok(['save', `store:${NAME}`, '-o', 'plain.tar']);
});

test.after.always(async () => { await work?.remove(); });

for (const [file, tool, args] of [['x.tar.gz', 'gzip', []], ['x.tgz', 'gzip', []], ['x.tar.zst', 'zstd', []], ['named.tar', 'gzip', ['--compress-archive', 'gzip']]] as const) {
  test(`${tool} takes what save writes around the archive: ${file}`, async (t) => {
    await work.ok(['save', ...args, `store:${NAME}`, '-o', file]);
    t.is((await work.shell(`${tool} -t < ${file}`)).code, 0);
    const plain = work.path(`plain-${file}.tar`);
    t.is((await work.shell(`${tool} -dc < ${file} > ${plain}`)).code, 0);
    t.is(await fileSha256(plain), await fileSha256(work.path('plain.tar')));
    t.true((await verify(work, file)).ok);
  });
}

for (const [tool, command, file] of [['gzip', 'gzip -9 -c', 'y.tar.gz'], ['zstd', 'zstd -q -T0 -19 -c', 'y.tar.zst'], ['gzip in members', 'split -b 300k --filter="gzip -c"', 'members.tar.gz'], ['zstd in frames', 'split -b 300k --filter="zstd -q -c"', 'frames.tar.zst']] as const) {
  test(`an archive compressed by ${tool} is read, from a file and from a pipe`, async (t) => {
    t.is((await work.shell(`${command} plain.tar > ${file}`)).code, 0);
    t.deepEqual(identityOf(await inspect(work, file)), identityByHand(images.plain));
    t.true((await verify(work, file)).ok);
    const piped = await work.shell(`cat ${file} | imgkit load - --json --store ${file}.store`);
    t.is(piped.code, 0, piped.stderr);
    t.deepEqual(ids(JSON.parse(piped.stdout) as Moved), [images.plain.imageId]);
  });
}

for (const slow of ['(head -c 100; sleep 0.3; head -c 70000; sleep 0.3; cat) < plain.tar | imgkit load', 'imgkit load - < plain.tar', '(sleep 0.3; cat plain.tar) | imgkit load -']) {
  test(`standard input at any pace: ${slow}`, async (t) => {
    const store = `store-${slow.length}`;
    const { code, stdout, stderr } = await work.shell(`${slow} --json --store ${store}`);
    t.is(code, 0, stderr);
    t.deepEqual(ids(JSON.parse(stdout) as Moved), [images.plain.imageId]);
  });
}

test('save into load through a pipe, plain and compressed', async (t) => {
  for (const [i, args] of [[], ['--compress-archive', 'gzip'], ['--compress-archive', 'zstd'], ['--format', 'docker'], ['--format', 'oci', '--compress', 'gzip']].entries()) {
    const { code, stdout, stderr } = await work.shell(`imgkit save store:${NAME} ${args.join(' ')} -o - | imgkit load - --json --store pipe-${i}`);
    t.is(code, 0, stderr);
    t.deepEqual(ids(JSON.parse(stdout) as Moved), [images.plain.imageId], args.join(' '));
  }
});

test('xz around an archive is refused with the way out, and nothing is left', async (t) => {
  t.is((await work.shell('xz -0 -c plain.tar > z.tar.xz')).code, 0);
  for (const line of ['imgkit load ./z.tar.xz --store xz-store', 'cat z.tar.xz | imgkit load - --store xz-store', 'imgkit list ./z.tar.xz']) {
    const { code, stdout, stderr } = await work.shell(line);
    t.is(code, 3, line);
    t.is(stdout, '');
    t.regex(stderr, /^imgkit: .*\bxz\b.*\.\n$/);
  }
  t.false((await readdir(work.folder)).includes('xz-store'));
});

test('import and append read what xz and bzip2 write, whatever they were told', async (t) => {
  // Text, noise and zeros, so that blocks of every kind are there.
  t.is((await work.shell('mkdir -p raw && seq 300000 > raw/text && head -c 1500000 /dev/urandom > raw/noise && head -c 3000000 /dev/zero > raw/zeros && tar -cf raw.tar -C raw .')).code, 0);
  const { layers: [plain] } = await work.json<{ layers: readonly { diffId: string }[] }>(['import', 'raw.tar', 'raw:1', '--store', 'raw-store', '--force', '--compress', 'none']);
  const ways = ['xz -0', 'xz -9e', 'xz --check=crc32', 'xz --check=none', 'xz -T2 --block-size=1MiB', 'bzip2 -1', 'bzip2 -9'];
  for (const [i, way] of ways.entries()) {
    t.is((await work.shell(`${way} -c raw.tar > raw-${i}`)).code, 0);
    const { layers: [layer] } = await work.json<{ layers: readonly { diffId: string }[] }>(['import', `./raw-${i}`, 'raw:1', '--store', 'raw-store', '--force', '--compress', 'none']);
    t.is(layer?.diffId, plain?.diffId, way);
  }
  t.is((await work.shell('head -c 2000000 raw.tar | bzip2 > two; tail -c +2000001 raw.tar | bzip2 >> two; imgkit append raw:1 raw:2 --layer two --store raw-store')).code, 0);
});

test('xz with a check or filter that is not read, or a dictionary beyond bounds, is refused', async (t) => {
  t.is((await work.shell('seq 100000 > seq && tar -cf seq.tar seq && xz --check=sha256 -c seq.tar > sha256.xz && xz --x86 --lzma2=preset=1 -c seq.tar > x86.xz && xz --lzma2=dict=1GiB -c seq.tar > large.xz')).code, 0);
  for (const name of ['./sha256.xz', './x86.xz']) t.regex((await work.imgkit(['import', name, 'x:1', '--store', 'xz-import'])).stderr, /unpack it with `xz -dc`/);
  const large = await work.imgkit(['import', './large.xz', 'x:1', '--store', 'xz-import']);
  t.is(large.code, 3, large.stderr);
  t.regex(large.stderr, /memory/);
});

test('what the tools cut short is refused', async (t) => {
  for (const tool of ['gzip', 'zstd -q']) {
    const file = `cut.${tool.split(' ')[0]}`;
    t.is((await work.shell(`${tool} -c plain.tar > whole.${file}; head -c 200000 whole.${file} > ${file}`)).code, 0);
    const { code, stderr } = await work.imgkit(['load', `./${file}`, '--store', 'cut-store']);
    t.is(code, 3, stderr);
    t.regex(stderr, /^imgkit: .*\.\n$/);
  }
});
