import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { open, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { encodeHeader } from '../../src/tar/encode-header.js';
import { ociParts, named } from '../helpers/archive-parts.js';
import { startFtpServer } from '../helpers/ftp-servers.js';
import { hexOf, image, layer, layerTar, pack, sha256 } from '../helpers/image-builder.js';
import { commandPath, createWorkspace, fileSha256 } from '../helpers/imgkit.js';
import { runOrThrow } from '../helpers/run.js';
import { ftpHost, httpHost, sftpHost, type Host } from './ship-lab.js';

const hosts: Host[] = [];
let archive = '';
const workspace = await createWorkspace();
const app = image('app', { layers: [layer('base', { gzip: true }), layer(layerTar('app', randomBytes(3 * 1024 * 1024)))] });

test.before(async () => {
  for (const start of [sftpHost, ftpHost, httpHost]) hosts.push(await start());
  archive = workspace.path('app.tar');
  await writeFile(archive, pack(ociParts([named(app, 'app:1.9.6')])));
});
test.after.always(async () => {
  for (const host of hosts) await host.stop();
  await workspace.remove();
});

/** `--host-key`, `--password-file` and the others are for different hosts; each ignores what is not its own. */
const allWords = (): readonly string[] => hosts.flatMap(({ words }) => words);

test.serial('send to three hosts at once; each has the file, its checksum, and nothing else', async (t) => {
  const result = await workspace.json<{ deliveries: { status: string; proof: string }[] }>(['send', archive, ...hosts.map(({ url }) => url), ...allWords()]);
  t.deepEqual(result.deliveries.map(({ status, proof }) => [status, proof]), [['sent', 'hash'], ['sent', 'size'], ['sent', 'size']]);
  for (const host of hosts) {
    t.deepEqual(await host.names(), ['app.tar', 'app.tar.sha256'], host.name);
    await runOrThrow('sha256sum', ['-c', 'app.tar.sha256'], { cwd: host.folder });
  }
  const again = await workspace.json<{ deliveries: { status: string }[] }>(['send', archive, ...hosts.map(({ url }) => url), ...allWords()]);
  t.true(again.deliveries.every(({ status }) => status === 'already-there'));
});

test.serial('list, inspect, verify, load and fetch from each host', async (t) => {
  for (const { url, words, name } of hosts) {
    const { files } = await workspace.json<{ files: { name: string; complete: boolean }[] }>(['list', url, ...words]);
    t.deepEqual(files.map((file) => [file.name, file.complete]), [['app.tar', true]], name);
    t.is((await workspace.json<{ digest: string }>(['inspect', `${url}app.tar`, ...words])).digest, app.descriptor.digest);
    t.true((await workspace.json<{ ok: boolean }>(['verify', `${url}app.tar`, ...words])).ok);
    await workspace.ok(['load', `${url}app.tar`, ...words, '--store', workspace.path(`store-${name}`)]);
    const fetched = await workspace.json<{ path: string; checkedBy: string }>(['fetch', `${url}app.tar`, '-o', workspace.path(`${name}.tar`), ...words]);
    t.is(fetched.checkedBy, 'statement');
    t.is(await fileSha256(fetched.path), await fileSha256(archive));
  }
});

test.serial('save straight to each host gives the bytes that a file gets', async (t) => {
  await workspace.ok(['save', archive, '-o', workspace.path('local.tar')]);
  for (const { url, words, names, folder, name } of hosts) {
    await workspace.ok(['save', archive, '-o', `${url}saved.tar`, ...words]);
    t.is(await fileSha256(join(folder, 'saved.tar')), await fileSha256(workspace.path('local.tar')), name);
    t.is((await names()).filter((each) => each.startsWith('.')).length, 0);
    const { code, stderr } = await workspace.imgkit(['save', archive, '-o', `${url}saved.tar`, ...words]);
    t.is(code, 5);
    t.regex(stderr, /--force/);
  }
});

test.serial('two processes send one file to one place: whoever sees the name sees all of it', async (t) => {
  const whole = await fileSha256(archive);
  // The one of the other tests has a single port for data: of two transfers, it takes one.
  const ftp = await startFtpServer({ kind: 'vsftpd' });
  t.teardown(() => ftp.stop());
  const [sftp] = hosts as [Host];
  for (const { url, words, folder, name } of [sftp, { name: 'ftp', url: `ftp://${ftp.user}@127.0.0.1:${ftp.port}/pub/`, words: ['--password-file', ftp.passwordFile], folder: join(ftp.folder, 'pub') }]) {
    const both = { ended: false };
    const place = join(folder, 'twice.tar');
    const watcher = (async () => {
      for (; !both.ended; await sleep(5)) t.is(await fileSha256(place).catch(() => whole), whole, name);
    })();
    const results = await Promise.all([1, 2].map(() => workspace.json<{ deliveries: { status: string }[] }>(['send', archive, `${url}twice.tar`, '--limit-rate', '4M', ...words]))).finally(() => { both.ended = true; });
    await watcher;
    t.true(results.flatMap(({ deliveries }) => deliveries).every(({ status }) => status !== 'failed'), name);
    t.is(await fileSha256(place), whole);
    t.deepEqual((await readdir(folder)).filter((each) => each.includes('twice')).sort(), ['twice.tar', 'twice.tar.sha256'], name);
    for (const suffix of ['', '.sha256']) await rm(`${place}${suffix}`);
  }
});

test.serial('a wrong host key, a wrong password, a file that is not there: the right exit code', async (t) => {
  const [sftp, ftp, http] = hosts as [Host, Host, Host];
  const { code, stderr } = await workspace.imgkit(['list', sftp.url, '--host-key', `SHA256:${'A'.repeat(43)}`]);
  t.is(code, 4);
  t.true(stderr.includes(sftp.words[1] as string), 'the fingerprint is printed');
  t.is((await workspace.imgkit(['list', ftp.url], { env: { IMGKIT_PASSWORD: 'wrong' } })).code, 5);
  for (const { url, words } of [sftp, ftp, http]) t.is((await workspace.imgkit(['inspect', `${url}nothing.tar`, ...words])).code, 6);
  const lost = await workspace.imgkit(['send', archive, ...hosts.map((host) => `${host.url}missing/`), ...allWords(), '--json']);
  const { deliveries } = JSON.parse(lost.stdout) as { deliveries: { error: { code: string; message: string } }[] };
  for (const { error } of deliveries) t.regex(`${error.code} ${error.message}`, /^file-not-found .*missing\/app\.tar: the folder \/.*missing is not there; make it \(/);
  t.regex((await workspace.imgkit(['save', archive, '-o', `${ftp.url}missing/app.tar`, ...ftp.words])).stderr, /the folder .*missing is not there; make it \(mkdir in any FTP client\)/);
});

test.serial('inspect of an archive of 1 GiB reads less than 1 % of it over SFTP and HTTP', async (t) => {
  const size = 1024 ** 3;
  const digest = sha256('never read');
  const big = image('big', { manifest: (manifest) => ({ ...manifest, layers: (manifest['layers'] as object[]).map((each, i) => (i === 0 ? each : { ...each, digest, size })) }) });
  const parts = ociParts([named(big, 'big:1')]).filter(([path]) => !path.includes(hexOf(big.layers[1]?.descriptor.digest ?? '')));
  const head = pack(parts).subarray(0, -1024);
  const path = workspace.path('big.tar');
  const handle = await open(path, 'w');
  await handle.write(head, 0, head.length, 0);
  const header = encodeHeader({ path: `blobs/sha256/${hexOf(digest)}`, size });
  await handle.write(header, 0, header.length, head.length);
  await handle.truncate(head.length + header.length + size + 1024);
  await handle.close();
  for (const { name, url, words, folder, received } of hosts.filter((host) => host.name !== 'ftp')) {
    await runOrThrow('cp', ['--sparse=always', path, join(folder, 'big.tar')]);
    await runOrThrow('chmod', ['644', join(folder, 'big.tar')]);
    const before = received();
    const { layers } = await workspace.json<{ layers: unknown[] }>(['inspect', `${url}big.tar`, ...words]);
    t.is(layers.length, 2);
    const bytes = received() - before;
    t.log(`${name}: ${bytes} bytes`);
    t.true(bytes < size / 100, `${name}: ${bytes}`);
    await runOrThrow('rm', [join(folder, 'big.tar')]);
  }
});

test.serial('watch survives a restart of the server and ends cleanly', async (t) => {
  const [sftp] = hosts as [Host];
  await sftp.clear();
  const child = spawn(process.execPath, [commandPath, 'watch', sftp.url, ...sftp.words, '--every', '200ms', '--json', '--quarantine', workspace.path('quarantine'), '--store', workspace.path('watched')], {
    env: { ...process.env, IMGKIT_HOME: workspace.home, TMPDIR: workspace.path('tmp') }, stdio: ['ignore', 'pipe', 'inherit'],
  });
  const events: string[] = [];
  const lines = createInterface({ input: child.stdout });
  // From the start: what comes while nobody waits for it counts, too.
  lines.on('line', (line) => events.push((JSON.parse(line) as { event: string }).event));
  const over = once(lines, 'close').then(() => { throw new Error(`it ended after ${events.join()}`); });
  over.catch(() => undefined);
  const next = async (wanted: string): Promise<void> => {
    while (!events.includes(wanted)) await Promise.race([once(lines, 'line'), over]);
  };
  try {
    await next('watching');
    await sftp.kill();
    await next('failed');
    await sftp.start();
    // It is looked at all the time: never at half of it.
    await runOrThrow('sh', ['-c', 'sha256sum app.tar > "$1/app.tar.sha256" && cp app.tar "$1/.m" && mv "$1/.m" "$1/app.tar"', 'sh', sftp.folder], { cwd: workspace.folder });
    await next('accepted');
    child.kill('SIGTERM');
    const [code] = (await once(child, 'close')) as [number];
    t.is(code, 0);
  } finally {
    child.kill('SIGKILL');
  }
  t.is((await workspace.json<{ images: unknown[] }>(['list', '--store', workspace.path('watched')])).images.length, 1);
  await sftp.clear();
});

test.serial('watch: a new file of the same name and size is seen at a server whose listings have no times', async (t) => {
  const [, ftp] = hosts as [Host, Host];
  await ftp.clear();
  const put = async (bytes: Uint8Array, time: Date): Promise<void> => {
    await writeFile(join(ftp.folder, 'same.tar'), bytes);
    await runOrThrow('sh', ['-c', 'sha256sum same.tar > same.tar.sha256'], { cwd: ftp.folder });
    await utimes(join(ftp.folder, 'same.tar.sha256'), time, time);
  };
  const look = async (): Promise<readonly string[]> => {
    const { stdout } = await workspace.imgkit(['watch', ftp.url, ...ftp.words, '--once', '--json', '--store', workspace.path('same')]);
    return stdout.trim().split('\n').map((line) => (JSON.parse(line) as { event: string }).event);
  };
  const bytes = await readFile(archive);
  await put(bytes, new Date('2026-01-01T00:00:00Z'));
  t.deepEqual(await look(), ['watching', 'found', 'accepted']);
  t.deepEqual(await look(), ['watching']);
  bytes[bytes.length / 2] = (bytes[bytes.length / 2] as number) ^ 1;
  await put(bytes, new Date('2026-01-01T00:00:01Z'));
  t.deepEqual(await look(), ['watching', 'found', 'quarantined']);
  await ftp.clear();
});
