import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import test from 'ava';
import { unwrapJwe, wrapJwe } from '../../../../src/crypto/encrypt/ocicrypt/jwe.js';
import { unwrapPkcs7 } from '../../../../src/crypto/encrypt/ocicrypt/pkcs7.js';
import type { PrivateOptions } from '../../../../src/crypto/encrypt/ocicrypt/layer-options.js';
import { unwrapLayerKey, wrapLayerKey } from '../../../../src/crypto/encrypt/ocicrypt/wrap-layer-key.js';
import { copy, decryptLayers, diff, encryptLayers, inspect, isImgkitError, save, verify } from '../../../../src/index.js';
import { DEFAULT_LIMITS } from '../../../../src/limits.js';
import { collect, rejectsWith, sameBytes, sampleBytes } from '../../../content/bytes.js';
import { named, ociParts } from '../../../helpers/archive-parts.js';
import { image, layer, pack, sha256 } from '../../../helpers/image-builder.js';
import { makeScratch } from '../../../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const pairs = { rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }), ec: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }), ec384: generateKeyPairSync('ec', { namedCurve: 'P-384' }), ec521: generateKeyPairSync('ec', { namedCurve: 'P-521' }), other: generateKeyPairSync('rsa', { modulusLength: 2048 }) };
const app = image('app', { layers: [layer('base', { gzip: true }), layer('app')] });
const windows = layer('windows', { gzip: true, mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip' });
const source = scratch.path('app.tar');
const privateKey = (name: keyof typeof pairs): string => scratch.path(`${name}.key`);
const publicKey = (name: keyof typeof pairs): string => scratch.path(`${name}.pub`);

test.before(async () => {
  await scratch.write('app.tar', pack(ociParts([named(app, 'app:1')])));
  for (const name of ['rsa', 'ec', 'ec384', 'ec521', 'other'] as const) {
    await scratch.write(`${name}.key`, pairs[name].privateKey.export({ format: 'pem', type: 'pkcs8' }));
    await chmod(privateKey(name), 0o600);
    await scratch.write(`${name}.pub`, pairs[name].publicKey.export({ format: 'pem', type: 'spki' }));
  }
});

test('layers for GnuPG keys are called that, and no private key is asked for', async (t) => {
  const annotations = new Map([['org.opencontainers.image.enc.keys.pgp', 'AAAA']]);
  t.regex((await rejectsWith(t, 'decryption-refused', unwrapLayerKey(annotations, [], 'x', DEFAULT_LIMITS))).message, /is encrypted by pgp, and only jwe and pkcs7 are read here/);
});

test('a file that is no key is not read to its end', async (t) => {
  const large = await scratch.write('large.pub', Buffer.alloc(2_000_000));
  t.regex((await rejectsWith(t, 'key-malformed', encryptLayers({ location: source, to: scratch.path('large.oci'), recipients: [large] }))).message, /has more than \d+ bytes, too many for a public key/);
});

for (const [title, keys] of [['RSA', ['rsa']], ['P-256', ['ec']], ['P-384', ['ec384']], ['P-521', ['ec521']], ['both', ['rsa', 'ec']]] as const) {
  test(`a JWE for ${title}: each of them opens it, another key does not, a flipped bit is caught`, async (t) => {
    const content = randomBytes(190);
    const jwe = await wrapJwe(content, keys.map((key): KeyObject => pairs[key].publicKey));
    t.is('recipients' in JSON.parse(Buffer.from(jwe).toString()), keys.length > 1);
    for (const key of keys) sameBytes(t, (await unwrapJwe(jwe, pairs[key].privateKey)) ?? Buffer.alloc(0), content);
    t.is(await unwrapJwe(jwe, pairs.other.privateKey), undefined);
    const text = Buffer.from(jwe).toString();
    const changed = text.replace(/"ciphertext":"(.)/, (_, first: string) => `"ciphertext":"${first === 'A' ? 'B' : 'A'}`);
    for (const key of keys) t.is(await unwrapJwe(Buffer.from(changed), pairs[key].privateKey), undefined);
  });
}

test('layers for EC keys on every curve that skopeo takes', async (t) => {
  const to = scratch.path('curves.tar');
  await encryptLayers({ location: source, to, recipients: [publicKey('ec384'), publicKey('ec521')] });
  for (const name of ['ec384', 'ec521'] as const) await t.notThrowsAsync(decryptLayers({ location: to, to: scratch.path(`${name}.tar`), identities: { identities: [privateKey(name)] } }));
});

test('garbage is no JWE and no PKCS#7', async (t) => {
  for (const bytes of [Buffer.alloc(0), Buffer.from('{}'), Buffer.from('[1]'), Buffer.from('null'), Buffer.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff), Buffer.alloc(1000, 0x30), sampleBytes(5000)]) {
    t.is(await unwrapJwe(bytes, pairs.rsa.privateKey), undefined);
    t.is(unwrapPkcs7(bytes, pairs.rsa.privateKey), undefined);
  }
});

test('a layer that its publisher does not let others distribute stays as it is, there and back, also where it is here', async (t) => {
  const mixed = image('mixed', { layers: [windows, layer('app')] });
  const location = await scratch.write('mixed.tar', pack(ociParts([named(mixed, 'app:1')])));
  const [to, back] = [scratch.path('mixed.enc.tar'), scratch.path('mixed.back.tar')];
  const layersOf = async (target: string): Promise<string[]> => (await inspect({ location: target })).layers.map(({ descriptor: { mediaType, digest } }) => `${mediaType} ${digest}`);
  const told = (notes: readonly { readonly message: string; readonly subject: string }[]): readonly string[] => notes.filter(({ message }) => message.includes('not let others distribute')).map(({ message, subject }) => `${subject}: ${message}`);
  t.deepEqual(told((await encryptLayers({ location, to, recipients: [publicKey('rsa')] })).notes), ['docker.io/library/app:1: 1 layer stays readable for everyone: the publisher does not let others distribute such']);
  t.deepEqual(told((await encryptLayers({ location: source, to: scratch.path('unmixed.tar'), recipients: [publicKey('rsa')] })).notes), []);
  const before = await layersOf(location);
  t.deepEqual((await layersOf(to)).map((each, i) => each === before[i]), [true, false]);
  await decryptLayers({ location: to, to: back, identities: { identities: [privateKey('rsa')] } });
  t.deepEqual(await layersOf(back), before);
});

test('what has no layer to encrypt is never called encrypted: alone it is refused, beside others it is told', async (t) => {
  const noTar = image('artifact', { layers: [layer('app'), layer('facts', { mediaType: 'application/vnd.in-toto+json' })] });
  const onlyForeign = image('foreign', { layers: [windows] });
  const to = scratch.path('nothing.tar');
  for (const each of [noTar, onlyForeign]) {
    const location = await scratch.write('nothing.in.tar', pack(ociParts([named(each, 'app:1')])));
    await rejectsWith(t, 'image-not-found', encryptLayers({ location, to, recipients: [publicKey('rsa')] }));
    t.deepEqual((await scratch.tree()).filter((path) => path.includes('nothing.tar')), []);
  }
  const location = await scratch.write('beside.tar', pack(ociParts([named(app, 'app:1'), named(noTar, 'app:2')])));
  const { notes } = await encryptLayers({ location, to, recipients: [publicKey('rsa')] });
  t.deepEqual(notes.filter(({ message }) => message.includes('no layer that can be encrypted')).map(({ subject }) => subject), ['docker.io/library/app:2']);
});

test('layers there and back: the same image, and only the config was readable meanwhile', async (t) => {
  const to = scratch.path('enc.tar');
  const result = await encryptLayers({ location: source, to, recipients: [publicKey('rsa'), publicKey('ec')] });
  t.regex(result.notes.at(-1)?.message ?? '', /config .* stay readable/);
  const sealed = await inspect({ location: to });
  t.true(sealed.layers.every(({ descriptor }) => descriptor.mediaType.endsWith('+encrypted')));
  const before = await inspect({ location: source });
  t.true((await diff({ old: source, new: to, parts: ['config', 'layers', 'history'] })).same);
  t.regex((await rejectsWith(t, 'compression-unsupported', diff({ old: source, new: to }))).message, /decrypt the image first/);
  t.deepEqual(sealed.layers.map(({ descriptor }) => descriptor.size), before.layers.map(({ descriptor }) => descriptor.size));
  t.is(sealed.imageId, before.imageId);
  t.true((await verify({ target: to })).ok);
  for (const key of ['rsa', 'ec'] as const) {
    const back = scratch.path(`back-${key}.tar`);
    await decryptLayers({ location: to, to: back, identities: { identities: [privateKey(key)] } });
    t.deepEqual((await inspect({ location: back })).layers, before.layers);
    t.true((await verify({ target: back })).ok);
  }
  await rejectsWith(t, 'decryption-refused', decryptLayers({ location: to, to: scratch.path('no.tar'), identities: { identities: [privateKey('other')] } }));
  await rejectsWith(t, 'decryption-refused', decryptLayers({ location: to, to: scratch.path('no.tar'), identities: {} }));
  t.false((await scratch.tree()).includes('no.tar'));
});

test('what docker load reads holds no encrypted layers: refused before anything is written', async (t) => {
  const sealed = scratch.path('sealed-oci.tar');
  await encryptLayers({ location: source, to: sealed, recipients: [publicKey('rsa')] });
  for (const format of ['hybrid', 'docker'] as const) {
    const error = await rejectsWith(t, 'usage', copy({ from: sealed, to: scratch.path(`${format}.tar`), format }));
    t.regex(error.message, /--format oci/);
    await rejectsWith(t, 'usage', save({ images: [sealed], output: scratch.path(`${format}.tar.gz`), format }));
    t.deepEqual([await scratch.tree(`${format}.tar`), await scratch.tree(`${format}.tar.gz`)], [[], []]);
  }
  await copy({ from: sealed, to: scratch.path('kept.tar'), format: 'oci' });
  t.true((await verify({ target: scratch.path('kept.tar') })).ok);
});

test('a recipient is added without encrypting again', async (t) => {
  const [one, two] = [scratch.path('one.tar'), scratch.path('two.tar')];
  await encryptLayers({ location: source, to: one, recipients: [publicKey('rsa')] });
  await rejectsWith(t, 'usage', encryptLayers({ location: one, to: two, recipients: [publicKey('ec')] }));
  await encryptLayers({ location: one, to: two, recipients: [publicKey('ec')], identities: { identities: [privateKey('rsa')] } });
  const digests = async (location: string): Promise<readonly string[]> => (await inspect({ location })).layers.map(({ descriptor }) => descriptor.digest);
  t.deepEqual(await digests(two), await digests(one));
  for (const key of ['rsa', 'ec'] as const) {
    await decryptLayers({ location: two, to: scratch.path(`added-${key}.tar`), identities: { identities: [privateKey(key)] } });
    t.deepEqual(await digests(scratch.path(`added-${key}.tar`)), await digests(source));
  }
});

test('a layer whose bytes were changed, digest and all, does not match its HMAC', async (t) => {
  const to = scratch.path('layout');
  await encryptLayers({ location: source, to: `oci:${to}:1`, recipients: [publicKey('rsa')] });
  const sealed = await inspect({ location: `oci:${to}:1` });
  const [first] = sealed.layers;
  const blob = (digest: string): string => `${to}/blobs/sha256/${digest.slice(7)}`;
  const bytes = await readFile(blob(first?.descriptor.digest ?? ''));
  bytes[20] = (bytes[20] as number) ^ 1;
  const changed = sha256(bytes);
  await writeFile(blob(changed), bytes);
  const manifest = Buffer.from((await readFile(blob(sealed.digest))).toString().replace(first?.descriptor.digest ?? '', changed));
  await writeFile(blob(sha256(manifest)), manifest);
  const control = (await readFile(`${to}/index.json`)).toString();
  await writeFile(`${to}/index.json`, control.replace(sealed.digest, sha256(manifest)));
  await rejectsWith(t, 'ciphertext-malformed', decryptLayers({ location: `oci:${to}:1`, to: scratch.path('bad.tar'), identities: { identities: [privateKey('rsa')] } }));
  t.false((await scratch.tree()).includes('bad.tar'));
});

test('keys that will not do', async (t) => {
  const refuse = (code: 'key-malformed' | 'key-refused' | 'key-exposed' | 'usage', recipients: readonly string[]): Promise<unknown> => rejectsWith(t, code, encryptLayers({ location: source, to: scratch.path('never.tar'), recipients }));
  await refuse('usage', []);
  await refuse('key-refused', [privateKey('rsa')]);
  await refuse('key-malformed', [source]);
  await refuse('key-refused', [await scratch.write('weak.pub', generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'pem', type: 'spki' }))]);
  await refuse('key-refused', [await scratch.write('k1.pub', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'pem', type: 'spki' }))]);
  await refuse('key-refused', [`pkcs7:${publicKey('rsa')}`]);
  await rejectsWith(t, 'usage', encryptLayers({ location: source, to: `docker-archive:${scratch.path('never.tar')}`, recipients: [publicKey('rsa')] }));
  t.false((await scratch.tree()).includes('never.tar'));
});

/** A layout with the encrypted image, in which `change` has another wrapped secret than the first layer was encrypted with. */
async function withSecret(name: string, change: (secret: PrivateOptions) => PrivateOptions, location = source): Promise<string> {
  const to = scratch.path(name);
  await encryptLayers({ location, to: `oci:${to}:1`, recipients: [publicKey('rsa')] });
  const { digest } = await inspect({ location: `oci:${to}:1` });
  const blob = (of: string): string => `${to}/blobs/sha256/${of.slice(7)}`;
  const manifest = JSON.parse(await readFile(blob(digest), 'utf8')) as { layers: { annotations: Record<string, string> }[] };
  for (const sealed of manifest.layers) {
    const annotations = new Map(Object.entries(sealed.annotations));
    const secret = await unwrapLayerKey(annotations, [{ label: 'rsa', key: pairs.rsa.privateKey }], 'test', DEFAULT_LIMITS);
    annotations.delete('org.opencontainers.image.enc.keys.jwe');
    sealed.annotations = Object.fromEntries(await wrapLayerKey(annotations, change(secret), { keys: [pairs.rsa.publicKey], certificates: [], labels: [] }));
  }
  const bytes = Buffer.from(JSON.stringify(manifest));
  await writeFile(blob(sha256(bytes)), bytes);
  const index = JSON.parse(await readFile(`${to}/index.json`, 'utf8')) as { manifests: { digest: string; size: number }[] };
  Object.assign(index.manifests[0] as object, { digest: sha256(bytes), size: bytes.length });
  await writeFile(`${to}/index.json`, JSON.stringify(index));
  return `oci:${to}:1`;
}

test('the HMAC says nothing about the nonce: what comes out must be what was put in', async (t) => {
  const turned = await withSecret('nonce', (secret) => ({ ...secret, nonce: Buffer.from(secret.nonce).map((byte) => byte ^ 1) }));
  const error = await t.throwsAsync(decryptLayers({ location: turned, to: scratch.path('nonce.tar'), identities: { identities: [privateKey('rsa')] } }));
  t.true(isImgkitError(error, 'diffid-mismatch', 'compression-malformed'), String(error));
  t.false((await scratch.tree()).includes('nonce.tar'));
});

test('another digest than the layer had, or none: the diffID decides', async (t) => {
  const before = (await inspect({ location: source })).layers;
  for (const [name, digest] of [['none', undefined], ['other', sha256(Buffer.from('before it was compressed'))]] as const) {
    const from = await withSecret(name, (secret) => ({ ...secret, digest: digest as PrivateOptions['digest'] }));
    await decryptLayers({ location: from, to: scratch.path(`${name}.tar`), identities: { identities: [privateKey('rsa')] } });
    t.deepEqual((await inspect({ location: scratch.path(`${name}.tar`) })).layers, before);
  }
});

test('layers that are the same are made once, and two ways give the same bytes', async (t) => {
  const [twice, more] = [layer('twice'), layer('more', { gzip: true })];
  const location = await scratch.write('twice.tar', pack(ociParts([named(image('twice', { layers: [twice, more, twice, layer('last')] }), 'app:1')])));
  const sealed = scratch.path('twice-enc.tar');
  await encryptLayers({ location, to: sealed, recipients: [publicKey('ec')] });
  const identities = { identities: [privateKey('ec')] };
  const before = (await inspect({ location })).layers;
  for (const name of ['file-1.tar', 'file-2.tar']) {
    await decryptLayers({ location: sealed, to: scratch.path(name), identities });
    t.deepEqual((await inspect({ location: scratch.path(name) })).layers, before);
  }
  const stdout = new PassThrough();
  const streamed = collect(stdout);
  await decryptLayers({ location: sealed, to: '-', stdout, identities });
  stdout.end();
  const file = await readFile(scratch.path('file-1.tar'));
  sameBytes(t, await readFile(scratch.path('file-2.tar')), file);
  sameBytes(t, await streamed, file);
});
