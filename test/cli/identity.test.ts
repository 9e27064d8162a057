import test from 'ava';
import { makeImage } from '../../samples/make-image.js';
import { makeScratch } from '../helpers/scratch.js';
import { imgkit } from './helpers.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const env = { IMGKIT_HOME: scratch.path('home') };
const call = (...args: readonly string[]): ReturnType<typeof imgkit> => imgkit(args, { cwd: scratch.folder, env });
const trusted = ['--key', 'keys/release.pub'];

test.before(async () => {
  await makeImage({ output: scratch.path('app.tar') });
  await call('keygen', '--type', 'ssh', '--name', 'release', '-o', 'keys');
  await call('keygen', '--type', 'age', '--name', 'site', '-o', 'keys');
  await call('sign', 'app.tar', '--key', 'keys/release');
});

test('verify: --signed-by and --identity both say who must have signed', async (t) => {
  for (const option of ['--signed-by', '--identity']) {
    t.is((await call('verify', 'app.tar', ...trusted, option, 'release')).code, 0, option);
    t.is((await call('verify', 'app.tar', ...trusted, option, 'somebody@else.example')).code, 4, option);
  }
});

test('a protected identity opens with IMGKIT_PASSPHRASE, as a key that signs does', async (t) => {
  const locked = { cwd: scratch.folder, env: { ...env, IMGKIT_PASSPHRASE: 'secret' } };
  await imgkit(['keygen', '--type', 'ssh', '--name', 'locked', '-o', 'keys'], locked);
  await call('encrypt', 'app.tar', '-R', 'keys/locked.pub', '-o', 'locked.age');
  t.is((await imgkit(['decrypt', 'locked.age', '--identity', 'keys/locked', '-o', 'opened.tar'], locked)).code, 0);
  t.is((await imgkit(['verify', 'locked.age', '--age-identity', 'keys/locked'], locked)).code, 0);
  t.is((await call('decrypt', 'locked.age', '--identity', 'keys/locked', '-o', 'again.tar')).code, 4);
});

test('load: a signer behind --identity is refused, not ignored', async (t) => {
  const { code, stderr } = await call('load', 'app.tar', ...trusted, '--identity', 'somebody@else.example');
  t.is(code, 6);
  t.regex(stderr, /^imgkit: somebody@else\.example: there is no such file; .*--signed-by\.\n$/);
  t.is((await call('inspect', 'hello:1.2.0')).code, 1);
});

test('verify: a file behind --identity is not taken for a signer', async (t) => {
  const { code, stderr } = await call('verify', 'app.tar', ...trusted, '--identity', 'keys/site.agekey');
  t.is(code, 2);
  t.regex(stderr, /--age-identity/);
  const beside = ['verify', 'app.tar', ...trusted, '--signed-by', 'release', '--identity', 'keys/site.agekey'];
  t.is((await call(...beside)).code, 0, 'beside --signed-by it is what it is for load');
  t.is((await call('verify', 'app.tar', '--identity', 'keys/site.agekey')).code, 0, 'and where nobody is to be trusted');
});

test('verify: --signed-by needs somebody to trust', async (t) => {
  const { code, stderr } = await call('verify', 'app.tar', '--signed-by', 'release');
  t.is(code, 2);
  t.regex(stderr, /needs somebody to trust/);
});
