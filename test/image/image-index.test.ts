import test from 'ava';
import { digestOf } from '../../src/content/digest.js';
import { isAttestation, parseIndex, type ImageIndex } from '../../src/image/image-index.js';
import { encodeIndex } from '../../src/image/manifest-json.js';
import { DOCKER_INDEX, OCI_INDEX, OCI_MANIFEST } from '../../src/image/media-type.js';
import { checkLayoutFile } from '../../src/image/oci-layout-file.js';
import { DEFAULT_LIMITS, resolveLimits } from '../../src/limits.js';

const member = { mediaType: OCI_MANIFEST, digest: digestOf(Buffer.from('m')), size: 1 };
const parse = (value: object, mediaType?: string, limits = DEFAULT_LIMITS): ImageIndex => {
  const bytes = Buffer.from(JSON.stringify(value));
  return parseIndex(bytes, mediaType ? { mediaType, digest: digestOf(bytes), size: bytes.byteLength } : undefined, limits);
};

test('index.json may lack a media type, and its list may be null', t => {
  t.is(parse({ schemaVersion: 2, manifests: [member] }).mediaType, OCI_INDEX);
  t.deepEqual(parse({ schemaVersion: 2, manifests: null }).manifests, []);
});

test('a manifest list is an index', t => {
  t.is(parse({ schemaVersion: 2, manifests: [member] }, DOCKER_INDEX).mediaType, DOCKER_INDEX);
});

test('encodeIndex writes what parseIndex reads', t => {
  const annotations = new Map([['vnd.docker.reference.type', 'attestation-manifest']]);
  const index = parseIndex(encodeIndex({ manifests: [{ ...member, annotations }, member] }), undefined, DEFAULT_LIMITS);
  t.deepEqual(index.manifests.map(isAttestation), [true, false]);
});

for (const [name, value] of [
  ['CVE-2021-41190: layers beside manifests', { schemaVersion: 2, manifests: [], layers: [] }],
  ['CVE-2021-41190: config beside manifests', { schemaVersion: 2, manifests: [], config: member }],
  ['the media type of a manifest', { schemaVersion: 2, mediaType: OCI_MANIFEST, manifests: [] }],
  ['no list', { schemaVersion: 2 }],
  ['a list that is none', { schemaVersion: 2, manifests: {} }],
  ['a twin', { schemaVersion: 2, manifests: [], Manifests: [member] }],
] as const) {
  test(`refuses ${name}`, t => {
    t.throws(() => parse(value), { code: 'document-malformed', message: /^index\.json: / });
  });
}

test('refuses too many members', t => {
  t.throws(() => parse({ schemaVersion: 2, manifests: [member, member] }, undefined, resolveLimits({ descriptors: 1 })), { code: 'limit-exceeded' });
});

test('oci-layout must say version 1', t => {
  t.notThrows(() => checkLayoutFile(Buffer.from('{"imageLayoutVersion":"1.0.0"}\n'), DEFAULT_LIMITS));
  for (const text of ['{"imageLayoutVersion":"2.0.0"}', '{}', '{"imagelayoutversion":"1.0.0"}', '']) {
    t.throws(() => checkLayoutFile(Buffer.from(text), DEFAULT_LIMITS), { code: 'document-malformed' });
  }
});
