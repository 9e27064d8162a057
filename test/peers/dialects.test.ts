import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { identityByHand, identityOf, inspect, verify, type Listed, type Moved } from '../helpers/facts.js';
import { makeHandImages, packArchive, type HandEntry, type HandImage, type HandImages } from '../helpers/hand-image.js';
import { sha256 } from '../helpers/image-builder.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { runOrThrow } from '../helpers/run.js';

const NAME = 'docker.io/library/app:1.0';
const OTHER = 'registry.example:5000/team/app:2.0';

let work: Workspace;
let images: HandImages;

const hex = (digest: string): string => digest.slice('sha256:'.length);
const zstd = (bytes: Uint8Array): Uint8Array => execFileSync('zstd', ['-q', '-c'], { input: bytes, maxBuffer: 1 << 26 });

const configBySkopeo = async (location: string): Promise<string> => sha256(await runOrThrow('skopeo', ['--insecure-policy', 'inspect', '--config', '--raw', location], { cwd: work.folder }));

test.before(async () => {
  work = await createWorkspace();
  images = await makeHandImages();
});

test.after.always(async () => { await work?.remove(); });

/** What stands in one archive, and what we must make of it. */
interface Dialect {
  readonly title: string;
  readonly entries: (images: HandImages) => ReadonlyMap<string, HandEntry>;
  readonly expected: (images: HandImages) => readonly { readonly names: readonly string[]; readonly image: HandImage }[];
}

/** Docker <= 24: a folder per layer with VERSION and json; a layer that an earlier image has is a link to it. */
function legacy(linked: (first: string) => HandEntry) {
  return ({ plain, extended }: HandImages): ReadonlyMap<string, HandEntry> => {
    const entries = new Map<string, HandEntry>();
    const first = new Map<string, string>();
    const items = [[plain, 'app:1.0'], [extended, OTHER]] as const;
    const manifest = items.map(([image, tag], n) => {
      const layers = image.layers.map(({ tar, diffId }, i) => {
        const folder = hex(sha256(`${n}/${i}`));
        const path = `${folder}/layer.tar`;
        entries.set(`${folder}/VERSION`, '1.0');
        entries.set(`${folder}/json`, JSON.stringify({ id: folder }));
        const known = first.get(diffId);
        entries.set(path, known === undefined ? tar : linked(known));
        if (known === undefined) first.set(diffId, path);
        return path;
      });
      entries.set(`${hex(image.imageId)}.json`, image.config);
      return { Config: `${hex(image.imageId)}.json`, RepoTags: [tag], Layers: layers };
    });
    entries.set('manifest.json', JSON.stringify(manifest));
    entries.set('repositories', JSON.stringify({ app: { '1.0': 'x' } }));
    return entries;
  };
}

const both = ({ plain, extended }: HandImages) => [{ names: [NAME], image: plain }, { names: [OTHER], image: extended }];
const one = ({ plain }: HandImages) => [{ names: [NAME], image: plain }];

/** One image whose layers went through `pack` and whose files are called by `called`. */
function single(called: { readonly config: (image: HandImage) => string; readonly layer: (bytes: Uint8Array) => string; readonly tags?: readonly string[] | null }, pack: (tar: Uint8Array) => Uint8Array) {
  return ({ plain }: HandImages): ReadonlyMap<string, HandEntry> => {
    const layers = plain.layers.map(({ tar }) => pack(tar)).map((bytes) => [called.layer(bytes), bytes] as const);
    const config = called.config(plain);
    const manifest = [{ Config: config, RepoTags: called.tags === undefined ? [NAME] : called.tags, Layers: layers.map(([path]) => path) }];
    return new Map<string, HandEntry>([['manifest.json', JSON.stringify(manifest)], [config, plain.config], ...layers]);
  };
}

const dialects: readonly Dialect[] = [
  { title: 'Docker 24, shared layers as symbolic links', entries: legacy((first) => ({ symlink: `../${first}` })), expected: both },
  { title: 'shared layers as hard links', entries: legacy((first) => ({ hardlink: first })), expected: both },
  { title: 'crane, .tar.gz layers named after their digests', entries: single({ config: ({ imageId }) => imageId, layer: (bytes) => `${hex(sha256(bytes))}.tar.gz` }, (tar) => gzipSync(tar)), expected: one },
  { title: 'kaniko, sha256:... names and gzip', entries: single({ config: ({ imageId }) => imageId, layer: (bytes) => `${sha256(bytes)}.tar.gz` }, (tar) => gzipSync(tar)), expected: one },
  { title: 'gzip under names that say nothing', entries: single({ config: () => 'config.json', layer: (bytes) => `layers/${bytes.length}.tar` }, (tar) => gzipSync(tar)), expected: one },
  { title: 'zstd layers', entries: single({ config: () => 'config.json', layer: (bytes) => `${hex(sha256(bytes))}.tar.zst` }, zstd), expected: one },
  { title: 'a config that is not called by its hash', entries: single({ config: () => `${'0'.repeat(64)}.json`, layer: (bytes) => `${bytes.length}/layer.tar` }, (tar) => tar), expected: one },
  { title: 'no tags: RepoTags null', entries: single({ config: ({ imageId }) => `${hex(imageId)}.json`, layer: (bytes) => `${hex(sha256(bytes))}.tar`, tags: null }, (tar) => tar), expected: ({ plain }) => [{ names: [], image: plain }] },
  { title: 'no tags: RepoTags empty', entries: single({ config: ({ imageId }) => `${hex(imageId)}.json`, layer: (bytes) => `${hex(sha256(bytes))}.tar`, tags: [] }, (tar) => tar), expected: ({ plain }) => [{ names: [], image: plain }] },
];

for (const [n, { title, entries, expected }] of dialects.entries()) {
  test(`docker archive dialect: ${title}`, async (t) => {
    const file = `dialect-${n}.tar`;
    await packArchive(work.path(file), entries(images));
    const report = await verify(work, file);
    t.is(report.format, 'docker-archive');
    const wanted = expected(images);
    const listed = await work.json<Listed>(['list', file]);
    t.deepEqual(listed.images.map(({ names, imageId }) => ({ names, imageId })), wanted.map(({ names, image }) => ({ names, imageId: image.imageId })));
    for (const [i, { image }] of wanted.entries()) t.deepEqual(identityOf(await inspect(work, `docker-archive:${file}:@${i}`)), identityByHand(image));

    // skopeo reads every one of these dialects, and must see the same image.
    t.is(wanted[0]?.image.imageId, await configBySkopeo(`docker-archive:${file}:@0`));

    const loaded = await work.json<Moved>(['load', file, '--store', `store-${n}`]);
    t.deepEqual(loaded.images.map(({ imageId }) => imageId), wanted.map(({ image }) => image.imageId));
    for (const [format, peer] of [['docker', 'docker-archive'], ['hybrid', 'docker-archive'], ['oci', 'oci-archive']] as const) {
      const target = `dialect-${n}.${format}.tar`;
      await work.ok(['copy', file, target, '--format', format]);
      t.true((await verify(work, target)).ok, format);
      const back = await work.json<Listed>(['list', target]);
      t.deepEqual(back.images.map(({ names, imageId }) => ({ names, imageId })), wanted.map(({ names, image }) => ({ names, imageId: image.imageId })), format);
      const last = wanted.at(-1);
      const which = last === undefined || wanted.length < 2 ? '' : `:${last.names.join()}`;
      t.is(last?.image.imageId, await configBySkopeo(`${peer}:${target}${which}`), format);
    }
  });
}

test('a config not called by its hash is told, and legal', async (t) => {
  await packArchive(work.path('misnamed.tar'), single({ config: () => `${'0'.repeat(64)}.json`, layer: (bytes) => `${bytes.length}.tar` }, (tar) => tar)(images));
  const { ok, findings } = await verify(work, 'misnamed.tar');
  t.true(ok);
  t.deepEqual(findings.filter(({ status, check }) => status === 'note' && check === 'names').map(({ subject, expected }) => ({ subject, expected })), [{ subject: `${'0'.repeat(64)}.json`, expected: images.plain.imageId }]);
});

/** Docker 25 and later with the containerd image store: an index with a platform that was never pulled and an attestation. */
function docker25({ plain }: HandImages): { readonly entries: ReadonlyMap<string, HandEntry>; readonly index: string; readonly absent: string; readonly attestation: string; readonly manifest: string } {
  const entries = new Map<string, HandEntry>();
  const blob = (bytes: Uint8Array | string, mediaType: string) => {
    const descriptor = { mediaType, digest: sha256(bytes), size: Buffer.byteLength(bytes) };
    entries.set(`blobs/sha256/${hex(descriptor.digest)}`, bytes);
    return descriptor;
  };
  const layers = plain.layers.map(({ tar }) => blob(gzipSync(tar), 'application/vnd.oci.image.layer.v1.tar+gzip'));
  const config = blob(plain.config, 'application/vnd.oci.image.config.v1+json');
  const manifest = blob(JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config, layers }), 'application/vnd.oci.image.manifest.v1+json');
  const [absent, attestation] = ['another platform', 'an attestation'].map((what) => sha256(what)) as [string, string];
  const index = blob(JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      { ...manifest, platform: { architecture: 'amd64', os: 'linux' } },
      { mediaType: manifest.mediaType, digest: absent, size: 500, platform: { architecture: 'arm64', os: 'linux', variant: 'v8' } },
      { mediaType: manifest.mediaType, digest: attestation, size: 600, platform: { architecture: 'unknown', os: 'unknown' }, annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': manifest.digest } },
    ],
  }), 'application/vnd.oci.image.index.v1+json');
  entries.set('index.json', JSON.stringify({ schemaVersion: 2, mediaType: index.mediaType, manifests: [{ ...index, annotations: { 'io.containerd.image.name': NAME, 'org.opencontainers.image.ref.name': '1.0' } }] }));
  entries.set('manifest.json', JSON.stringify([{ Config: `blobs/sha256/${hex(config.digest)}`, RepoTags: ['app:1.0'], Layers: layers.map(({ digest }) => `blobs/sha256/${hex(digest)}`) }]));
  entries.set('oci-layout', '{"imageLayoutVersion": "1.0.0"}');
  return { entries, index: index.digest, absent, attestation, manifest: manifest.digest };
}

test('Docker 25: an index that names an absent platform and attestation is read, and what is absent is told', async (t) => {
  const { entries, index, absent, attestation, manifest } = docker25(images);
  await packArchive(work.path('docker25.tar'), entries);
  const report = await verify(work, 'docker25.tar');
  t.true(report.ok);
  t.is(report.format, 'hybrid');
  for (const digest of [absent, attestation]) {
    const notes = report.findings.filter(({ subject }) => subject === digest);
    t.deepEqual(notes.map(({ check, status }) => ({ check, status })), [{ check: 'closure', status: 'note' }]);
    t.regex(notes[0]?.message ?? '', /\blegal\b/);
  }
  const listed = await work.json<Listed>(['list', 'docker25.tar']);
  t.deepEqual(listed.images.map(({ names, kind, digest }) => ({ names, kind, digest })), [{ names: [NAME], kind: 'index', digest: index }]);
  t.deepEqual(listed.images[0]?.members?.map(({ digest, present, kind }) => ({ digest, present, kind })), [
    { digest: manifest, present: true, kind: 'image' },
    { digest: absent, present: false, kind: 'image' },
    { digest: attestation, present: false, kind: 'attestation' },
  ]);
  t.deepEqual(identityOf(await inspect(work, 'docker25.tar')), identityByHand(images.plain));

  const loaded = await work.json<Moved>(['load', 'docker25.tar', '--store', 'store-25']);
  t.deepEqual(loaded.images.map(({ names, digest }) => ({ names, digest })), [{ names: [NAME], digest: index }]);
  t.true(loaded.notes.some(({ message }) => message.includes('2 manifests not here')));
  await work.ok(['save', `store:${NAME}`, '-o', 'docker25-again.tar', '--store', 'store-25']);
  t.is((await inspect(work, 'docker25-again.tar')).digest, index);
  await work.ok(['copy', 'docker25.tar', 'docker25-docker.tar', '--format', 'docker']);
  for (const location of ['docker-archive:docker25-again.tar', 'docker-archive:docker25-docker.tar']) {
    t.is(await configBySkopeo(location), images.plain.imageId, location);
  }
});

test('Docker 25: what is absent can be insisted on, and another platform cannot be had', async (t) => {
  await packArchive(work.path('insist.tar'), docker25(images).entries);
  const all = await work.imgkit(['load', 'insist.tar', '--all-platforms', '--store', 'store-insist']);
  t.is(all.code, 3);
  t.regex(all.stderr, /^imgkit: insist\.tar: 2 of the platforms or attestations .*\.\n$/);
  const arm = await work.imgkit(['copy', 'insist.tar', 'arm.tar', '--platform', 'linux/arm64']);
  t.is(arm.code, 1);
  t.regex(arm.stderr, /^imgkit: insist\.tar: no image for linux\/arm64.*; it has linux\/amd64\. .*\n$/);
  await work.ok(['copy', 'insist.tar', 'amd.tar', '--platform', 'linux/amd64']);
  t.is((await inspect(work, 'amd.tar')).digest, docker25(images).manifest);
});

test('Docker 25: a name that only manifest.json has is taken from there', async (t) => {
  const { entries } = docker25(images);
  const index = JSON.parse(String(entries.get('index.json'))) as { manifests: { annotations?: object }[] };
  for (const descriptor of index.manifests) delete descriptor.annotations;
  await packArchive(work.path('names.tar'), new Map(entries).set('index.json', JSON.stringify(index)));
  t.deepEqual((await inspect(work, 'names.tar')).names, [NAME]);
  t.true((await verify(work, 'names.tar')).findings.some(({ check, status, message }) => check === 'names' && status === 'note' && /manifest\.json only/.test(message)));
});
