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

test('what the tools cut short is refused', async (t) => {
  for (const tool of ['gzip', 'zstd -q']) {
    const file = `cut.${tool.split(' ')[0]}`;
    t.is((await work.shell(`${tool} -c plain.tar > whole.${file}; head -c 200000 whole.${file} > ${file}`)).code, 0);
    const { code, stderr } = await work.imgkit(['load', `./${file}`, '--store', 'cut-store']);
    t.is(code, 3, stderr);
    t.regex(stderr, /^imgkit: .*\.\n$/);
  }
});
