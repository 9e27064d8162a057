import { existsSync } from 'node:fs';
import test from 'ava';
import { identityByHand, identityOf, inspect, verify } from '../helpers/facts.js';
import { dockerArchive, makeHandImages, type HandImages } from '../helpers/hand-image.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { run, runOrThrow, type RunResult } from '../helpers/run.js';

let work: Workspace;
let images: HandImages;
let digest = '';

const skopeo = (...args: readonly string[]): Promise<RunResult> => run('skopeo', ['--insecure-policy', '--tmpdir', work.path('tmp'), ...args], { cwd: work.folder });
const copied = async (...args: readonly string[]): Promise<void> => {
  const { code, stderr } = await skopeo('copy', ...args);
  if (code !== 0) throw new Error(stderr);
};
const openssl = (...args: readonly string[]): Promise<string> => runOrThrow('openssl', args, { cwd: work.folder });

test.before(async () => {
  work = await createWorkspace();
  images = await makeHandImages();
  await dockerArchive(work.path('hand.tar'), [{ ...images.plain, tags: ['docker.io/library/app:1.0'] }]);
  await work.ok(['copy', 'hand.tar', 'oci:plain:1', '--compress', 'gzip']);
  ({ digest } = await inspect(work, 'oci:plain:1'));
  for (const [name, ...options] of [['rsa', 'RSA', 'rsa_keygen_bits:2048'], ['ec', 'EC', 'ec_paramgen_curve:P-256'], ['ec384', 'EC', 'ec_paramgen_curve:P-384'], ['ec521', 'EC', 'ec_paramgen_curve:P-521']] as const) {
    await openssl('genpkey', '-algorithm', options[0], '-pkeyopt', options[1], '-out', `${name}.key`);
    await openssl('pkey', '-in', `${name}.key`, '-pubout', '-out', `${name}.pub`);
  }
  await openssl('req', '-x509', '-new', '-key', 'rsa.key', '-subj', '/CN=receiver', '-days', '30', '-out', 'rsa.crt');
  await runOrThrow('chmod', ['600', work.path('rsa.key'), ...['ec', 'ec384', 'ec521'].map((name) => work.path(`${name}.key`))]);
});

test.after.always(async () => { await work?.remove(); });

interface Case {
  readonly title: string;
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  /** What skopeo opens it with; imgkit needs the key alone. */
  readonly opens: readonly { readonly key: string; readonly skopeo: readonly string[] }[];
}

const cases: readonly Case[] = [
  { title: 'jwe-rsa', ours: ['rsa.pub'], theirs: ['jwe:rsa.pub'], opens: [{ key: 'rsa.key', skopeo: ['rsa.key'] }] },
  { title: 'jwe-p256', ours: ['ec.pub'], theirs: ['jwe:ec.pub'], opens: [{ key: 'ec.key', skopeo: ['ec.key'] }] },
  { title: 'jwe-p384', ours: ['ec384.pub'], theirs: ['jwe:ec384.pub'], opens: [{ key: 'ec384.key', skopeo: ['ec384.key'] }] },
  { title: 'jwe-p521', ours: ['ec521.pub'], theirs: ['jwe:ec521.pub'], opens: [{ key: 'ec521.key', skopeo: ['ec521.key'] }] },
  { title: 'jwe-both', ours: ['rsa.pub', 'ec.pub'], theirs: ['jwe:rsa.pub', 'jwe:ec.pub'], opens: [{ key: 'rsa.key', skopeo: ['rsa.key'] }, { key: 'ec.key', skopeo: ['ec.key'] }] },
  { title: 'pkcs7', ours: ['rsa.crt'], theirs: ['pkcs7:rsa.crt'], opens: [{ key: 'rsa.key', skopeo: ['rsa.crt', 'rsa.key'] }] },
];

for (const { title, ours, theirs, opens } of cases) {
  test(`${title}: skopeo opens what we encrypt, we open what skopeo encrypts`, async (t) => {
    await work.ok(['encrypt', '--layers', 'oci:plain:1', `oci:${title}:ours`, ...ours.flatMap((key) => ['-r', key])]);
    await copied(...theirs.flatMap((key) => ['--encryption-key', key]), 'oci:plain:1', `oci:${title}-theirs:1`);
    for (const { key, skopeo: keys } of opens) {
      await copied(...keys.flatMap((each) => ['--decryption-key', each]), `oci:${title}:ours`, `oci:${title}-${key}-opened:1`);
      t.is((await inspect(work, `oci:${title}-${key}-opened:1`)).digest, digest, `skopeo with ${key}`);
      await work.ok(['decrypt', '--layers', `oci:${title}-theirs:1`, `oci:${title}-${key}-back:1`, '--identity', key]);
      const back = await inspect(work, `oci:${title}-${key}-back:1`);
      t.deepEqual([back.digest, identityOf(back)], [digest, identityByHand(images.plain)], `imgkit with ${key}`);
    }
    t.true((await verify(work, `oci:${title}:ours`)).ok);
  });
}

test('nobody else: refused by both, and nothing is written', async (t) => {
  await work.ok(['encrypt', '--layers', 'oci:plain:1', '-r', 'rsa.pub', '-o', 'for-rsa.tar']);
  await copied('--decryption-key', 'rsa.key', 'oci-archive:for-rsa.tar', 'oci:for-rsa-opened:1');
  t.is((await inspect(work, 'oci:for-rsa-opened:1')).digest, digest);
  t.not((await skopeo('copy', '--decryption-key', 'ec.key', 'oci-archive:for-rsa.tar', 'oci:nothing:1')).code, 0);
  const { code, stderr } = await work.imgkit(['decrypt', '--layers', 'for-rsa.tar', '-o', 'nothing.tar', '--identity', 'ec.key']);
  t.is(code, 4, stderr);
  t.regex(stderr, /none of the given keys is meant/);
  const { code: without } = await work.imgkit(['decrypt', '--layers', 'for-rsa.tar', 'nothing.tar']);
  t.is(without, 4);
  t.false(existsSync(work.path('nothing.tar')));
});

test('a recipient that we add to what skopeo encrypted opens it with skopeo', async (t) => {
  await copied('--encryption-key', 'jwe:rsa.pub', 'oci:plain:1', 'oci:shared:1');
  await work.ok(['encrypt', '--layers', 'oci:shared:1', 'oci:shared-more:1', '-r', 'ec.pub', '--identity', 'rsa.key']);
  for (const key of ['rsa.key', 'ec.key']) {
    await copied('--decryption-key', key, 'oci:shared-more:1', `oci:shared-${key}:1`);
    t.is((await inspect(work, `oci:shared-${key}:1`)).digest, digest, key);
  }
});

test('what skopeo compresses and encrypts in one go: it wraps the digest from before that, and the diffID decides', async (t) => {
  await copied('--encryption-key', 'jwe:ec.pub', 'docker-archive:hand.tar', 'oci:at-once:1');
  await work.ok(['decrypt', '--layers', 'oci:at-once:1', 'oci:at-once-back:1', '--identity', 'ec.key']);
  // The config is one that skopeo made.
  t.deepEqual(identityOf(await inspect(work, 'oci:at-once-back:1')).diffIds, identityByHand(images.plain).diffIds);
  t.true((await verify(work, 'oci:at-once-back:1')).ok);
});
