import { gzipSync } from 'node:zlib';
import { parseDigest } from '../../src/content/digest.js';
import { decompress } from '../../src/content/decompress.js';
import { parseJson } from '../../src/content/json.js';
import { memorySource } from '../tar/memory-source.js';
import { applyChanges } from '../../src/image/change-instruction.js';
import { parseConfig } from '../../src/image/config.js';
import { parseDockerManifest } from '../../src/image/docker-manifest.js';
import { parseIndex } from '../../src/image/image-index.js';
import { parseLocation } from '../../src/image/location.js';
import { parseManifest } from '../../src/image/manifest.js';
import { parsePlatform } from '../../src/image/platform.js';
import { formatReference, parseReference } from '../../src/image/reference.js';
import { semverTags } from '../../src/image/semver-tags.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { formatPaxRecords, parsePaxRecords } from '../../src/tar/pax.js';
import { readEntries } from '../../src/tar/read-entries.js';
import { readTarIndex } from '../../src/tar/tar-index.js';
import { image, layerTar } from '../helpers/image-builder.js';
import { BYTES } from './fuzz-bytes.js';
import { JSON_CHANGES } from './fuzz-json.js';
import { mutate } from './fuzz-mutations.js';
import { drain, pieces, textTarget, type Change, type FuzzTarget } from './fuzz-target.js';
import { TEXT } from './fuzz-text.js';
import { seeds } from './fuzz-run.js';

const TAR: Change = (bytes, random) => Buffer.from(mutate(bytes, random));

/** Images themselves: tar, compression, documents, names. */
export function imageTargets(): readonly FuzzTarget[] {
  const app = image('app', {});
  const descriptor = { ...app.descriptor, digest: parseDigest(app.descriptor.digest, 'the manifest') };
  const archives = seeds().map((bytes) => Buffer.from(bytes));
  const layer = Buffer.from(layerTar('a', Buffer.from('body')));
  const place = { file: 'the file', offset: 0 };
  const gzip = [gzipSync(layer), Buffer.concat([gzipSync('a'.repeat(5000)), gzipSync('b'), Buffer.alloc(8)])];
  const references = ['app:1', 'docker.io/library/app@sha256:'.concat('a'.repeat(64)), 'localhost:5000/a/b_c--d:v1.2', '[::1]:5000/x'];
  return [
    { name: 'tar-index', seeds: archives, changes: [TAR], run: (bytes) => readTarIndex(memorySource(bytes, 'the file'), DEFAULT_LIMITS) },
    { name: 'tar-layer', seeds: [layer, ...archives], changes: [TAR, ...BYTES], run: (bytes) => entriesOf(bytes) },
    { name: 'pax', seeds: [formatPaxRecords([['path', 'a/b'], ['size', '12'], ['mtime', '1.5'], ['SCHILY.xattr.user.x', Buffer.from([0, 255])]])], changes: [...BYTES, ...TEXT], run: (bytes) => parsePaxRecords(bytes, DEFAULT_LIMITS, place) },
    { name: 'gzip', seeds: gzip, changes: BYTES, run: (bytes) => drain(decompress(pieces(bytes, 100), 'gzip', { name: 'the file' })) },
    { name: 'zstd', seeds: [Buffer.from('KLUv/QRYpQAAcGhlbGxvIHdvcmxkLCAKAQAAzi+iuWXb', 'base64')], changes: BYTES, run: (bytes) => drain(decompress(pieces(bytes, 100), 'zstd', { name: 'the file' })) },
    textTarget('json', ['{"a":[1,2.5e3,"x\\u00e9\\n",{"b":null}],"c":true}'], [...JSON_CHANGES, ...TEXT, ...BYTES], (text) => parseJson(Buffer.from(text), 'the file', DEFAULT_LIMITS)),
    { name: 'manifest', seeds: [Buffer.from(app.manifest)], changes: [...JSON_CHANGES, ...BYTES], run: (bytes) => parseManifest(bytes, descriptor, DEFAULT_LIMITS) },
    { name: 'config', seeds: [Buffer.from(app.config)], changes: [...JSON_CHANGES, ...BYTES], run: (bytes) => parseConfig(bytes, 'the file', DEFAULT_LIMITS) },
    textTarget('index', [JSON.stringify({ schemaVersion: 2, manifests: [{ ...app.descriptor, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' }, annotations: { a: 'b' } }] })], [...JSON_CHANGES, ...BYTES], (text) => parseIndex(Buffer.from(text), undefined, DEFAULT_LIMITS)),
    textTarget('docker-manifest', ['[{"Config":"a.json","RepoTags":["app:1"],"Layers":["b/layer.tar"],"LayerSources":{}}]'], [...JSON_CHANGES, ...TEXT], (text) => parseDockerManifest(Buffer.from(text), 'the file', DEFAULT_LIMITS)),
    textTarget('reference', references, [...TEXT, ...BYTES], (text) => sameAgain(text)),
    textTarget('location', ['oci:dir:app:1', 'docker-archive:/a.tar', 'store:app:1', 'registry:host/a:1', 'app.tar#app:1', 'https://host/a.tar', 'docker://a', '-', 'engine:app:1', 'C:\\a.tar'], [...TEXT, ...BYTES], (text) => parseLocation(text, () => false)),
    textTarget('platform', ['linux/arm64/v8', 'windows/x86_64'], TEXT, parsePlatform),
    textTarget('semver-tags', ['v1.2.3-rc.1+b', '1.2'], TEXT, (text) => semverTags(text)),
    textTarget('change', ['ENV A="b c" D=e', 'CMD ["a","b"]', 'HEALTHCHECK --interval=5s --retries=3 CMD x', 'LABEL "a b"="c" d=e', 'EXPOSE 80/tcp 90', 'USER a:b', 'ONBUILD RUN x'], [...TEXT, ...BYTES], (text) => applyChanges(new Map(), [text])),
  ];
}

async function entriesOf(bytes: Buffer): Promise<void> {
  for await (const { body } of readEntries(pieces(bytes, 700), { file: 'the file', mode: 'layer', limits: DEFAULT_LIMITS })) await drain(body);
}

/** A reference that is accepted and printed means the same when it is read again. */
function sameAgain(text: string): void {
  const printed = formatReference(parseReference(text));
  if (formatReference(parseReference(printed)) !== printed) throw new TypeError(`${JSON.stringify(text)} is printed as ${printed}, which reads as something else`);
}
