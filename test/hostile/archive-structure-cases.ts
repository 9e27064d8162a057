import { gzipSync } from 'node:zlib';
import { dockerParts, named } from '../helpers/archive-parts.js';
import { blobPath, hexOf, image, layer, layerTar, pack, replace, sha256, TYPES, without, type BuiltLayer } from '../helpers/image-builder.js';
import { accepted, noted, rejected, type ArchiveCase } from './archive-case.js';
import { APP, DOCKER, HYBRID, OCI, oci, PLAIN } from './archive-samples.js';
import { END, file, raw, tar } from './tar-builder.js';

const firstLayer = `${hexOf(PLAIN.layers[0]?.diffId ?? '')}.tar`;
const linked = (path: string) => (): Uint8Array => pack(replace(DOCKER, firstLayer, { symlink: path }));
const withLayer = (top: BuiltLayer): Uint8Array => oci(image('app', { layers: [layer('base'), top] }));
const plain = layerTar('app');
const gzipped = gzipSync(plain);
const zeros = (mebibytes: number): Buffer => Buffer.alloc(mebibytes * 1024 * 1024);
const emptyMember = gzipSync('');
const bomb = 'fills memory or disk';

/** The outer tar, and layers: links, compression, structure. */
export const STRUCTURE_CASES: readonly ArchiveCase[] = [
  ...rejected('tar-malformed', [
    ['manifest.json twice', 'first or last', () => pack([...DOCKER, ['manifest.json', '[]']])],
    ['index.json twice', 'first or last', () => pack([...OCI, ['index.json', '{}']])],
    ['oci-layout twice', 'first or last', () => pack([...OCI, ['oci-layout', '{}']])],
    ['a blob twice', 'first or last', () => pack([...OCI, [blobPath(APP.descriptor.digest), 'evil']])],
    ['manifest.json and ./manifest.json', 'one file or two', () => pack([...DOCKER, ['./manifest.json', '[]']])],
    ['layer link that leaves the archive', 'reads a file of the host', linked('../../../etc/passwd')],
    ['layer link to an absolute path', 'reads a file of the host', linked('/etc/passwd')],
    ['layer link to itself', 'endless', linked(firstLayer)],
    ['layer links in a circle', 'endless', () => pack([...replace(DOCKER, firstLayer, { symlink: 'b' }), ['b', { symlink: 'c' }], ['c', { symlink: 'b' }]])],
    ['manifest.json is a link out of the archive', 'reads a file of the host', () => pack([...without(DOCKER, 'manifest.json'), ['manifest.json', { symlink: '../manifest.json' }]])],
    ['entry after the end of the archive', 'some readers go on', () => Buffer.concat([pack(DOCKER), file('manifest.json', '[]'), END])],
    ['entry with a name outside', 'leaves the folder', () => pack([...DOCKER, ['../evil', 'x']])],
  ]),
  ...rejected('format-unknown', [
    ['empty file', 'cut in transfer', () => Buffer.alloc(0)],
    ['text in a file', 'no tar', () => Buffer.from('this is not an archive\n'.repeat(100))],
    ['empty archive', 'no image', () => END],
    ['root filesystem', 'no image', () => tar(raw({ name: 'etc/', type: '5', mode: '0000755\0' }), file('etc/passwd'), file('bin/sh'))],
    ['docker archive of before 1.10', 'no manifest.json', () => pack([['repositories', '{}'], ['abc/layer.tar', plain]])],
    ['index.json without oci-layout', 'half a layout', () => pack(without(OCI, 'oci-layout'))],
    ['manifest.json is a folder', 'no manifest.json', () => tar(raw({ name: 'manifest.json/', type: '5', mode: '0000755\0' }))],
  ]),
  ...rejected('tar-truncated', [
    ['without end marker', 'may have been cut', () => pack(DOCKER).subarray(0, -1024)],
    ['docker archive cut in a layer', 'cut', () => pack(DOCKER).subarray(0, 1500)],
  ]),
  ...rejected('compression-malformed', [
    ['gzip around the archive, cut', 'cut', () => gzipSync(pack(HYBRID)).subarray(0, -9)],
    ['gzip around the archive, with garbage behind', 'hidden content', () => Buffer.concat([gzipSync(pack(HYBRID)), Buffer.from('garbage')])],
    ['gzip layer cut', 'cut', () => withLayer(layer(plain, { gzip: true, stored: gzipped.subarray(0, -8) })), 'layer-structure'],
    ['gzip layer with garbage behind', 'hidden content', () => withLayer(layer(plain, { gzip: true, stored: Buffer.concat([gzipped, Buffer.from('garbage')]) })), 'layer-structure'],
    ['gzip layer with a wrong checksum', 'damaged', () => {
      const stored = Buffer.from(gzipped);
      stored.writeUInt32LE(1, stored.length - 8);
      return withLayer(layer(plain, { gzip: true, stored }));
    }, 'layer-structure'],
    ['layer called plain that is gzip', 'two readers, two layers', () => withLayer({ ...layer(gzipped), diffId: sha256(plain) }), 'media-types'],
    ['layer called gzip whose diffID is that of the gzip', 'two readers, two layers', () => withLayer(layer(gzipped, { mediaType: `${TYPES.oci.layer}+gzip` })), 'diff-id'],
    ['layer called gzip that is plain, with another diffID', 'no layer', () => withLayer({ ...layer(plain, { mediaType: `${TYPES.oci.layer}+gzip` }), diffId: sha256(gzipped) }), 'media-types'],
    ['layer called zstd that is gzip', 'two readers, two layers', () => withLayer(layer(plain, { stored: gzipped, mediaType: `${TYPES.oci.layer}+zstd` })), 'media-types'],
  ]),
  ...rejected('tar-malformed', [
    ['layer that is not a tar', 'no layer', () => withLayer(layer(Buffer.from('not a tar '.repeat(200)))), 'layer-structure'],
    ['layer with a name outside', 'leaves the root', () => withLayer(layer(tar(file('../../etc/passwd')))), 'layer-structure'],
    ['whiteout of dot-dot', 'deletes what is outside', () => withLayer(layer(tar(file('a/.wh...', '')))), 'layer-structure'],
    ['whiteout of nothing', 'deletes the folder', () => withLayer(layer(tar(file('a/.wh.', '')))), 'layer-structure'],
    ['docker layer that is not a tar', 'no layer', () => pack(dockerParts('skopeo', [named(image('x', { layers: [layer(Buffer.alloc(600, 'x'))] }), 'x:1')])), 'layer-structure'],
  ]),
  ...rejected('limit-exceeded', [
    ['gzip bomb', bomb, () => withLayer(layer(Buffer.concat([file('zeros', zeros(80)), END]), { gzip: true })), 'layer-structure', { compressionRatio: 100 }],
    ['gzip bomb around the archive', bomb, () => gzipSync(pack([...HYBRID, ['zeros', zeros(80)]])), 'archive-structure', { compressionRatio: 100 }],
    ['gzip of empty members', 'endless work for nothing', () => withLayer(layer(plain, { gzip: true, stored: Buffer.concat([...Array.from({ length: 120_000 }, () => emptyMember), gzipped]) })), 'layer-structure'],
  ]),
  ...noted('layer-structure', [
    ['layer without end marker', 'its diffID proves it whole', () => withLayer(layer(plain.subarray(0, -1024)))],
  ]),
  ...noted('media-types', [
    ['layer called gzip that is plain, as its diffID says', 'podman save --uncompressed', () => withLayer(layer(plain, { mediaType: `${TYPES.oci.layer}+gzip` }))],
  ]),
  ...accepted([
    ['gzip around the archive', 'common', () => gzipSync(pack(HYBRID))],
    ['gzip layer of several members', 'legal', () => withLayer(layer(plain, { gzip: true, stored: Buffer.concat([gzipSync(plain.subarray(0, 700)), gzipSync(plain.subarray(700))]) }))],
    ['layer shared by a symlink', 'Docker up to 24', () => pack(dockerParts('docker20', [named(PLAIN, 'plain:1'), named(image('second', { layers: [layer('base'), layer('second')] }), 'second:1')]))],
    ['layer shared by a hard link', 'podman', () => pack([...DOCKER, ['legacy/layer.tar', { hardlink: firstLayer }]])],
    ['layers of crane', '.tar.gz named by digest', () => pack(dockerParts('crane', [named(APP, 'app:1')]))],
    ['layers of kaniko', 'sha256:hex.tar.gz', () => pack(dockerParts('kaniko', [named(APP, 'app:1')]))],
    ['gzip layer named after its diffID', 'ids come from the content', () => pack(dockerParts('skopeo', [named(APP, 'app:1')]).map(([path, body]): [string, typeof body] => {
      const rename = (text: string): string => APP.layers.reduce((name, { descriptor, diffId }) => name.replaceAll(hexOf(descriptor.digest), hexOf(diffId)), text);
      return [rename(path), path === 'manifest.json' ? rename(body as string) : body];
    }))],
    ['untagged docker archive', 'saved by ID', () => pack(dockerParts('skopeo', [named(PLAIN)]))],
    ['encrypted layer', 'carried, cannot be looked into', () => withLayer({ ...layer(Buffer.from('ciphertext'), { mediaType: `${TYPES.oci.layer}+gzip+encrypted` }), diffId: sha256('secret') })],
    ['folders and a file nobody knows', 'other writers', () => pack([['README', 'hello'], ...OCI])],
    ['zeros after the end marker', 'a tape record', () => Buffer.concat([pack(OCI), Buffer.alloc(8192)])],
  ]),
];
