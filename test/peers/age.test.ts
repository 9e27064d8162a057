import { chmod, readFile, writeFile } from 'node:fs/promises';
import test from 'ava';
import { inspect } from '../helpers/facts.js';
import { dockerArchive, makeHandImages, type HandImages } from '../helpers/hand-image.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { runOrThrow } from '../helpers/run.js';
import { fileSum, writeSample } from '../helpers/sample-file.js';

let work: Workspace;
let images: HandImages;
let recipient = '';

const age = (...args: readonly string[]): Promise<string> => runOrThrow('age', args, { cwd: work.folder });
const sum = (name: string): Promise<string> => fileSum(work.path(name));
const sample = (name: string, size: number): Promise<void> => writeSample(work.path(name), size);
/** age reads passphrases from a terminal only, so it gets one. */
const typed = async (passphrase: string, command: string): Promise<void> => {
  await runOrThrow('script', ['-qec', command, '/dev/null'], { cwd: work.folder, input: `${passphrase}\n${passphrase}\n` });
};

test.before(async () => {
  work = await createWorkspace();
  images = await makeHandImages();
  await dockerArchive(work.path('app.tar'), [{ ...images.plain, tags: ['docker.io/library/app:1.0'] }]);
  await runOrThrow('age-keygen', ['-o', work.path('key.txt')]);
  await chmod(work.path('key.txt'), 0o600);
  recipient = (await runOrThrow('age-keygen', ['-y', work.path('key.txt')])).trim();
  for (const [name, ...options] of [['ed', '-t', 'ed25519', '-N', ''], ['rsa', '-t', 'rsa', '-b', '3072', '-N', ''], ['locked', '-t', 'ed25519', '-N', 'secret']] as const) {
    await runOrThrow('ssh-keygen', ['-q', ...options, '-f', work.path(name)]);
  }
  await writeFile(work.path('secret'), 'secret\n', { mode: 0o600 });
});

test.after.always(async () => { await work?.remove(); });

for (const size of [0, 1, 65_535, 65_536, 65_537, 200_000_000]) {
  test(`${size} bytes, X25519 and SSH keys, both ways`, async (t) => {
    const name = `size-${size}`;
    await sample(name, size);
    const expected = await sum(name);
    await work.ok(['encrypt', name, '-r', recipient, '-R', 'ed.pub', '-R', 'rsa.pub', '-o', `${name}.ours`]);
    await age('-r', recipient, '-R', 'ed.pub', '-R', 'rsa.pub', '-R', 'locked.pub', '-o', `${name}.theirs`, name);
    const identities = size > 1_000_000 ? ['key.txt'] : ['key.txt', 'ed', 'rsa'];
    for (const identity of identities) {
      // age makes no file for empty content.
      if (size === 0) t.is(await age('-d', '-i', identity, `${name}.ours`), '');
      else {
        await age('-d', '-i', identity, '-o', `${name}.plain-${identity}`, `${name}.ours`);
        t.is(await sum(`${name}.plain-${identity}`), expected, identity);
      }
      await work.ok(['decrypt', `${name}.theirs`, '--identity', identity, '-o', `${name}.back-${identity}`]);
      t.is(await sum(`${name}.back-${identity}`), expected, identity);
    }
    if (size > 1_000_000) return;
    await work.ok(['decrypt', `${name}.theirs`, '--identity', 'locked', '--passphrase-file', 'secret', '-o', `${name}.back-locked`]);
    t.is(await sum(`${name}.back-locked`), expected);
  });
}

test('a passphrase, both ways', async (t) => {
  const expected = await sum('app.tar');
  await work.ok(['encrypt', 'app.tar', '--passphrase-file', 'secret', '-o', 'pass.ours']);
  await typed('secret', 'age -d -o pass.plain pass.ours');
  t.is(await sum('pass.plain'), expected);
  await typed('secret', 'age -p -o pass.theirs app.tar');
  await work.ok(['decrypt', 'pass.theirs', '--passphrase-file', 'secret', '-o', 'pass.back']);
  t.is(await sum('pass.back'), expected);
  await writeFile(work.path('wrong'), 'wrong\n', { mode: 0o600 });
  const { code, stderr } = await work.imgkit(['decrypt', 'pass.theirs', '--passphrase-file', 'wrong', '-o', 'none']);
  t.is(code, 4, stderr);
});

test('armor, and an identity that a passphrase protects', async (t) => {
  const expected = await sum('app.tar');
  await age('-a', '-r', recipient, '-o', 'armored', 'app.tar');
  await typed('secret', 'age -p -o key.age key.txt');
  await chmod(work.path('key.age'), 0o600);
  await work.ok(['decrypt', 'armored', '--identity', 'key.age', '--passphrase-file', 'secret', '-o', 'armored.back']);
  t.is(await sum('armored.back'), expected);
});

test('a key of ours: age encrypts for it, and decrypts with it', async (t) => {
  const { publicLine } = await work.json<{ readonly publicLine: string }>(['keygen', '--type', 'age', '-o', 'keys']);
  t.is((await runOrThrow('age-keygen', ['-y', work.path('keys/age.agekey')])).trim(), publicLine);
  await age('-R', 'keys/age.agepub', '-o', 'ours.age', 'app.tar');
  await work.ok(['decrypt', 'ours.age', '--identity', 'keys/age.agekey', '-o', 'ours.back']);
  t.is(await sum('ours.back'), await sum('app.tar'));
});

test('save for a recipient: age opens it, and what age encrypts loads', async (t) => {
  await work.ok(['save', 'app.tar', '-r', recipient, '-o', 'saved.tar.gz.age']);
  await age('-d', '-i', 'key.txt', '-o', 'saved.tar.gz', 'saved.tar.gz.age');
  t.is((await inspect(work, 'saved.tar.gz')).imageId, images.plain.imageId);
  await age('-r', recipient, '-o', 'app.tar.age', 'app.tar');
  await work.ok(['load', 'app.tar.age', '--identity', 'key.txt']);
  t.is((await inspect(work, 'store:app:1.0')).imageId, images.plain.imageId);
  const { code, stderr } = await work.imgkit(['load', 'app.tar.age', '--identity', 'ed']);
  t.is(code, 4);
  t.regex(stderr, /encrypted for 1 recipient/);
  await writeFile(work.path('cut.age'), (await readFile(work.path('app.tar.age'))).subarray(0, -1));
  t.is((await work.imgkit(['load', 'cut.age', '--identity', 'key.txt'])).code, 3);
});
