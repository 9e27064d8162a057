import { dockerManifest, dockerParts, hybridParts, named, ociParts } from '../helpers/archive-parts.js';
import { artifact, blobPath, describe, hexOf, image, index, INDEX_TYPE, layer, pack, replace, sha256, TYPES, without, type BuiltDocument, type Json, type JsonDescriptor } from '../helpers/image-builder.js';
import { accepted, noted, rejected, type ArchiveCase } from './archive-case.js';
import { APP, bentJson, DOCKER, HYBRID, OCI, oci, OTHER, PLAIN, withConfig } from './archive-samples.js';

const [base, top] = APP.layers as readonly [typeof APP.layers[0], typeof APP.layers[0]] & typeof APP.layers;
const ARM = image('arm', { layers: [layer('arm')] });
const platform = (architecture: string): Json => ({ platform: { os: 'linux', architecture } });
const elsewhere: JsonDescriptor = { ...describe(TYPES.oci.manifest, Buffer.from('not here')), ...platform('s390x') };
const attestation: JsonDescriptor = {
  ...describe(TYPES.oci.manifest, Buffer.from('not here either')),
  annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': APP.descriptor.digest },
};
const foreign = (urls?: readonly string[]): Uint8Array => {
  const windows = layer('windows', { gzip: true, mediaType: `${TYPES.docker.layer.replace('.diff.tar', '.foreign.diff.tar')}.gzip` });
  const descriptor = { ...windows.descriptor, ...(urls && { urls }) };
  const made = image('app', { layers: [{ ...windows, descriptor }, top] });
  return pack(without(ociParts([named(made, 'app:1')]), blobPath(windows.descriptor.digest)));
};
const nested = (depth: number): BuiltDocument => (depth === 0 ? APP : index([nested(depth - 1).descriptor], [nested(depth - 1)]));
const counts = 'the image contradicts itself';
const halves = 'one reader verifies what another does not load';
const plainLayer = (i: number): string => `${hexOf(PLAIN.layers[i]?.diffId ?? '')}.tar`;
const history = (length: number): ((value: Json) => Json) => (value) => ({ ...value, history: Array.from({ length }, () => ({ created_by: 'x' })) });

/** What documents say about each other and about blobs: digests, sizes, counts, what is there and what is not. */
export const CLOSURE_CASES: readonly ArchiveCase[] = [
  ...rejected('digest-mismatch', [
    ['manifest changed', 'a letter in an annotation', () => pack(replace(OCI, blobPath(APP.descriptor.digest), APP.manifest.toString().replace('"size"', '"Size"'))), 'documents'],
    ['config changed', 'another command', () => pack(replace(OCI, blobPath(APP.configDescriptor.digest), APP.config.toString().replace('/bin/sh', '/bin/ev'))), 'config'],
    ['layer changed', 'a bit', () => pack(replace(OCI, blobPath(top.descriptor.digest), layer('apq', { gzip: true }).stored)), 'blob'],
    ['index that names itself', 'a cycle, by a lie about its digest', () => {
      const digest = sha256('cycle');
      const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [{ mediaType: INDEX_TYPE, digest, size: 200 }] }).padEnd(300));
      return oci({ descriptor: { mediaType: INDEX_TYPE, digest, size: 300 }, blobs: new Map([[digest, bytes]]) });
    }, 'documents'],
  ]),
  ...rejected('size-mismatch', [
    ['manifest size wrong', 'cut or grown', () => bentJson(OCI, 'index.json', (value) => ({ ...value, manifests: [{ ...APP.descriptor, size: APP.descriptor.size - 1 }] })), 'documents'],
    ['layer size wrong', 'cut or grown', () => oci(image('app', { manifest: (value) => ({ ...value, layers: [base.descriptor, { ...top.descriptor, size: top.descriptor.size + 1 }] }) })), 'blob'],
    ['config size wrong', 'cut or grown', () => oci(image('app', { manifest: (value) => ({ ...value, config: { ...APP.configDescriptor, size: 3 } }) })), 'config'],
    ['one layer with two sizes', 'one of them is wrong', () => oci(image('app', { layers: [top, top], manifest: (value) => ({ ...value, layers: [{ ...top.descriptor, size: 7 }, top.descriptor] }) })), 'documents'],
    ['one manifest with two sizes', 'one of them is wrong', () => oci(index([APP.descriptor, { ...APP.descriptor, size: 7 }], [APP])), 'documents'],
  ]),
  ...rejected('diffid-mismatch', [
    ['diffID of another layer', counts, () => withConfig((value) => ({ ...value, rootfs: { type: 'layers', diff_ids: [base.diffId, sha256('other')] } })), 'diff-id'],
    ['diffIDs in another order', counts, () => withConfig((value) => ({ ...value, rootfs: { type: 'layers', diff_ids: [top.diffId, base.diffId] } })), 'diff-id'],
    ['one layer with two diffIDs', counts, () => oci(image('app', { layers: [top, top], config: (value) => ({ ...value, rootfs: { type: 'layers', diff_ids: [sha256('other'), top.diffId] } }) })), 'diff-id'],
  ]),
  ...rejected('digest-mismatch', [
    ['docker archive with another layer', 'a plain layer is named by its diffID', () => pack(replace(DOCKER, plainLayer(1), layer('evil').stored)), 'blob'],
  ]),
  ...rejected('document-malformed', [
    ['more layers than diffIDs', counts, () => withConfig((value) => ({ ...value, rootfs: { type: 'layers', diff_ids: [base.diffId] } })), 'counts'],
    ['fewer layers than diffIDs', counts, () => oci(image('app', { manifest: (value) => ({ ...value, layers: [base.descriptor] }) })), 'counts'],
    ['docker archive with fewer layers than diffIDs', counts, () => bentJson(DOCKER, 'manifest.json', (value) => [{ ...(value as unknown as Json[])[0], Layers: [plainLayer(0)] }])],
    ['history of more layers', counts, () => withConfig(history(3)), 'counts'],
    ['history of fewer layers', counts, () => withConfig(history(1)), 'counts'],
    ['index with another platform than the config', 'two platforms', () => oci(index([{ ...APP.descriptor, ...platform('arm64') }], [APP])), 'config'],
  ]),
  ...rejected('limit-exceeded', [
    ['indexes six deep', 'a tower', () => oci(nested(6)), 'documents'],
  ]),
  ...rejected('blob-missing', [
    ['manifest called by a sha512 that is not here', 'incomplete', () => bentJson(OCI, 'index.json', (value) => ({ ...value, manifests: [{ ...APP.descriptor, digest: `sha512:${'a'.repeat(128)}` }] }))],
    ['manifest missing', 'incomplete', () => pack(without(OCI, blobPath(APP.descriptor.digest)))],
    ['config missing', 'incomplete', () => pack(without(OCI, blobPath(APP.configDescriptor.digest))), 'closure'],
    ['layer missing', 'incomplete', () => pack(without(OCI, blobPath(base.descriptor.digest))), 'closure'],
    ['config and layers missing', 'incomplete: it is the root', () => pack([APP.configDescriptor, base.descriptor, top.descriptor].reduce((parts, { digest }) => without(parts, blobPath(digest)), OCI)), 'closure'],
    ['foreign layer absent without URL', 'nowhere to get it', () => foreign(), 'closure'],
    ['docker archive without a layer', 'incomplete', () => pack(without(DOCKER, plainLayer(0)))],
    ['docker archive without its config', 'incomplete', () => pack(without(DOCKER, `${hexOf(PLAIN.configDescriptor.digest)}.json`))],
    ['docker archive whose layer is a dangling link', 'incomplete', () => pack(replace(DOCKER, plainLayer(0), { symlink: 'nowhere.tar' }))],
  ]),
  ...rejected('format-ambiguous', [
    ['halves with different configs', halves, () => pack(hybridParts([named(APP, 'app:1'), named(OTHER)], [named(APP, 'app:1')]).concat([[blobPath(OTHER.configDescriptor.digest), OTHER.config], ...OTHER.layers.slice(1).map((it): [string, Buffer] => [blobPath(it.descriptor.digest), it.stored])]))],
    ['halves with different layers', halves, () => bentJson(HYBRID, 'manifest.json', (value) => [{ ...(value as unknown as Json[])[0], Layers: [base, base].map((it) => blobPath(it.descriptor.digest)) }])],
    ['halves with layers in another order', halves, () => bentJson(HYBRID, 'manifest.json', (value) => [{ ...(value as unknown as Json[])[0], Layers: [top, base].map((it) => blobPath(it.descriptor.digest)) }])],
    ['halves with different names', halves, () => pack(replace(hybridParts([named(APP, 'app:1'), named(OTHER, 'other:1')]), 'manifest.json', JSON.stringify(dockerManifest([named(APP, 'other:1'), named(OTHER, 'app:1')]))))],
  ]),
  ...noted('documents', [
    ['OCI manifest without layers of Docker 25.0', 'moby/moby#47065', () => {
      const zero = image('app', { manifest: (value) => ({ ...value, layers: [] }) });
      return pack(hybridParts([{ document: { ...zero, layers: zero.layers }, name: 'app:1' }]));
    }],
    ['index.json that lists nothing', 'Docker 25 for an image saved by ID', () => pack(replace(HYBRID, 'index.json', '{"schemaVersion":2,"manifests":null}'))],
  ]),
  ...noted('closure', [
    ['absent platforms', 'Docker 25 names what it never pulled', () => oci(index([{ ...APP.descriptor, ...platform('amd64') }, elsewhere], [APP]))],
    ['absent attestation', 'Docker 25 names it', () => oci(index([APP.descriptor, attestation], [APP]))],
    ['platform of which only the manifest is here', 'containerd keeps it', () => oci(index([APP.descriptor, { ...ARM.descriptor, ...platform('arm64') }], [APP, { descriptor: ARM.descriptor, blobs: new Map([[ARM.descriptor.digest, ARM.manifest]]) }]))],
    ['foreign layer absent', 'a Windows base layer', () => foreign(['https://example.com/layer'])],
  ]),
  ...noted('names', [
    ['config file not named after its digest', 'legal in a docker archive', () => pack(dockerParts('skopeo', [named(PLAIN, 'plain:1')]).map(([path, body]): [string, typeof body] => (
      path === 'manifest.json' ? [path, (body as string).replace(hexOf(PLAIN.configDescriptor.digest), 'a'.repeat(64))] : [path.replace(hexOf(PLAIN.configDescriptor.digest), 'a'.repeat(64)), body])))],
    ['a name in manifest.json only', 'index.json leaves it out', () => bentJson(HYBRID, 'manifest.json', (value) => [{ ...(value as unknown as Json[])[0], RepoTags: ['app:1', 'app:2'] }])],
  ]),
  ...accepted([
    ['artifact of unknown type', 'carried along', () => oci(APP, artifact('application/x-future', 'content', APP.descriptor))],
    ['referrer whose subject is not here', 'legal', () => oci(APP, artifact('application/x-sbom', 'content', elsewhere))],
    ['root of an unknown media type', 'carried along', () => oci(APP, { descriptor: describe('application/x-anything', Buffer.from('any')), blobs: new Map([[sha256('any'), Buffer.from('any')]]) })],
    ['indexes three deep', 'within the limit', () => oci(nested(3))],
    ['blobs that nothing names', 'left over', () => pack([...OCI, [blobPath(sha256('lost')), 'lost']])],
    ['one image in two roots', 'two names', () => pack(ociParts([named(APP, 'app:1'), named(APP, 'app:2')]))],
    ['no history', 'legal', () => withConfig(({ history: _, ...value }) => value)],
    ['image without layers', 'FROM scratch', () => oci(image('app', { layers: [] }))],
  ]),
];
