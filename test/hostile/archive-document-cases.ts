import { nameAnnotations } from '../helpers/archive-parts.js';
import { describe, image, INDEX_TYPE, index, pack, replace, TYPES, type Json } from '../helpers/image-builder.js';
import { accepted, rejected, type ArchiveCase } from './archive-case.js';
import { APP, bent, bentJson, DOCKER, HYBRID, inject, OCI, oci, withConfig, withManifest } from './archive-samples.js';

const twoReaders = 'Go takes one, JavaScript the other';
const lax = 'some parsers take it';
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const firstOf = (value: unknown): Json => (value as readonly Json[])[0] as Json;
const firstMember = (bend: (descriptor: Json) => Json) => (value: Json): unknown => ({ ...value, manifests: [bend(firstOf(value['manifests']))] });
const firstLayer = (bend: (descriptor: Json) => Json) => (value: Json): Json => ({ ...value, layers: [bend(firstOf(value['layers'])), (value['layers'] as Json[])[1]] });
const memberWith = (extra: Json): (() => Uint8Array) => () => bentJson(OCI, 'index.json', firstMember((descriptor) => ({ ...descriptor, ...extra })));

/** JSON documents as such: syntax, fields, digests, sizes, media types. */
export const DOCUMENT_CASES: readonly ArchiveCase[] = [
  ...rejected('document-malformed', [
    ['manifest.json with Config and config', twoReaders, () => bent(DOCKER, 'manifest.json', (text) => text.replace('{', '{"config":"evil.json",'))],
    ['manifest.json with Layers and LAYERS', twoReaders, () => bent(HYBRID, 'manifest.json', (text) => text.replace('{', '{"LAYERS":[],'))],
    ['manifest.json with Config twice', 'first or last', () => bent(DOCKER, 'manifest.json', (text) => text.replace('{', '{"Config":"evil.json",'))],
    ['manifest.json with a BOM', lax, () => bent(DOCKER, 'manifest.json', (text) => `\uFEFF${text}`)],
    ['manifest.json with trailing data', lax, () => bent(DOCKER, 'manifest.json', (text) => `${text}[]`)],
    ['manifest.json is an object', 'not a list', () => bent(DOCKER, 'manifest.json', () => '{}')],
    ['manifest.json is cut', 'not JSON', () => bent(DOCKER, 'manifest.json', (text) => text.slice(0, -5))],
    ['manifest.json in UTF-16', lax, () => bent(DOCKER, 'manifest.json', (text) => Buffer.from(text, 'utf16le'))],
    ['manifest.json with invalid UTF-8', 'one reader keeps it, one replaces it', () => bent(DOCKER, 'manifest.json', (text) => Buffer.concat([Buffer.from(text.slice(0, 3)), Buffer.from([0xff]), Buffer.from(text.slice(3))]))],
    ['manifest.json with a tag of control characters', 'must not reach a terminal', () => bent(DOCKER, 'manifest.json', (text) => text.replace('plain:1', 'plain:\\u001b[2J'))],
    ['manifest.json with a tag that is a path', 'no reference', () => bent(DOCKER, 'manifest.json', (text) => text.replace('plain:1', '../../etc/passwd'))],
    ['index.json with manifests twice', 'first or last', () => bent(OCI, 'index.json', (text) => text.replace('{', '{"manifests":[],'))],
    ['index.json with Manifests and manifests', twoReaders, () => bent(OCI, 'index.json', (text) => text.replace('{', '{"Manifests":[],'))],
    ['index.json with a BOM', lax, () => bent(OCI, 'index.json', (text) => `\uFEFF${text}`)],
    ['index.json with trailing data', lax, () => bent(OCI, 'index.json', (text) => `${text}\0`)],
    ['index.json with layers too', 'CVE-2021-41190', () => bentJson(OCI, 'index.json', (value) => ({ ...value, layers: [] }))],
    ['index.json of schema 1', 'retired', () => bentJson(OCI, 'index.json', (value) => ({ ...value, schemaVersion: 1 }))],
    ['index.json without manifests', 'no index', () => bentJson(OCI, 'index.json', ({ schemaVersion }) => ({ schemaVersion }))],
    ['containerd name with an escape', 'must not reach a terminal', memberWith({ annotations: { 'io.containerd.image.name': 'app\u001b[31m' } })],
    ['annotation that is a number', 'not a string', memberWith({ annotations: { a: 1 } })],
    ['size negative', 'wraps', memberWith({ size: -1 })],
    ['size fractional', 'cut or refused', memberWith({ size: 0.5 })],
    ['size above 2^53', 'loses digits', () => bent(OCI, 'index.json', (text) => text.replace(/"size":\d+/, '"size":9007199254740993'))],
    ['size as text', lax, memberWith({ size: '5' })],
    ['embedded data that is not the blob', 'a reader may take it instead', memberWith({ data: Buffer.from('evil').toString('base64') })],
    ['oci-layout of version 2', 'unknown', () => bent(OCI, 'oci-layout', () => '{"imageLayoutVersion":"2.0.0"}')],
    ['oci-layout without version', 'unknown', () => bent(OCI, 'oci-layout', () => '{}')],
    ['oci-layout with the version twice', 'first or last', () => bent(OCI, 'oci-layout', () => '{"imageLayoutVersion":"1.0.0","ImageLayoutVersion":"2.0.0"}')],
  ]),
  ...rejected('limit-exceeded', [
    ['manifest.json nested 100,000 deep', 'overflows the stack', () => bent(DOCKER, 'manifest.json', () => deep)],
    ['index.json nested 100,000 deep', 'overflows the stack', () => bent(OCI, 'index.json', (text) => text.replace('{', `{"x":${deep},`))],
    ['index.json above 4 MiB', 'a bomb', () => bent(OCI, 'index.json', (text) => text + ' '.repeat(4 * 1024 * 1024))],
    ['manifest.json above 4 MiB', 'a bomb', () => bent(DOCKER, 'manifest.json', (text) => text + ' '.repeat(4 * 1024 * 1024))],
    ['index.json of 10,001 members', 'fan-out', () => bentJson(OCI, 'index.json', (value) => ({ ...value, manifests: Array.from({ length: 10_001 }, () => firstOf(value['manifests'])) }))],
  ]),
  ...rejected('digest-malformed', [
    ['digest with ../', 'becomes a path', memberWith({ digest: 'sha256:../../../etc/passwd' })],
    ['digest in upper case', 'two names of one blob', memberWith({ digest: APP.descriptor.digest.toUpperCase().replace('SHA256', 'sha256') })],
    ['digest too short', 'no digest', memberWith({ digest: APP.descriptor.digest.slice(0, -1) })],
    ['digest of md5', 'broken', memberWith({ digest: `md5:${'a'.repeat(32)}` })],
    ['digest with a newline', 'no digest', memberWith({ digest: `${APP.descriptor.digest}\n` })],
  ]),
  ...rejected('document-malformed', [
    ['manifest with layers and Layers', twoReaders, () => withManifest((value) => inject(value, '"Layers":[]')), 'documents'],
    ['manifest with manifests too', 'CVE-2021-41190', () => withManifest((value) => ({ ...value, manifests: [] })), 'documents'],
    ['manifest of another media type than its descriptor', 'CVE-2021-41190', () => withManifest((value) => ({ ...value, mediaType: TYPES.docker.manifest })), 'documents'],
    ['manifest called an index', 'CVE-2021-41190', () => bentJson(OCI, 'index.json', firstMember((descriptor) => ({ ...descriptor, mediaType: INDEX_TYPE }))), 'documents'],
    ['index called a manifest', 'CVE-2021-41190', () => {
      const { descriptor, blobs } = index([APP.descriptor], [APP], ({ mediaType: _, ...value }) => value);
      return oci({ descriptor: { ...descriptor, mediaType: TYPES.oci.manifest }, blobs });
    }, 'documents'],
    ['nested index with config too', 'CVE-2021-41190', () => oci(index([APP.descriptor], [APP], (value) => ({ ...value, config: APP.configDescriptor }))), 'documents'],
    ['Docker schema 1 manifest', 'retired', () => withManifest(() => ({ schemaVersion: 1, name: 'app', tag: '1', fsLayers: [] })), 'documents'],
    ['manifest without config', 'incomplete', () => withManifest(({ config: _, ...value }) => value), 'documents'],
    ['manifest with trailing data', lax, () => withManifest((value) => `${JSON.stringify(value)} {}`), 'documents'],
    ['config with rootfs twice', 'first or last', () => withConfig((value) => inject(value, '"rootfs":{"type":"layers","diff_ids":[]}')), 'config'],
    ['config with rootfs and RootFS', twoReaders, () => withConfig((value) => inject(value, '"RootFS":{"type":"layers","diff_ids":[]}')), 'config'],
    ['config with a BOM', lax, () => withConfig((value) => `\uFEFF${JSON.stringify(value)}`), 'config'],
    ['config that is a list', 'no config', () => withConfig(() => '[]'), 'config'],
    ['label given twice', 'first or last', () => withConfig((value) => inject(value, '"config":{"Labels":{"a":"1","a":"2"}}').replace(/,"config":\{"Cmd.*?\}\}(?=,)/, '')), 'config'],
  ]),
  ...rejected('digest-malformed', [
    ['diffID with ../', 'becomes a path', () => withConfig((value) => ({ ...value, rootfs: { type: 'layers', diff_ids: ['sha256:../../x', 'sha256:y'] } })), 'config'],
    ['layer digest with ../', 'becomes a path', () => withManifest(firstLayer((descriptor) => ({ ...descriptor, digest: 'sha256:../../../x' }))), 'documents'],
  ]),
  ...rejected('limit-exceeded', [
    ['config nested 100,000 deep', 'overflows the stack', () => withConfig((value) => inject(value, `"x":${deep}`)), 'config'],
    ['manifest above 4 MiB', 'a bomb', () => withManifest((value) => JSON.stringify(value) + ' '.repeat(4 * 1024 * 1024)), 'documents'],
    ['config above 8 MiB', 'a bomb', () => withConfig((value) => JSON.stringify(value) + ' '.repeat(8 * 1024 * 1024)), 'config'],
    ['manifest of 10,001 layers', 'fan-out', () => withManifest((value) => ({ ...value, layers: Array.from({ length: 10_001 }, () => firstOf(value['layers'])) })), 'documents'],
  ]),
  ...accepted([
    ['index.json with a newline at its end', 'written by hand', () => bent(OCI, 'index.json', (text) => `${text}\n`)],
    ['labels that differ in case', 'free-form', () => withConfig((value) => ({ ...value, config: { Labels: { a: '1', A: '2' } } }))],
    ['__proto__ in labels', 'must not reach a prototype', () => withConfig((value) => inject(value, '"__proto__":{"os":"evil"}').replace('"Labels":{', '"Labels":{"__proto__":"evil","constructor":"x",'))],
    ['__proto__ in annotations', 'must not reach a prototype', () => bent(OCI, 'index.json', (text) => text.replace('"annotations":{', '"annotations":{"__proto__":"evil",'))],
    ['__proto__ in a manifest', 'must not reach a prototype', () => withManifest((value) => inject(value, '"__proto__":{"layers":[]}'))],
    ['unknown fields', 'newer writers', () => withManifest((value) => ({ ...value, future: { of: ['images'] } }))],
    ['ref name with an escape', 'printed escaped', () => bent(OCI, 'index.json', (text) => text.replace(JSON.stringify(nameAnnotations('app:1')), '{"org.opencontainers.image.ref.name":"a\\u001b[2Jb"}'))],
    ['Docker media types in an OCI layout', 'skopeo copy --all', () => oci(image('app', { family: 'docker' }))],
    ['index.json without media type', 'older writers', () => bentJson(OCI, 'index.json', ({ mediaType: _, ...value }) => value)],
    ['oci-layout of version 1.1.0', 'compatible', () => pack(replace(OCI, 'oci-layout', '{"imageLayoutVersion":"1.1.0"}'))],
    ['descriptor with its data embedded', 'legal', () => oci({ descriptor: describe(TYPES.oci.manifest, APP.manifest, { data: APP.manifest.toString('base64') }), blobs: APP.blobs })],
  ]),
];
