import { createHash, createPublicKey, verify as verifyBytes } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import { copy, inspect, keygen, list, load, save, sign, signImage, trustAdd, verify, type MoveResult } from '../../src/index.js';
import { hybridParts, named, ociParts } from '../helpers/archive-parts.js';
import { image, index as indexOf, layer, pack } from '../helpers/image-builder.js';
import { makeScratch, storeEntries } from '../helpers/scratch.js';

/** Signatures of images as cosign makes them: they travel with the image, and vouch for its digest and its name. */
const scratch = makeScratch();
const [app, other] = ['app', 'other'].map((name) => image(name, { layers: [layer(name, { gzip: true })] })) as [ReturnType<typeof image>, ReturnType<typeof image>];
const both = scratch.writeNow('both.tar', pack(hybridParts([named(app, 'app:1.9.6'), named(other, 'other:1')])));
const keys = scratch.path('keys');
const key = `${keys}/release.key`;
const trust = scratch.path('trust');
const name = 'docker.io/library/app:1.9.6';
const tag = `sha256-${app.descriptor.digest.slice(7)}.sig`;

test.before(async () => {
  for (const each of ['release', 'mallory']) await keygen({ type: 'cosign', name: each, folder: keys });
  await trustAdd({ folder: trust, files: [`${keys}/release.pub`] });
});
test.after.always(() => scratch.remove());

/** A store with both images, the first of them signed. */
async function signedStore(t: ExecutionContext): Promise<string> {
  const storeFolder = scratch.path(t.title.replaceAll(/\W+/g, '-'), 'store');
  await load({ from: both, storeFolder });
  const { signed } = await signImage({ location: 'store:app:1.9.6', key, storeFolder });
  t.deepEqual(signed.map(({ digest, reference, kept }) => ({ digest, reference, kept })), [{ digest: app.descriptor.digest as never, reference: name, kept: false }]);
  return storeFolder;
}

interface Json { [name: string]: unknown }
const blobPath = (layout: string, digest: string): string => `${layout}/blobs/sha256/${digest.slice(7)}`;
const json = async (path: string): Promise<Json> => JSON.parse(await readFile(path, 'utf8')) as Json;
interface Entry { mediaType: string; digest: string; size: number; annotations?: Record<string, string>; artifactType?: string }
interface Manifest { layers: Entry[]; config: Entry; subject?: Entry; artifactType?: string; annotations?: Record<string, string> }
const index = async (layout: string): Promise<{ manifests: Entry[] }> => await json(`${layout}/index.json`) as never;

async function put(layout: string, bytes: Buffer): Promise<{ digest: string; size: number }> {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  await writeFile(blobPath(layout, digest), bytes);
  return { digest, size: bytes.length };
}

test('what is written is what cosign reads: payload, tag, and bundle with its DSSE signature', async (t) => {
  const storeFolder = await signedStore(t);
  const { manifests } = await index(storeFolder);
  const tagged = manifests.find(({ annotations }) => annotations?.['io.containerd.image.name']?.endsWith(tag));
  const simple = await json(blobPath(storeFolder, (tagged as Entry).digest)) as unknown as Manifest;
  const [payloadLayer] = simple.layers as [Entry];
  t.is(payloadLayer.mediaType, 'application/vnd.dev.cosign.simplesigning.v1+json');
  const payload = await readFile(blobPath(storeFolder, payloadLayer.digest));
  t.deepEqual(JSON.parse(payload.toString()), { critical: { identity: { 'docker-reference': name }, image: { 'docker-manifest-digest': app.descriptor.digest }, type: 'cosign container image signature' }, optional: null });
  const publicKey = createPublicKey(await readFile(`${keys}/release.pub`));
  t.true(verifyBytes('sha256', payload, publicKey, Buffer.from(payloadLayer.annotations?.['dev.cosignproject.cosign/signature'] as string, 'base64')));

  const artifact = (await Promise.all(manifests.map(async ({ digest }) => await json(blobPath(storeFolder, digest)) as unknown as Manifest))).find(({ artifactType }) => artifactType !== undefined) as Manifest;
  t.is(artifact.artifactType, 'application/vnd.dev.sigstore.bundle.v0.3+json');
  t.like(artifact, { config: { mediaType: 'application/vnd.oci.empty.v1+json' }, subject: { digest: app.descriptor.digest }, annotations: { 'dev.sigstore.bundle.content': 'dsse-envelope', 'dev.sigstore.bundle.predicateType': 'https://sigstore.dev/cosign/sign/v1' } });
  const bundle = await json(blobPath(storeFolder, (artifact.layers[0] as Entry).digest)) as { dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string }[] } };
  const { payloadType, payload: statement, signatures } = bundle.dsseEnvelope;
  const body = Buffer.from(statement, 'base64');
  t.true(verifyBytes('sha256', Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${body.length} `), body]), publicKey, Buffer.from(signatures[0]?.sig as string, 'base64')));
  t.deepEqual(JSON.parse(body.toString()), { _type: 'https://in-toto.io/Statement/v1', subject: [{ name, digest: { sha256: app.descriptor.digest.slice(7) } }], predicateType: 'https://sigstore.dev/cosign/sign/v1', predicate: {} });

  const again = await signImage({ location: 'store:app:1.9.6', key, storeFolder });
  t.true(again.signed[0]?.kept);
  t.deepEqual((await index(storeFolder)).manifests, manifests, 'nothing was written');
  const second = await signImage({ location: 'store:app:1.9.6', key: `${keys}/mallory.key`, storeFolder });
  t.false(second.signed[0]?.kept);
  for (const each of ['release', 'mallory']) t.is((await verify({ target: 'store:app:1.9.6', storeFolder, signed: { keys: [`${keys}/${each}.pub`] } })).signatures?.length, 1);
});

test('they go along through archives, layouts and stores, and under a new name to its repository', async (t) => {
  const storeFolder = await signedStore(t);
  const archive = scratch.path('signed.tar');
  await save({ images: ['app:1.9.6'], output: archive, storeFolder });
  const admission = { trust };
  const elsewhere = scratch.path('elsewhere');
  const loaded = await load({ from: archive, storeFolder: elsewhere, admission });
  t.regex(loaded.notes.map(({ message }) => message).join(), /signed by release \(cosign/);
  t.true((await list({ location: 'store:', storeFolder: elsewhere })).images.some(({ names }) => names[0] === `docker.io/library/app:${tag}`));
  const layout = scratch.path('layout');
  await copy({ from: archive, to: `oci:${layout}:v1`, admission });
  t.true((await index(layout)).manifests.some(({ annotations }) => annotations?.['org.opencontainers.image.ref.name'] === tag));
  t.like(await verify({ target: `oci:${layout}:v1`, signed: { trust } }), { ok: true, signatures: [{ format: 'cosign', identity: 'release' }] });
  t.true((await verify({ target: archive, signed: { trust } })).ok, 'an archive whose file is not signed, but its image is');
  // What has no name there could be any image that the signer ever signed: it must be signed for the name that it gets.
  const named = scratch.path('named');
  const give = (to: string): Promise<MoveResult> => copy({ from: `oci:${layout}:v1`, to, storeFolder: named, admission });
  await t.throwsAsync(give('store:nginx:1'), { code: 'signature-untrusted', message: /signed by release for the name docker\.io\/library\/app:1\.9\.6, not for docker\.io\/library\/nginx:1/ });
  t.deepEqual(await storeEntries(named), []);
  t.deepEqual((await give('store:app:1.9.6')).images[0]?.names, [name]);
  // Another name is another image to whoever asks for it by name.
  t.regex((await copy({ from: archive, to: 'store:renamed:1', storeFolder: elsewhere, admission })).notes.map(({ message }) => message).join(), /it is signed for docker\.io\/library\/app:1\.9\.6, and gets the name docker\.io\/library\/renamed:1, for which it is not signed/);
  const renamed = await verify({ target: 'store:renamed:1', storeFolder: elsewhere, signed: { trust } });
  t.true(renamed.refused);
  t.regex(renamed.findings.map(({ message }) => message).join(), /signed by release for the name docker\.io\/library\/app:1\.9\.6, not for docker\.io\/library\/renamed:1/);
  for (const other of ['renamed:1.9.6', 'registry.example/library/app:1.9.6', 'app:1.9.7']) {
    await copy({ from: archive, to: `store:${other}`, storeFolder: elsewhere });
    t.true((await verify({ target: `store:${other}`, storeFolder: elsewhere, signed: { trust } })).refused, other);
  }
  await signImage({ location: 'store:renamed:1', key, storeFolder: elsewhere });
  t.true((await verify({ target: 'store:renamed:1', storeFolder: elsewhere, signed: { trust } })).ok);
  await copy({ from: archive, to: `docker-archive:${scratch.path('plain.tar')}` });
});

test('every image of an index is signed by itself, so that one platform taken out of it is believed', async (t) => {
  const arm = image('arm', { config: (config) => ({ ...config, architecture: 'arm64' }) });
  const multi = indexOf([{ ...app.descriptor, platform: { os: 'linux', architecture: 'amd64' } }, { ...arm.descriptor, platform: { os: 'linux', architecture: 'arm64' } }], [app, arm]);
  const [storeFolder, archive, one] = [scratch.path('multi/store'), scratch.path('multi.tar'), scratch.path('one.tar')];
  await load({ from: await scratch.write('index.tar', pack(ociParts([named(multi, 'docker.io/library/app:1.9.6')]))), storeFolder });
  const { signed } = await signImage({ location: 'store:app:1.9.6', key, storeFolder });
  t.deepEqual(signed.map(({ digest, reference, kept }) => ({ digest, reference, kept })), [multi, app, arm].map(({ descriptor }) => ({ digest: descriptor.digest as never, reference: name, kept: false })));
  t.true((await signImage({ location: 'store:app:1.9.6', key, storeFolder })).signed.every(({ kept }) => kept));
  await save({ images: ['app:1.9.6'], output: archive, storeFolder });
  await copy({ from: archive, to: one, platform: 'linux/arm64', admission: { trust } });
  const tagOf = ({ descriptor: { digest } }: { readonly descriptor: { readonly digest: string } }): string => `docker.io/library/app:sha256-${digest.slice(7)}.sig`;
  t.deepEqual((await list({ location: one })).images.flatMap(({ names }) => names).toSorted(), [name, tagOf(arm)].toSorted(), 'what is about the others stays behind with them');
  const moved = await load({ from: one, storeFolder: scratch.path('multi/far'), admission: { trust } });
  t.is(moved.images[0]?.digest, arm.descriptor.digest as never);
});

test('one unsigned image among several refuses all of them', async (t) => {
  const storeFolder = await signedStore(t);
  const archive = scratch.path('mixed.tar');
  await save({ images: ['app:1.9.6', 'other:1'], output: archive, storeFolder });
  const empty = scratch.path('empty');
  const run = (options: object = {}): Promise<MoveResult> => load({ from: archive, storeFolder: empty, admission: { trust }, ...options });
  await t.throwsAsync(run(), { code: 'policy-refused', message: /other:1 is not allowed/ });
  await t.throwsAsync(run({ admission: { keys: [`${keys}/mallory.pub`] } }), { code: 'signature-untrusted' });
  t.true((await verify({ target: archive, signed: { trust } })).refused);
  t.deepEqual(await storeEntries(empty), []);
  t.is((await run({ from: `${archive}#app:1.9.6` })).images.filter(({ names }) => names.includes(name)).length, 1);
  await sign({ files: [archive], key });
  t.true((await run()).images.length >= 2, 'a signature over the archive is for all');
});

test('an image that is called like a signature, or says that it is about another image, needs a signature like any other', async (t) => {
  const storeFolder = await signedStore(t);
  const stray = `app:sha256-${'0'.repeat(64)}.sig`;
  await copy({ from: `${both}#other:1`, to: `store:${stray}`, storeFolder });
  const archive = scratch.path('called-like-one.tar');
  await save({ images: ['app:1.9.6', stray], output: archive, storeFolder });
  const empty = scratch.path('called-like-one');
  await t.throwsAsync(load({ from: archive, storeFolder: empty, admission: { trust } }), { code: 'policy-refused', message: /app:sha256-0+\.sig is not allowed/ });
  t.true((await verify({ target: archive, signed: { trust } })).refused);

  const about = image('about', { layers: [layer('about', { gzip: true })], manifest: (manifest) => ({ ...manifest, subject: app.descriptor }) });
  const attached = scratch.path('attached');
  await copy({ from: 'store:app:1.9.6', to: `oci:${attached}`, storeFolder });
  const all = await index(attached);
  for (const bytes of about.blobs.values()) await put(attached, bytes);
  all.manifests.push({ ...about.descriptor });
  await writeFile(`${attached}/index.json`, JSON.stringify(all));
  for (const from of [`oci:${attached}`, `oci:${attached}:1.9.6`]) await t.throwsAsync(load({ from, storeFolder: empty, admission: { trust } }), { code: 'policy-refused', message: /is not allowed/ });
  t.true((await verify({ target: `oci:${attached}`, signed: { trust } })).refused);
  t.deepEqual(await storeEntries(empty), []);
});

test('signatures of another image, changed ones and stolen names are refused', async (t) => {
  const storeFolder = await signedStore(t);
  const clean = scratch.path('clean');
  await copy({ from: 'store:app:1.9.6', to: `oci:${clean}`, storeFolder });
  await copy({ from: 'store:other:1', to: `oci:${clean}`, storeFolder });
  const refused = async (what: string, change: (layout: string, entries: Entry[]) => Promise<void>, code: RegExp): Promise<void> => {
    const layout = scratch.path(`hostile-${what.replaceAll(/\W+/g, '-')}`);
    await cp(clean, layout, { recursive: true });
    const all = await index(layout);
    await change(layout, all.manifests);
    await writeFile(`${layout}/index.json`, JSON.stringify(all));
    const empty = scratch.path('hostile-store');
    const error = await t.throwsAsync(copy({ from: `oci:${layout}`, to: 'store:', storeFolder: empty, admission: { trust } }), undefined, what);
    t.regex((error as { code?: string }).code ?? '', code, `${what}: ${String(error)}`);
    t.deepEqual(await storeEntries(empty), [], what);
  };
  const nameOf = ({ annotations = {} }: Entry): string => annotations['org.opencontainers.image.ref.name'] ?? '';
  const find = (entries: Entry[], end: string): Entry => entries.find((each) => nameOf(each).endsWith(end)) as Entry;
  const drop = (entries: Entry[], gone: (each: Entry) => boolean): void => void entries.splice(0, entries.length, ...entries.filter((each) => !gone(each)));
  const rename = (entry: Entry, to: string): void => {
    entry.annotations = { ...entry.annotations, 'org.opencontainers.image.ref.name': to, 'io.containerd.image.name': to };
  };
  const otherTag = `docker.io/library/other:sha256-${other.descriptor.digest.slice(7)}.sig`;
  const untagged = (each: Entry): boolean => nameOf(each) === '';

  await refused('the .sig tag of another image', async (_, entries) => rename(find(entries, tag), otherTag), /^signature-invalid$/);
  await refused('a bundle with its subject swapped', async (layout, entries) => {
    drop(entries, (each) => each === find(entries, 'app:1.9.6') || nameOf(each).endsWith('.sig'));
    const entry = entries.find(untagged) as Entry;
    const manifest = await json(blobPath(layout, entry.digest)) as unknown as Manifest;
    Object.assign(entry, await put(layout, Buffer.from(JSON.stringify({ ...manifest, subject: { ...manifest.subject, digest: other.descriptor.digest, size: other.descriptor.size } }))));
  }, /^signature-invalid$/);
  await refused('a changed payload', async (layout, entries) => {
    drop(entries, (each) => untagged(each) || nameOf(each).endsWith('other:1'));
    const entry = find(entries, tag);
    const manifest = await json(blobPath(layout, entry.digest)) as unknown as Manifest;
    const [payload] = manifest.layers as [Entry];
    Object.assign(payload, await put(layout, Buffer.from((await readFile(blobPath(layout, payload.digest), 'utf8')).replace('app:1.9.6', 'app:1.9.7'))));
    Object.assign(entry, await put(layout, Buffer.from(JSON.stringify(manifest))));
  }, /^signature-untrusted$/);
  await refused('a changed statement in the bundle', async (layout, entries) => {
    drop(entries, (each) => nameOf(each).endsWith('.sig') || nameOf(each).endsWith('other:1'));
    const entry = entries.find(untagged) as Entry;
    const manifest = await json(blobPath(layout, entry.digest)) as unknown as Manifest;
    const [layer0] = manifest.layers as [Entry];
    const bundle = await json(blobPath(layout, layer0.digest)) as { dsseEnvelope: { payload: string } };
    bundle.dsseEnvelope.payload = Buffer.from(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString().replace('app:1.9.6', 'app:1.9.7')).toString('base64');
    Object.assign(layer0, await put(layout, Buffer.from(JSON.stringify(bundle))));
    Object.assign(entry, await put(layout, Buffer.from(JSON.stringify(manifest))));
  }, /^signature-invalid$/);
  await refused('a signed image under another name', async (_, entries) => {
    drop(entries, (each) => nameOf(each).endsWith('other:1'));
    rename(find(entries, 'app:1.9.6'), 'docker.io/library/app:2.0.0');
  }, /^signature-untrusted$/);
  await refused('one more name for a signed image', async (_, entries) => {
    drop(entries, (each) => nameOf(each).endsWith('other:1'));
    const more = { ...find(entries, 'app:1.9.6') };
    rename(more, 'docker.io/library/nginx:latest');
    entries.push(more);
  }, /^signature-untrusted$/);
  await refused('an image that hides behind a tag of signatures', async (_, entries) => {
    const hidden = { ...find(entries, 'other:1') };
    rename(hidden, `docker.io/library/x:sha256-${'0'.repeat(64)}.sig`);
    entries.push(hidden);
  }, /^policy-refused$/);
});

test('a signature by a certificate instead of a key is called keyless, and no worse than none', async (t) => {
  const storeFolder = await signedStore(t);
  for (const kind of ['simple', 'bundle']) {
    const layout = scratch.path(`keyless-${kind}`);
    await copy({ from: 'store:app:1.9.6', to: `oci:${layout}`, storeFolder });
    const all = await index(layout);
    for (const entry of all.manifests.filter(({ digest }) => digest !== app.descriptor.digest)) {
      const manifest = await json(blobPath(layout, entry.digest)) as unknown as Manifest;
      const [part] = manifest.layers as [Entry];
      if (manifest.artifactType === undefined) part.annotations = { ...part.annotations, 'dev.sigstore.cosign/certificate': '-----BEGIN CERTIFICATE-----' };
      else Object.assign(part, await put(layout, Buffer.from(JSON.stringify({ ...await json(blobPath(layout, part.digest)), verificationMaterial: { certificate: { rawBytes: 'AAAA' }, tlogEntries: [] } }))));
      Object.assign(entry, (manifest.artifactType === undefined) === (kind === 'simple') ? await put(layout, Buffer.from(JSON.stringify(manifest))) : { size: 0 });
    }
    await writeFile(`${layout}/index.json`, JSON.stringify({ ...all, manifests: all.manifests.filter(({ size }) => size > 0) }));
    const call = { from: `oci:${layout}`, storeFolder: scratch.path(`keyless-store-${kind}`) };
    const admission = { keys: [`${keys}/mallory.pub`] };
    await t.throwsAsync(load({ ...call, admission }), { code: 'signature-missing', message: /the image is signed keyless, by a certificate of a public CA/ }, kind);
    t.regex((await load({ ...call, admission: { ...admission, acceptUnsigned: true } })).notes.map(({ message }) => message).join(), /keyless/);
    // With a certificate beside it, a key may still be known.
    t.is((await verify({ target: `oci:${layout}`, signed: { trust } })).ok, kind === 'simple');
  }
});

test('who compresses a signed image anew is told that its signatures are about the old manifest', async (t) => {
  const storeFolder = await signedStore(t);
  const note = async (to: string, compress?: 'zstd'): Promise<string> => (await copy({ from: 'store:app:1.9.6', to: `oci:${scratch.path(to)}:1`, storeFolder, compress })).notes.map(({ message }) => message).join();
  t.regex(await note('compressed', 'zstd'), /2 artifacts \(signatures, SBOMs\) went along that are about the manifest as it was/);
  t.notRegex(await note('as-it-is'), /as it was/);
});

test('an SBOM about the image stays by itself: it is no signature, and may be large', async (t) => {
  const layout = scratch.path('described');
  await copy({ from: `${both}#app:1.9.6`, to: `oci:${layout}` });
  const all = await index(layout);
  // Larger than any document that is read whole.
  const part = { mediaType: 'application/spdx+json', ...await put(layout, Buffer.alloc(5_000_000)) };
  const config = { mediaType: 'application/vnd.oci.empty.v1+json', ...await put(layout, Buffer.from('{}')) };
  const sbom = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', artifactType: part.mediaType, config, layers: [part], subject: app.descriptor };
  all.manifests.push({ mediaType: sbom.mediaType, ...await put(layout, Buffer.from(JSON.stringify(sbom))) });
  await writeFile(`${layout}/index.json`, JSON.stringify(all));
  await signImage({ location: `oci:${layout}`, key });
  const tagged = (await index(layout)).manifests.find(({ annotations }) => annotations?.['org.opencontainers.image.ref.name']?.endsWith('.sig')) as Entry;
  t.deepEqual((await json(blobPath(layout, tagged.digest)) as unknown as Manifest).layers.map(({ mediaType }) => mediaType), ['application/vnd.dev.cosign.simplesigning.v1+json']);
});

test('what cannot hold signatures, and keys that cannot sign images', async (t) => {
  await mkdir(scratch.path('none'), { recursive: true });
  await t.throwsAsync(signImage({ location: both, key }), { code: 'usage' });
  await keygen({ type: 'ssh', folder: keys });
  await load({ from: both, storeFolder: scratch.path('none', 'store') });
  const location = 'store:app:1.9.6';
  const storeFolder = scratch.path('none', 'store');
  await t.throwsAsync(signImage({ location, storeFolder, key: `${keys}/ssh` }), { code: 'key-malformed' });
  await t.throwsAsync(signImage({ location: 'store:nobody:1', storeFolder, key }), { code: 'image-not-found' });
  await t.throwsAsync(signImage({ location: 'store:', storeFolder, key, reference: 'x:1' }), { code: 'usage' });
});

test('an archive of one image and its signatures is that image: nobody has to name it', async (t) => {
  const storeFolder = await signedStore(t);
  const archive = scratch.path('signed-alone.tar');
  await save({ images: ['app:1.9.6'], output: archive, storeFolder });
  t.is((await list({ location: archive })).images.length, 3);
  t.is((await inspect({ location: archive })).digest, app.descriptor.digest as never);
  t.is((await inspect({ location: `${archive}#app:1.9.6` })).digest, app.descriptor.digest as never);
});

test('an image that is called as a signature is an image all the same', async (t) => {
  const archive = await scratch.write('disguised.tar', pack(ociParts([named(app, 'app:1.9.6'), named(other, `app:${tag}`)])));
  await t.throwsAsync(inspect({ location: archive }), { code: 'image-ambiguous', message: /holds 2 images/ });
});
