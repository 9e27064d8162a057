import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { copy, keygen, list, load, sign, signImage, trustAdd, verify, isImgkitError } from '../../src/index.js';
import { tempFolder } from '../content/temp.js';
import { named, ociParts } from '../helpers/archive-parts.js';
import { artifact, image, layer, pack, type Part } from '../helpers/image-builder.js';
import { startFakeRegistry } from '../helpers/registry.js';
import { makeScratch } from '../helpers/scratch.js';

/** A policy is asked about every name under which anybody would know the image. */
const app = image('app', { layers: [layer('app')] });
const PROTECTED = 'docker.io/library/app:1.9';

function indexed(annotations: Record<string, string>): readonly Part[] {
  return ociParts([named(app)], { schemaVersion: 2, manifests: [{ ...app.descriptor, annotations }] });
}

const scratch = makeScratch();
const [trust, key] = [scratch.path('trust'), scratch.path('ssh')];

// A trust that lets in what it does not protect.
test.before(async () => {
  await keygen({ type: 'ssh', folder: scratch.folder });
  await scratch.write('policy.json', Buffer.from(JSON.stringify({ version: 1, default: 'accept', repositories: { 'docker.io/library/app': { signedBy: ['release@acme.example'] } } })));
  await trustAdd({ folder: trust, files: [scratch.path('policy.json'), `${key}.pub`], identity: 'carrier@acme.example' });
});
test.after.always(() => scratch.remove());

test('a name in an annotation that is none does not hide the one beside it', async (t) => {
  const folder = await tempFolder(t);
  const layout = await scratch.layout('layout', indexed({ 'io.containerd.image.name': 'no name', 'org.opencontainers.image.ref.name': PROTECTED }));
  const to = join(folder, 'out');
  const error = await t.throwsAsync(copy({ from: `oci:${layout}`, to: `oci:${to}`, admission: { trust } }));
  t.true(isImgkitError(error, 'signature-missing', 'policy-refused'), String(error));
  t.deepEqual((await list({ location: `oci:${layout}` })).images.map(({ names }) => names), [[PROTECTED]]);
});

test('the policy is asked about a whole name that an image gets in a layout', async (t) => {
  const folder = await tempFolder(t);
  const archive = join(folder, 'app.tar');
  await writeFile(archive, pack(ociParts([named(app, 'free:1')])));
  const to = async (name: string): Promise<unknown> => copy({ from: archive, to: `oci:${join(folder, 'out')}${name}`, admission: { trust } });
  for (const name of [`:${PROTECTED}`, ':app:1.9', ':library/app']) t.true(isImgkitError(await t.throwsAsync(to(name)), 'signature-missing', 'policy-refused'), name);
  for (const name of [':app', ':1.9', '']) await t.notThrowsAsync(to(name), name);
});

test('what goes along with a signed image comes into no repository that the policy rejects', async (t) => {
  const folder = await tempFolder(t);
  const closed = join(folder, 'trust');
  const about = artifact('text/plain', 'no signature', app.descriptor);
  const tag = `sha256-${app.descriptor.digest.slice(7)}.sig`;
  const policy = await scratch.write('closed.json', Buffer.from(JSON.stringify({ version: 1, default: 'reject', repositories: { 'docker.io/library/app': { signedBy: ['carrier@acme.example'] } } })));
  await trustAdd({ folder: closed, files: [policy, `${key}.pub`], identity: 'carrier@acme.example' });
  for (const [name, fits] of [[`evil:${tag}`, false], [`app:${tag}`, true], [undefined, true]] as const) {
    const archive = join(folder, `${name?.slice(0, 3)}.tar`);
    await writeFile(archive, pack(ociParts([named(app, 'app:1'), named(about, name)])));
    await sign({ files: [archive], key });
    const loading = load({ from: archive, storeFolder: join(folder, `store-${name?.slice(0, 3)}`), admission: { trust: closed } });
    t.is((await verify({ target: archive, signed: { trust: closed } })).ok, fits, name);
    if (fits) await t.notThrowsAsync(loading, name);
    else t.true(isImgkitError(await t.throwsAsync(loading), 'policy-refused'), name);
  }
});

test('where containerd and podman would give an image two names, it has both', async (t) => {
  const folder = await tempFolder(t);
  const archive = join(folder, 'app.tar');
  const annotated = async (annotations: Record<string, string>): Promise<readonly (readonly string[])[]> => {
    await writeFile(archive, pack(indexed(annotations)));
    return (await list({ location: archive })).images.map(({ names }) => names);
  };
  t.deepEqual(await annotated({ 'io.containerd.image.name': PROTECTED, 'org.opencontainers.image.ref.name': '1.9' }), [[PROTECTED]]);
  t.deepEqual(await annotated({ 'io.containerd.image.name': `${PROTECTED}@${app.descriptor.digest}`, 'org.opencontainers.image.ref.name': `1.9@${app.descriptor.digest}` }), [[`${PROTECTED}@${app.descriptor.digest}`]]);
  t.deepEqual(await annotated({ 'io.containerd.image.name': 'docker.io/library/free:1', 'org.opencontainers.image.ref.name': PROTECTED }), [['docker.io/library/free:1', PROTECTED]]);
  await sign({ files: [archive], key });
  const { ok, refused, findings } = await verify({ target: archive, signed: { trust } });
  t.deepEqual([ok, refused], [false, true]);
  t.regex(findings.at(-1)?.message ?? '', /needed a signature by release@acme\.example/);
});

test('an archive that is not signed, and holds nothing that could be, is refused', async (t) => {
  const folder = await tempFolder(t);
  const archive = join(folder, 'empty.tar');
  await writeFile(archive, pack(ociParts([])));
  const { ok, refused, findings } = await verify({ target: archive, signed: { keys: [`${key}.pub`] } });
  t.deepEqual([ok, refused], [false, true]);
  t.like(findings.find(({ status }) => status === 'failed'), { check: 'signature', subject: archive });
});

test('an image that is asked for by its digest must be signed for the repository that it is asked from', async (t) => {
  const folder = await tempFolder(t);
  const registry = await startFakeRegistry();
  t.teardown(() => registry.close());
  const network = { insecureRegistries: [registry.host] };
  const archive = join(folder, 'app.tar');
  await writeFile(archive, pack(ociParts([named(app, 'app:1')])));
  await keygen({ type: 'cosign', folder });
  const [tools, product] = ['tools', 'product'].map((repository) => `${registry.host}/${repository}/app`) as [string, string];
  await copy({ from: archive, to: `docker://${tools}:1`, network });
  await signImage({ location: `docker://${tools}:1`, key: join(folder, 'cosign.key'), network });
  // Whoever holds the registry puts image and signature elsewhere.
  for (const [key, manifest] of registry.manifests) registry.manifests.set(key.replace('tools/', 'product/'), manifest);
  const check = async (target: string): Promise<boolean> => (await verify({ target, network, signed: { keys: [join(folder, 'cosign.pub')] } })).ok;
  t.deepEqual([await check(`docker://${tools}:1`), await check(`docker://${tools}@${app.descriptor.digest}`)], [true, true]);
  t.deepEqual([await check(`docker://${product}:1`), await check(`docker://${product}@${app.descriptor.digest}`)], [false, false]);
});
