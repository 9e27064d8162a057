import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { copy, files, inspect, list, load, verify } from '../../src/index.js';
import { INDEX_TYPE, layerTar, sha256, TYPES, type Part } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

/** A layout whose every blob has a sha512 digest, which OCI allows; diffIDs are sha256 everywhere. */
function layoutParts(compress: boolean): readonly Part[] {
  const blobs: Part[] = [];
  const blob = (mediaType: string, bytes: Buffer): object => {
    const hex = createHash('sha512').update(bytes).digest('hex');
    blobs.push([`blobs/sha512/${hex}`, bytes]);
    return { mediaType, digest: `sha512:${hex}`, size: bytes.length };
  };
  const tar = layerTar('app');
  const layer = blob(`${TYPES.oci.layer}${compress ? TYPES.oci.gzip : ''}`, compress ? gzipSync(tar) : tar);
  const config = blob(TYPES.oci.config, Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [sha256(tar)] } })));
  const manifest = blob(TYPES.oci.manifest, Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: TYPES.oci.manifest, config, layers: [layer] })));
  const named = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': 'docker.io/library/app:1' } };
  return [['oci-layout', '{"imageLayoutVersion":"1.0.0"}'], ['index.json', JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [named] })], ...blobs];
}

for (const compress of [false, true]) {
  test(`an image of sha512 digests goes through every format, layers ${compress ? 'compressed' : 'as they are'}`, async (t) => {
    const title = compress ? 'gzip' : 'plain';
    const from = `oci:${await scratch.layout(title, layoutParts(compress))}`;
    const storeFolder = scratch.path(`${title}-store`);
    const { digest } = await inspect({ location: from });
    t.regex(digest, /^sha512:/);
    for (const format of ['hybrid', 'oci', 'docker'] as const) {
      const to = scratch.path(`${title}-${format}.tar`);
      await copy({ from, to, format });
      t.deepEqual((await verify({ target: to })).findings.filter(({ status }) => status === 'failed'), [], format);
      t.deepEqual([...(await files({ location: to })).entries].map(({ path }) => path), ['/app', '/app/file'], format);
      t.deepEqual((await list({ location: to })).images[0]?.names, ['docker.io/library/app:1'], format);
      if (format !== 'docker') t.is((await load({ from: to, storeFolder })).images[0]?.digest, digest, format);
    }
    t.true((await verify({ target: 'store:', storeFolder })).ok);
  });
}

test.serial('an engine calls such an image by the SHA-256 of its config, and is believed', async (t) => {
  const parts = layoutParts(false);
  const [, config] = parts.find(([, bytes]) => Buffer.isBuffer(bytes) && bytes.includes('diff_ids')) as readonly [string, Buffer];
  let id = sha256(config);
  const socket = scratch.path('engine.sock');
  const engine = createServer((request, response) => { request.resume().on('end', () => response.end(JSON.stringify(request.method === 'GET' ? { Id: id } : {}))); });
  await new Promise<void>((resolve) => { engine.listen(socket, resolve); });
  const before = process.env['DOCKER_HOST'];
  process.env['DOCKER_HOST'] = `unix://${socket}`;
  try {
    const from = `oci:${await scratch.layout('for-engine', parts)}`;
    t.is((await copy({ from, to: 'docker-daemon:' })).format, 'docker-daemon');
    id = sha256('another image');
    await t.throwsAsync(copy({ from, to: 'docker-daemon:' }), { code: 'engine-failed', message: new RegExp(`instead of ${sha256(config)};`) });
  } finally {
    if (before === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = before;
    engine.close();
  }
});
