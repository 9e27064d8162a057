import { chmod, readFile, truncate, writeFile } from 'node:fs/promises';
import test from 'ava';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { run, runOrThrow } from '../helpers/run.js';
import { fileSum, writeSample } from '../helpers/sample-file.js';

let work: Workspace;

const openssl = (line: string): Promise<string> => runOrThrow('openssl', line.split(' '), { cwd: work.folder });
const sum = (name: string): Promise<string> => fileSum(work.path(name));
const sample = (name: string, size: number): Promise<void> => writeSample(work.path(name), size);

/** Recipients as openssl makes them: RSA, P-256, and a curve that nothing is encrypted for here. */
test.before(async () => {
  work = await createWorkspace();
  for (const [name, algorithm, usage] of [['rsa', 'rsa:2048', 'keyEncipherment'], ['ec', 'ec -pkeyopt ec_paramgen_curve:P-256', 'keyAgreement'], ['ec384', 'ec -pkeyopt ec_paramgen_curve:P-384', 'keyAgreement'], ['other', 'rsa:2048', 'keyEncipherment']] as const) {
    await openssl(`req -x509 -newkey ${algorithm} -nodes -keyout ${name}.key -subj /O=Acme/CN=${name} -days 30 -addext keyUsage=${usage} -out ${name}.crt`);
    await chmod(work.path(`${name}.key`), 0o600);
  }
});

test.after.always(async () => { await work?.remove(); });

for (const size of [0, 1, 65_535, 65_536, 65_537, 200_000_000]) {
  /** One size shows what the options of openssl do; the others, that the size does not matter. */
  const all = size === 65_536;
  test(`${size} bytes, ${all ? 'RSA and P-256' : 'RSA'}, both ways`, async (t) => {
    const name = `size-${size}`;
    await sample(name, size);
    const expected = await sum(name);
    await work.ok(['encrypt', name, '--format', 'cms', '-r', 'rsa.crt', '-r', 'ec.crt', '-o', `${name}.p7m`]);
    // How openssl encrypts: for RSA as it does by itself (PKCS#1 v1.5) or with OAEP, and in one piece or streamed.
    const theirs = [
      ['aead', '-aes-256-gcm', 'rsa.crt ec.crt'],
      ['oaep', '-aes-128-gcm', '-recip rsa.crt -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256 -recip ec.crt -keyopt ecdh_kdf_md:sha256'],
      ['stream', '-stream -aes-256-gcm', 'rsa.crt ec.crt'],
    ].slice(0, all ? 3 : 1);
    for (const [how, options, recipients] of theirs) await openssl(`cms -encrypt -binary -in ${name} -outform DER -out ${name}.${how} ${options} ${recipients}`);
    for (const key of all ? ['rsa', 'ec'] : ['rsa']) {
      await openssl(`cms -decrypt -binary -inform DER -in ${name}.p7m -inkey ${key}.key -recip ${key}.crt -out ${name}.opened`);
      t.is(await sum(`${name}.opened`), expected, `openssl with ${key}`);
      for (const [how] of theirs) {
        await work.ok(['decrypt', `${name}.${how}`, '--identity', `${key}.key`, '-o', `${name}.back`]);
        t.is(await sum(`${name}.back`), expected, `${how} with ${key}`);
      }
    }
  });
}

test('what openssl encrypted for another curve is opened', async (t) => {
  await sample('curve', 1000);
  await openssl('cms -encrypt -binary -in curve -outform DER -out curve.p7m -aes-256-gcm ec.crt ec384.crt');
  for (const key of ['ec', 'ec384']) {
    await work.ok(['decrypt', 'curve.p7m', '--identity', `${key}.key`, '-o', `curve.${key}`]);
    t.is(await sum(`curve.${key}`), await sum('curve'));
  }
});

test('a pipe on either side, and a key with a passphrase', async (t) => {
  await sample('piped', 100_000);
  await openssl('pkey -in rsa.key -aes256 -passout pass:secret -out locked.key');
  await chmod(work.path('locked.key'), 0o600);
  await writeFile(work.path('secret'), 'secret\n', { mode: 0o600 });
  const { code, stderr } = await work.shell('imgkit encrypt - --format cms -r rsa.crt -o - < piped | imgkit decrypt - --identity locked.key --passphrase-file secret -o piped.back');
  t.is(code, 0, stderr);
  t.is(await sum('piped.back'), await sum('piped'));
});

test('what nothing proves: refused, or opened on request and said so', async (t) => {
  await sample('loose', 70_000);
  await openssl('cms -encrypt -binary -in loose -outform DER -out loose.p7m -aes-256-cbc rsa.crt ec.crt');
  const refused = await work.imgkit(['decrypt', 'loose.p7m', '--identity', 'rsa.key', '-o', 'loose.back']);
  t.is(refused.code, 4, refused.stderr);
  t.regex(refused.stderr, /nothing in it proves .* --insecure-accept-unauthenticated/);
  for (const key of ['rsa', 'ec']) {
    const { code, stderr } = await work.imgkit(['decrypt', 'loose.p7m', '--identity', `${key}.key`, '--insecure-accept-unauthenticated', '-o', 'loose.back']);
    t.is(code, 0, stderr);
    t.regex(stderr, /nothing proves that it is what was encrypted/);
    t.is(await sum('loose.back'), await sum('loose'));
  }
});

test('nobody else, nothing damaged, nothing cut, no text: and no file is left', async (t) => {
  await sample('plain', 3_000_000);
  await openssl('cms -encrypt -binary -in plain -outform DER -out good.p7m -aes-256-gcm rsa.crt');
  await openssl('cms -encrypt -binary -in plain -out text.p7m -aes-256-gcm rsa.crt');
  await openssl('cms -encrypt -binary -in plain -outform PEM -out pem.p7m -aes-256-gcm rsa.crt');
  const good = await readFile(work.path('good.p7m'));
  const flipped = Buffer.from(good);
  flipped[1_500_000] = (flipped[1_500_000] as number) ^ 1;
  await writeFile(work.path('flipped.p7m'), flipped);
  await writeFile(work.path('cut.p7m'), good);
  await truncate(work.path('cut.p7m'), good.length - 1);
  for (const [file, key, code, reason] of [
    ['good.p7m', 'other.key', 4, /none of the given keys is among them/], ['flipped.p7m', 'rsa.key', 3, /does not match its authentication tag/],
    ['cut.p7m', 'rsa.key', 3, /is cut short/], ['text.p7m', 'rsa.key', 3, /openssl cms -cmsout -inform SMIME/], ['pem.p7m', 'rsa.key', 3, /openssl cms -cmsout -inform PEM/],
  ] as const) {
    const result = await work.imgkit(['decrypt', file, '--identity', key, '-o', 'never']);
    t.is(result.code, code, `${file}: ${result.stderr}`);
    t.regex(result.stderr, reason);
  }
  t.is((await run('sh', ['-c', 'ls -A | grep never'], { cwd: work.folder })).stdout, '');
});
