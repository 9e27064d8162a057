import test from 'ava';
import type { Descriptor } from '../../src/content/descriptor.js';
import { digestOf } from '../../src/content/digest.js';
import { parseManifest, type Manifest } from '../../src/image/manifest.js';
import { encodeManifest } from '../../src/image/manifest-json.js';
import { DOCKER_MANIFEST, OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST } from '../../src/image/media-type.js';
import { DEFAULT_LIMITS, resolveLimits } from '../../src/limits.js';

const config = { mediaType: OCI_CONFIG, digest: digestOf(Buffer.from('config')), size: 6 };
const layer = { mediaType: `${OCI_LAYER}+gzip`, digest: digestOf(Buffer.from('layer')), size: 5 };
const good = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [layer] };

function parse(value: object, mediaType: string = OCI_MANIFEST, limits = DEFAULT_LIMITS): Manifest {
  const bytes = Buffer.from(JSON.stringify(value));
  const descriptor: Descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  return parseManifest(bytes, descriptor, limits);
}

test('reads an image manifest', t => {
  const manifest = parse({ ...good, annotations: { a: '1' }, subject: layer });
  t.is(manifest.config.digest, config.digest);
  t.deepEqual(manifest.layers.map(l => l.size), [5]);
  t.is(manifest.subject?.digest, layer.digest);
  t.is(manifest.annotations.get('a'), '1');
  t.true(manifest.isRunnableImage);
});

test('encodeManifest writes what parseManifest reads', t => {
  const bytes = encodeManifest({ config, layers: [layer], annotations: new Map() });
  t.is(Buffer.from(bytes).toString(), JSON.stringify(good));
});

test('a missing mediaType is its descriptor\'s, null layers are none', t => {
  const manifest = parse({ schemaVersion: 2, config, layers: null }, DOCKER_MANIFEST);
  t.is(manifest.mediaType, DOCKER_MANIFEST);
  t.deepEqual(manifest.layers, []);
});

test('attestations and artifacts are not runnable', t => {
  t.false(parse({ ...good, layers: [{ ...layer, mediaType: 'application/vnd.in-toto+json' }] }).isRunnableImage);
  t.false(parse({ ...good, config: { ...config, mediaType: 'application/vnd.oci.empty.v1+json' } }).isRunnableImage);
});

for (const [name, value, says] of [
  ['CVE-2021-41190: manifests beside layers', { ...good, manifests: [] }, /CVE-2021-41190/],
  ['CVE-2021-41190: null manifests beside layers', { ...good, manifests: null }, /CVE-2021-41190/],
  ['CVE-2021-41190: a media type that is not its descriptor\'s', { ...good, mediaType: DOCKER_MANIFEST }, /CVE-2021-41190/],
  ['fsLayers of schema 1', { ...good, fsLayers: [] }, /two kinds/],
  ['schema 1', { schemaVersion: 1, name: 'a', fsLayers: [] }, /schema 1 manifest/],
  ['schemaVersion 3', { ...good, schemaVersion: 3 }, /schemaVersion 3/],
  ['schemaVersion "2"', { ...good, schemaVersion: '2' }, /schemaVersion/],
  ['no schemaVersion', { config, layers: [] }, /schemaVersion/],
  ['no config', { schemaVersion: 2, layers: [] }, /no field config/],
  ['a twin of config', { ...good, Config: config }, /only by case/],
  ['a twin of layers', { ...good, 'layer\u017F': [] }, /only by case/],
  ['a layer without size', { ...good, layers: [layer, { ...layer, size: undefined }] }, /layers\[1\]: has no field size/],
] as const) {
  test(`refuses ${name}`, t => {
    const error = t.throws(() => parse(value), { code: 'document-malformed' });
    t.regex(error?.message ?? '', says);
    t.regex(error?.message ?? '', /^manifest sha256:/);
  });
}

test('refuses a descriptor of another kind', t => {
  t.throws(() => parse({ schemaVersion: 2, config, layers: [] }, OCI_INDEX), { message: /not that of a manifest/ });
  t.throws(() => parse({ schemaVersion: 2 }, 'application/vnd.docker.distribution.manifest.v1+prettyjws'), { message: /schema 1/ });
});

test('refuses too many layers and too large a document', t => {
  t.throws(() => parse({ ...good, layers: [layer, layer] }, OCI_MANIFEST, resolveLimits({ descriptors: 1 })), { code: 'limit-exceeded' });
  t.throws(() => parse(good, OCI_MANIFEST, resolveLimits({ documentBytes: 10 })), { code: 'limit-exceeded', message: /documentBytes/ });
});
