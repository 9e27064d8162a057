import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { startFaultProxy } from '../faults/tcp-proxy.js';
import { ociParts } from '../helpers/archive-parts.js';
import { startCuttingProxy, startDockerRegistry, type DockerRegistry } from '../helpers/docker-registry.js';
import { artifact, blobPath, type BuiltDocument, encode, image, index, INDEX_TYPE, layer, layerTar, pack, type Part, sha256 } from '../helpers/image-builder.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { runOrThrow } from '../helpers/run.js';

const MIB = 1024 * 1024;
const LARGE = 24 * MIB;
const login = { user: 'me', password: 'p:w ä' };
const app = image('app', { layers: [layer('base', { gzip: true }), layer('app', { gzip: true })] });
const arm = image('arm', { config: (config) => ({ ...config, architecture: 'arm64' }) });
const multi = index([{ ...app.descriptor, platform: { os: 'linux', architecture: 'amd64' } }, { ...arm.descriptor, platform: { os: 'linux', architecture: 'arm64' } }], [app, arm]);
const signature = artifact('application/x-signature', 'signed', multi.descriptor);

let work: Workspace;
let plain: DockerRegistry;
let guarded: DockerRegistry;

interface Moved { readonly bytes: number; readonly reused: number; readonly images: readonly { readonly names: readonly string[]; readonly digest: string }[] }
const insecure = (registry: { readonly host: string }): readonly string[] => ['--insecure-registry', registry.host];
const skopeo = (...args: readonly string[]): Promise<string> => runOrThrow('skopeo', ['--policy', work.path('policy.json'), ...args], { env: { HOME: work.folder, XDG_RUNTIME_DIR: work.folder } });
/** A home for credentials of one test. */
async function home(config?: unknown): Promise<{ readonly env: Record<string, string>; readonly file: string }> {
  const folder = work.path(`home-${randomBytes(4).toString('hex')}`);
  await mkdir(folder);
  const file = `${folder}/config.json`;
  if (config !== undefined) await writeFile(file, JSON.stringify(config));
  return { file, env: { DOCKER_CONFIG: folder, REGISTRY_AUTH_FILE: '', XDG_RUNTIME_DIR: '' } };
}

/** An OCI archive of several documents, the first of them tagged. */
function archiveOf(tag: string, ...documents: readonly BuiltDocument[]): Buffer {
  const blobs = new Map(documents.flatMap((document) => [...document.blobs]));
  const manifests = documents.map(({ descriptor }, i) => (i === 0 ? { ...descriptor, annotations: { 'org.opencontainers.image.ref.name': tag } } : descriptor));
  const parts: Part[] = [['oci-layout', '{"imageLayoutVersion":"1.0.0"}'], ['index.json', encode({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests })], ...[...blobs].map(([digest, bytes]): Part => [blobPath(digest), bytes])];
  return pack(parts);
}

test.before(async () => {
  work = await createWorkspace();
  await writeFile(work.path('policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}');
  await writeFile(work.path('app.tar'), pack(ociParts([{ document: app, name: 'app:1' }])));
  await writeFile(work.path('multi.tar'), archiveOf('multi:1', multi, signature));
  const large = image('large', { layers: [layer(layerTar('large', randomBytes(LARGE)))] });
  await writeFile(work.path('large.tar'), pack(ociParts([{ document: large, name: 'large:1' }])));
  [plain, guarded] = await Promise.all([startDockerRegistry(), startDockerRegistry({ login, tls: true })]);
  // A folder of authorities as skopeo wants it.
  await mkdir(work.path('certs'));
  await writeFile(work.path('certs/ca.crt'), await readFile(guarded.ca ?? ''));
});

test.after.always(async () => {
  await Promise.all([plain?.stop(), guarded?.stop()]);
  await work?.remove();
});

test('what is pushed is what skopeo reads, digest for digest, and pushing it again sends no blob', async (t) => {
  const name = `${plain.host}/team/app:1`;
  const first = await work.json<Moved>(['copy', 'app.tar', `docker://${name}`, ...insecure(plain)]);
  t.deepEqual(first.images.map(({ digest }) => digest), [app.descriptor.digest]);
  t.is(first.reused, 0);
  t.is(sha256(await skopeo('inspect', '--raw', '--tls-verify=false', `docker://${name}`)), app.descriptor.digest);
  await skopeo('copy', '-q', '--src-tls-verify=false', `docker://${name}`, `oci:${work.path('from-skopeo')}:1`);
  t.true((await work.json<{ ok: boolean }>(['verify', 'oci:from-skopeo'])).ok);
  const again = await work.json<Moved>(['copy', 'app.tar', `docker://${name}`, ...insecure(plain)]);
  t.is(again.reused, 3);
  t.true(again.bytes < 5000);
});

test('several images go under a host, or each to the registry of its name, with what is about them', async (t) => {
  const [one, two] = [app.descriptor.digest, multi.descriptor.digest];
  const own = `${plain.host}/own/thing:1`;
  await work.ok(['load', 'app.tar', '--store', 'many']);
  await work.ok(['load', 'multi.tar', '--store', 'many']);
  await work.ok(['tag', 'app:1', 'team/app:2', '--store', 'many']);
  await work.ok(['tag', 'app:1', own, '--store', 'many']);
  await work.ok(['save', 'app:1', 'team/app:2', 'multi:1', '-o', 'many.tar', '--store', 'many']);
  const under = `docker://${plain.host}/mirror/`;
  const moved = await work.json<Moved & { to: string }>(['load', 'many.tar', '--into', under, ...insecure(plain)]);
  t.is(moved.to, under);
  const names = moved.images.flatMap(({ names: given, digest }) => given.map((name): readonly [string, string] => [name, digest]));
  t.deepEqual(names.toSorted(), [
    [`${plain.host}/mirror/library/app:1`, one], [`${plain.host}/mirror/library/multi:1`, two], [`${plain.host}/mirror/team/app:2`, one],
  ]);
  for (const [name, digest] of names) t.is(sha256(await skopeo('inspect', '--raw', '--tls-verify=false', `docker://${name}`)), digest);
  const seen = await work.json<{ referrers: { digest: string }[] }>(['inspect', `docker://${plain.host}/mirror/library/multi:1`, ...insecure(plain)]);
  t.deepEqual(seen.referrers.map(({ digest }) => digest), [signature.descriptor.digest]);
  await work.ok(['load', '-', '--into', `docker://${plain.host}/piped/`, ...insecure(plain)], { input: await readFile(work.path('many.tar')) });
  t.is(sha256(await skopeo('inspect', '--raw', '--tls-verify=false', `docker://${plain.host}/piped/team/app:2`)), one);
  await work.ok(['copy', `store:${own}`, 'docker://', '--store', 'many', ...insecure(plain)]);
  t.is(sha256(await skopeo('inspect', '--raw', '--tls-verify=false', `docker://${own}`)), one);
});

test('what would have no name or one that another has is not pushed under a host', async (t) => {
  const under = `docker://${plain.host}/refused/`;
  const refused = async (message: RegExp, ...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await work.imgkit([...args, ...insecure(plain)]);
    t.is(code, 2, stderr);
    t.regex(stderr, message);
  };
  const other = image('other', { layers: [layer('base', { gzip: true })] });
  await writeFile(work.path('same.tar'), pack(ociParts([{ document: app, name: 'a.example/x:1' }, { document: other, name: 'b.example/x:1' }])));
  await refused(/a\.example\/x:1 of .*same\.tar and b\.example\/x:1 of .*same\.tar would both be .*\/refused\/x:1 there/, 'copy', 'same.tar', under);
  await writeFile(work.path('nameless.tar'), pack(ociParts([{ document: app }])));
  await refused(/has no name.*docker:\/\/HOST\/NAME:TAG/, 'copy', 'nameless.tar', under);
  await refused(/image name is missing/, 'inspect', under);
  await refused(/image name is missing/, 'edit', 'app.tar', under, '--label', 'a=b');
  t.regex((await work.imgkit(['list', `docker://${plain.host}/refused/x`, ...insecure(plain)])).stderr, /no (?:image|repository)|has no/);
});

test('what skopeo pushed reads the same here, by every command', async (t) => {
  const name = `docker://${plain.host}/skopeo/app:2`;
  await skopeo('copy', '-q', '--dest-tls-verify=false', `oci-archive:${work.path('app.tar')}`, name);
  const raw = await skopeo('inspect', '--raw', '--tls-verify=false', name);
  const options = insecure(plain);
  t.is((await work.json<{ digest: string; format: string }>(['inspect', name, ...options])).digest, sha256(raw));
  t.is((await work.json<{ images: { manifest: string }[] }>(['digest', name, ...options])).images[0]?.manifest, sha256(raw));
  t.true((await work.json<{ ok: boolean }>(['verify', name, ...options])).ok);
  t.regex(await work.ok(['history', name, ...options]), /step 1/);
  t.regex(await work.ok(['files', name, ...options]), /app\/file/);
  t.is(await work.ok(['cat', name, 'app/file', ...options]), 'app\n'.repeat(40));
  await work.ok(['load', name, '--into', 'oci:loaded', ...options]);
  t.is((await work.json<{ digest: string }>(['inspect', 'oci:loaded'])).digest, sha256(raw));
  await work.ok(['save', name, '-o', 'docker-archive:classic.tar', ...options]);
  t.true((await work.json<{ ok: boolean }>(['verify', 'classic.tar'])).ok);
  const listed = await work.json<{ images: { names: string[]; digest: string }[] }>(['list', `docker://${plain.host}/skopeo/app`, ...options]);
  t.deepEqual(listed.images.map(({ names, digest }) => [names, digest]), [[[`${plain.host}/skopeo/app:2`], sha256(raw)]]);
  const absent = await work.imgkit(['inspect', `docker://${plain.host}/skopeo/app:3`, ...options]);
  t.is(absent.code, 1);
  t.regex(absent.stderr, /has no image/);
});

test('an index with a signature goes there and back whole, through a registry without the referrers API', async (t) => {
  const name = `docker://${plain.host}/multi:1`;
  await work.ok(['copy', 'multi.tar', name, ...insecure(plain)]);
  t.is(sha256(await skopeo('inspect', '--raw', '--tls-verify=false', name)), multi.descriptor.digest);
  const seen = await work.json<{ digest: string; referrers: { digest: string; artifactType: string }[] }>(['inspect', name, ...insecure(plain)]);
  t.deepEqual(seen.referrers, [{ digest: signature.descriptor.digest, artifactType: 'application/x-signature' }]);
  // To another repository: mounted there, signature and all.
  const other = `docker://${plain.host}/copies/multi:2`;
  const moved = await work.json<Moved>(['copy', name, other, ...insecure(plain)]);
  t.true(moved.reused > 0);
  t.true(moved.bytes < 5000);
  await work.ok(['copy', other, 'oci-archive:back.tar', ...insecure(plain)]);
  const back = await work.json<{ images: { digest: string }[] }>(['list', 'back.tar']);
  t.deepEqual(back.images.map(({ digest }) => digest), [multi.descriptor.digest, signature.descriptor.digest]);
  const one = await work.json<{ platform: { architecture: string } }>(['inspect', name, '--platform', 'linux/arm64', ...insecure(plain)]);
  t.is(one.platform.architecture, 'arm64');
});

test('a docker archive is pushed as it is, or compressed when asked', async (t) => {
  await work.ok(['copy', 'app.tar', 'docker-archive:old.tar']);
  await work.ok(['copy', 'old.tar', `docker://${plain.host}/old:1`, ...insecure(plain)]);
  await work.ok(['copy', 'old.tar', `docker://${plain.host}/old:gz`, '--compress', 'gzip', ...insecure(plain)]);
  for (const [tag, type] of [['1', /tar$/], ['gz', /gzip$/]] as const) {
    const { layers } = JSON.parse(await skopeo('inspect', '--raw', '--tls-verify=false', `docker://${plain.host}/old:${tag}`)) as { layers: { mediaType: string }[] };
    t.true(layers.every(({ mediaType }) => type.test(mediaType)), tag);
    await skopeo('copy', '-q', '--src-tls-verify=false', `docker://${plain.host}/old:${tag}`, `oci:${work.path('old')}:${tag}`);
  }
});

test('a tag that names another image is not moved silently', async (t) => {
  const name = `docker://${plain.host}/moving:1`;
  await work.ok(['copy', 'app.tar', name, ...insecure(plain)]);
  const refused = await work.imgkit(['copy', 'multi.tar', name, ...insecure(plain)]);
  t.is(refused.code, 4);
  t.regex(refused.stderr, /already names .*--force/s);
  await work.ok(['copy', 'multi.tar', name, '--force', ...insecure(plain)]);
});

test.serial('an upload that is cut twice arrives: this registry forgets what it was sent, so it is sent anew', async (t) => {
  const proxy = await startCuttingProxy(plain.host, { way: 'up', after: 4 * 1024 * 1024, times: 2 });
  t.teardown(() => proxy.stop());
  await work.ok(['copy', 'large.tar', `docker://${proxy.host}/large:up`, ...insecure(proxy)]);
  t.is(proxy.cuts(), 2);
  t.true(proxy.passed.up < LARGE + 12 * 1024 * 1024, `${proxy.passed.up} bytes went up`);
  t.true((await work.json<{ ok: boolean }>(['verify', `docker://${plain.host}/large:up`, ...insecure(plain)])).ok);
});

test.serial('a download that is cut goes on where it stopped', async (t) => {
  await work.ok(['copy', 'large.tar', `docker://${plain.host}/large:down`, ...insecure(plain)]);
  const proxy = await startCuttingProxy(plain.host, { way: 'down', after: 5 * 1024 * 1024, times: 3 });
  t.teardown(() => proxy.stop());
  await work.ok(['copy', `docker://${proxy.host}/large:down`, 'oci:down', ...insecure(proxy)]);
  t.is(proxy.cuts(), 3);
  t.true(proxy.passed.down < LARGE + 4 * 1024 * 1024, `${proxy.passed.down} bytes came down`);
  t.true((await work.json<{ ok: boolean }>(['verify', 'oci:down'])).ok);
});

for (const way of ['push', 'pull'] as const) {
  test(`a registry that is killed in the middle of a ${way} and comes back`, async (t) => {
    const registry = await startDockerRegistry();
    const proxy = await startFaultProxy({ target: { port: Number(registry.host.split(':')[1]) }, faults: () => ({ up: { rate: 8 * MIB }, down: { rate: 8 * MIB } }) });
    const there = { host: `127.0.0.1:${proxy.port}` };
    try {
      const direct = [`docker://${registry.host}/large:1`, ...insecure(registry)];
      if (way === 'pull') await work.ok(['copy', 'large.tar', ...direct]);
      const words = way === 'push' ? ['copy', 'large.tar', `docker://${there.host}/large:1`, ...insecure(there)] : ['copy', `docker://${there.host}/large:1`, 'oci:revived', ...insecure(there)];
      const running = work.imgkit(words);
      while (Math.max(proxy.bytes.up, proxy.bytes.down) < 6 * MIB) await delay(20);
      await registry.kill();
      await registry.start();
      const { code, stderr } = await running;
      // It waits some seconds for the registry; where that took longer, it says so, and the next run does it.
      if (code !== 0) {
        t.is(code, 5, stderr);
        await work.ok(words);
      }
      t.true((await work.json<{ ok: boolean }>(['verify', ...(way === 'push' ? direct : ['oci:revived'])])).ok);
    } finally {
      await proxy.close();
      await registry.stop();
    }
  });
}

test('a registry whose disk is full is called that, and gets the image when there is room', async (t) => {
  const registry = await startDockerRegistry();
  await runOrThrow('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'none', registry.folder]);
  try {
    const words = ['copy', 'large.tar', `docker://${registry.host}/large:full`, ...insecure(registry)];
    const { code, stderr } = await work.imgkit(words);
    t.is(code, 6, stderr);
    t.regex(stderr, /its disk is full; free some space there/);
    await runOrThrow('mount', ['-o', 'remount,size=64m', registry.folder]);
    await work.ok(words);
  } finally {
    await registry.kill();
    await runOrThrow('umount', [registry.folder]);
    await registry.stop();
  }
});

test('login, push, pull and logout, with TLS and an authority that is named', async (t) => {
  const { env, file } = await home();
  const ca = ['--ca', guarded.ca ?? ''];
  const name = `docker://${guarded.host}/app:1`;
  const without = await work.imgkit(['copy', 'app.tar', name, ...ca], { env });
  t.is(without.code, 5);
  t.regex(without.stderr, /imgkit login/);
  const wrong = await work.imgkit(['login', guarded.host, '-u', login.user, '--password-stdin', ...ca], { env, input: 'wrong' });
  t.is(wrong.code, 5);
  t.regex(wrong.stderr, /refuses the user name or the password/);
  await t.throwsAsync(readFile(file));
  const done = await work.imgkit(['login', guarded.host, '-u', login.user, '--password-stdin', ...ca], { env, input: `${login.password}\n` });
  t.is(done.code, 0, done.stderr);
  t.regex(done.stderr, /readable for whoever reads that file/);
  await work.ok(['copy', 'app.tar', name, ...ca], { env });
  // skopeo finds the same login in the same file.
  const raw = await runOrThrow('skopeo', ['inspect', '--raw', '--authfile', file, '--cert-dir', work.path('certs'), name]);
  t.is(sha256(raw), app.descriptor.digest);
  await work.ok(['logout', guarded.host], { env });
  t.is((await work.imgkit(['inspect', name, ...ca], { env })).code, 5);
});

test('a login that skopeo made is used', async (t) => {
  const { env, file } = await home();
  await runOrThrow('skopeo', ['login', '--authfile', file, '--cert-dir', work.path('certs'), '-u', login.user, '--password-stdin', guarded.host], { input: login.password });
  await work.ok(['copy', 'app.tar', `docker://${guarded.host}/by-skopeo:1`, '--ca', guarded.ca ?? ''], { env });
  t.pass();
});

test('a credential helper keeps the login', async (t) => {
  const helper = work.path('bin/docker-credential-testing');
  await writeFile(helper, `#!/bin/sh
kept=${work.path('helper-kept')}
case $1 in
store) cat > $kept;;
get) if [ -f $kept ]; then cat $kept; else echo 'credentials not found in native keychain'; exit 1; fi;;
erase) rm -f $kept;;
esac
`);
  await chmod(helper, 0o755);
  const { env, file } = await home({ credsStore: 'testing' });
  const ca = ['--ca', guarded.ca ?? ''];
  await work.ok(['login', guarded.host, '-u', login.user, '--password-stdin', ...ca], { env, input: login.password });
  t.false((await readFile(file, 'utf8')).includes(Buffer.from(`${login.user}:${login.password}`).toString('base64')));
  await work.ok(['copy', 'app.tar', `docker://${guarded.host}/helped:1`, ...ca], { env });
  await work.ok(['logout', guarded.host], { env });
  t.is((await work.imgkit(['inspect', `docker://${guarded.host}/helped:1`, ...ca], { env })).code, 5);
});

test('a certificate of nobody we know is refused, and so is plain HTTP, until the registry is named', async (t) => {
  const { env } = await home();
  const unknown = await work.imgkit(['inspect', `docker://${guarded.host}/app:1`], { env });
  t.is(unknown.code, 4);
  t.regex(unknown.stderr, /certificate is refused.*--ca/s);
  const noTls = await work.imgkit(['inspect', `docker://${plain.host}/team/app:1`], { env });
  t.is(noTls.code, 5);
  t.regex(noTls.stderr, new RegExp(`--insecure-registry ${plain.host}`));
});
