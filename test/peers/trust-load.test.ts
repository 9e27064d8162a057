import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import test from 'ava';
import { makeImage } from '../../samples/make-image.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { runOrThrow } from '../helpers/run.js';
import { startSshd, type Sshd } from '../helpers/sshd.js';

/** One pass over sftp: encrypted, uploaded, signed; taken over only as somebody trusted signed it. Keys by ssh-keygen and openssl. */
let work: Workspace;
let host: Sshd;
const tool = (command: string, ...args: readonly string[]): Promise<string> => runOrThrow(command, args, { cwd: work.folder });

test.before(async () => {
  work = await createWorkspace();
  host = await startSshd();
  await makeImage({ output: work.path('app.tar') });
  await tool('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'release', '-f', 'release');
  await tool('age-keygen', '-o', 'site.key');
  await work.ok(['trust', 'add', 'trust', 'release.pub', '--identity', 'release@acme.example']);
});
test.after.always(async () => {
  await host?.stop();
  await work?.remove();
});

test.serial('save, encrypted and signed, over sftp; the peers open it, and load, fetch and watch believe it', async (t) => {
  const recipient = /age1[0-9a-z]+/.exec(await readFile(work.path('site.key'), 'utf8'))?.[0] as string;
  const network = ['--ssh-key', host.key, '--host-key', host.fingerprint];
  const trusted = ['--trust', 'trust'];
  await work.ok(['save', './app.tar', '-o', host.url('app.tar.age'), '-r', recipient, '--sign-key', 'release', ...network]);
  t.deepEqual((await readdir(host.home)).filter((name) => name.startsWith('app')).toSorted(), ['app.tar.age', 'app.tar.age.sha256', 'app.tar.age.sha256.sig']);

  // What the receiver has: ssh-keygen, sha256sum, age.
  await writeFile(work.path('signers'), `release@acme.example ${await readFile(work.path('release.pub'), 'utf8')}`);
  await runOrThrow('ssh-keygen', ['-Y', 'verify', '-n', 'imgkit-archive', '-f', work.path('signers'), '-I', 'release@acme.example', '-s', `${host.home}/app.tar.age.sha256.sig`], { input: await readFile(`${host.home}/app.tar.age.sha256`) });
  await runOrThrow('sha256sum', ['-c', '--strict', 'app.tar.age.sha256'], { cwd: host.home });
  await tool('age', '-d', '-i', 'site.key', '-o', 'plain.tar', `${host.home}/app.tar.age`);
  await work.ok(['verify', './plain.tar']);

  const url = host.url('app.tar.age');
  await work.ok(['load', url, '--identity', 'site.key', ...trusted, ...network, '--store', work.path('loaded')]);
  await work.ok(['fetch', url, '-o', 'fetched.tar.age', ...trusted, ...network]);
  const { stdout, stderr } = await work.imgkit(['watch', `${host.url('')}/`, '--once', '--require-signature', '--identity', 'site.key', ...trusted, ...network, '--store', work.path('watched/store'), '--json']);
  t.not(stdout, '', stderr);
  t.true(stdout.trim().split('\n').map((line) => (JSON.parse(line) as { event: string }).event).includes('accepted'), stdout);

  // Revoked, then changed at the host.
  await work.ok(['trust', 'add', 'revoked', 'release.pub', '--identity', 'release@acme.example']);
  await work.ok(['trust', 'add', 'revoked', 'release.pub', '--revoked']);
  for (const command of [['load', url, '--identity', 'site.key', '--store', work.path('none')], ['fetch', url, '-o', 'none.tar']]) {
    t.is((await work.imgkit([...command, '--trust', 'revoked', ...network])).code, 4, command.join(' '));
  }
  const bytes = await readFile(`${host.home}/app.tar.age`);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
  await writeFile(`${host.home}/app.tar.age`, bytes);
  const changed = await work.imgkit(['load', url, '--identity', 'site.key', ...trusted, ...network, '--store', work.path('none')]);
  t.is(changed.code, 4);
  t.regex(changed.stderr, /is not the file that was signed/);
  await rm(`${host.home}/app.tar.age.sha256.sig`);
  const unsigned = await work.imgkit(['fetch', url, '-o', 'none.tar', ...trusted, ...network]);
  t.is(unsigned.code, 4);
  t.false((await readdir(work.folder)).some((name) => name.includes('none')), 'nothing of it has a name');
});
