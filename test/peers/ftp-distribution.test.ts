import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { makeImage } from '../../samples/make-image.js';
import { startFtpServer, type FtpServer } from '../helpers/ftp-servers.js';
import { sha256 } from '../helpers/image-builder.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { runOrThrow, type RunResult } from '../helpers/run.js';

const scripts = join(resolve(import.meta.dirname, '../../..'), 'samples/ftp-distribution');
let server: FtpServer;
let place: Workspace;
let drop = '';

test.before(async () => {
  server = await startFtpServer({ kind: 'vsftpd', tls: 'explicit' });
  place = await createWorkspace();
  drop = join(server.folder, 'pub');
  // The receiver's key pair, and its public half with us; ours, and its public half with the receiver.
  await place.ok(['keygen', '--type', 'age', '--name', 'site', '-o', 'site']);
  await place.ok(['keygen', '--type', 'ssh', '--name', 'release', '-o', 'keys']);
  await place.ok(['trust', 'add', 'site/trust', 'keys/release.pub', '--identity', 'release@acme.example']);
  await makeImage({ output: place.path('app.tar') });
});
test.after.always(async () => {
  await server.stop();
  await place.remove();
});

function script(name: string, args: readonly string[] = []): Promise<RunResult> {
  const path = (file: string): string => place.path(file);
  return place.shell([`'${join(scripts, name)}'`, ...args].join(' '), {
    env: {
      DROP: `ftpes://${server.user}@127.0.0.1:${server.port}/pub/`, PASSWORD_FILE: server.passwordFile, CA: server.ca,
      RECIPIENTS: path('site/site.agepub'), SIGNING_KEY: path('keys/release'), OUTBOX: path('outbox'),
      TRUST: path('site/trust'), IDENTITY: path('site/site.agekey'), INTO: 'store:', ARCHIVE: path('archive'), QUARANTINE: path('quarantine'),
    },
  });
}

async function stored(): Promise<readonly string[]> {
  const { images } = await place.json<{ images: { names: string[] }[] }>(['list']);
  return images.flatMap(({ names }) => names).toSorted();
}

test.serial('shellcheck has nothing to say', async (t) => {
  await runOrThrow('shellcheck', ['publish.sh', 'receive.sh'].map((name) => join(scripts, name)));
  t.is((await place.shell(`'${join(scripts, 'publish.sh')}'`)).code, 2);
});

test.serial('publish brings an encrypted, signed archive; receive opens, checks and loads it', async (t) => {
  const { code, stderr } = await script('publish.sh', ['app.tar']);
  t.is(code, 0, stderr);
  const names = (await readdir(drop)).toSorted();
  const [archive = ''] = names;
  t.regex(archive, /^image-[0-9a-f]{12}\.tar\.gz\.age$/);
  t.deepEqual(names, [archive, `${archive}.sha256`, `${archive}.sha256.sig`]);
  const bytes = await readFile(join(drop, archive));
  t.true(bytes.subarray(0, 64).toString('latin1').startsWith('age-encryption.org/v1'));
  t.false(bytes.includes('org.opencontainers.image'));

  const again = await script('publish.sh', ['app.tar']);
  t.is(again.code, 0, again.stderr);
  t.regex(again.stdout, /already/);

  const received = await script('receive.sh');
  t.is(received.code, 0, received.stderr + received.stdout);
  t.deepEqual(await stored(), ['docker.io/library/hello:1.2.0']);
  t.deepEqual((await readdir(place.path('archive'))).toSorted(), names);
  // The statement says it to sha256sum, too.
  await runOrThrow('sha256sum', ['-c', `${archive}.sha256`], { cwd: place.path('archive') });
  t.notRegex((await script('receive.sh')).stdout, /accepted|quarantined/);
});

test.serial('what is unsigned, signed by somebody else, or changed at the server is refused, and nothing of it is loaded', async (t) => {
  await makeImage({ output: place.path('newer.tar'), version: '1.3.0' });
  await place.ok(['save', 'newer.tar', '-o', 'newer.tar.age', '-R', 'site/site.agepub']);
  const bytes = await readFile(place.path('newer.tar.age'));
  const put = async (name: string, content: Uint8Array | string): Promise<void> => {
    await writeFile(join(drop, name), content);
    await server.give(join(drop, name));
  };
  // Anybody can encrypt for the receiver, and write a checksum.
  await put('unsigned.tar.age', bytes);
  await put('unsigned.tar.age.sha256', `${sha256(bytes).slice(7)}  unsigned.tar.age\n`);

  await mkdir(place.path('forged'));
  await copyFile(place.path('newer.tar.age'), place.path('forged/forged.tar.age'));
  await place.ok(['keygen', '--type', 'ssh', '--name', 'mallory', '-o', 'mallory']);
  await place.ok(['sign', 'forged/forged.tar.age', '--key', 'mallory/mallory']);
  for (const suffix of ['', '.sha256', '.sha256.sig']) await put(`forged.tar.age${suffix}`, await readFile(place.path(`forged/forged.tar.age${suffix}`)));

  // Signed by the right one, and then one bit of it flips at the server.
  await copyFile(place.path('newer.tar.age'), place.path('flipped.tar.age'));
  await place.ok(['sign', 'flipped.tar.age', '--key', 'keys/release']);
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(flipped.readUInt8(flipped.length - 100) ^ 1, flipped.length - 100);
  await put('flipped.tar.age', flipped);
  for (const suffix of ['.sha256', '.sha256.sig']) await put(`flipped.tar.age${suffix}`, await readFile(place.path(`flipped.tar.age${suffix}`)));

  const { code, stdout, stderr } = await script('receive.sh');
  t.is(code, 3, stdout + stderr);
  t.deepEqual(await stored(), ['docker.io/library/hello:1.2.0']);
  const reason = async (name: string): Promise<string> => (JSON.parse(await readFile(place.path(`quarantine/${name}.reason.json`), 'utf8')) as { error: { code: string } }).error.code;
  t.deepEqual([await reason('unsigned.tar.age'), await reason('forged.tar.age'), await reason('flipped.tar.age')], ['signature-missing', 'signature-untrusted', 'digest-mismatch']);
});

test.serial('several images in one archive are not taken for the first of them; what is no image is not published', async (t) => {
  const published = async (): Promise<number> => (await readdir(drop)).filter((name) => /^image-.*\.age$/.test(name)).length;
  const before = await published();
  await place.ok(['save', 'app.tar', 'newer.tar', '-o', 'both.tar']);
  const { code, stderr } = await script('publish.sh', ['both.tar']);
  t.is(code, 0, stderr);
  t.is(await published(), before + 1);
  await writeFile(place.path('notes.txt'), 'none');
  const refused = await script('publish.sh', ['./notes.txt', 'app.tar']);
  t.deepEqual([refused.code, refused.stderr], [1, 'publish.sh: ./notes.txt: holds no image\n']);
  t.is((await script('publish.sh', ['./absent.tar'])).code, 6);
});
