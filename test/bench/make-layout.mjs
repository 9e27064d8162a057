// Parts of the bench image that a shell does badly. Deterministic throughout.
//   make-layout.mjs logs TREE | small-files TREE | layout FOLDER NAME LAYER.tar... | lower FROM FOLDER NAME COUNT
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, linkSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const created = '2023-11-14T22:13:20Z';
const logFiles = 8;
const logFileBytes = 25_000_000;
const smallFiles = 120_000;
const smallFilesPerFolder = 1000;

/** Xorshift, 32 bits: the same numbers everywhere. */
function makeRandom(seed) {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const words = ('accept archive blob cache client config commit copy digest entry error fetch gzip header image index ' +
  'layer limit load manifest mount network open platform policy pull push query range reader record registry retry ' +
  'save scan sign source store stream tag target timeout token tree upload verify volume watch write').split(' ');

function logs(tree) {
  const random = makeRandom(0x1090);
  const folder = join(tree, 'var/log/bench');
  mkdirSync(folder, { recursive: true });
  let time = 1_700_000_000_000;
  for (let file = 0; file < logFiles; file++) {
    const descriptor = openSync(join(folder, `service-${file}.json`), 'w');
    for (let written = 0; written < logFileBytes; ) {
      let batch = '';
      while (batch.length < 1 << 20) {
        time += random(40);
        batch += JSON.stringify({
          time: new Date(time).toISOString(),
          level: ['info', 'info', 'info', 'debug', 'warn', 'error'][random(6)],
          service: `${words[random(words.length)]}-${random(12)}`,
          request: random(0xffffffff).toString(16).padStart(8, '0'),
          message: Array.from({ length: 4 + random(8) }, () => words[random(words.length)]).join(' '),
          bytes: random(10_000_000),
          milliseconds: random(5000) / 10,
        }) + '\n';
      }
      const bytes = Buffer.from(batch.slice(0, logFileBytes - written));
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      written += bytes.length;
    }
    closeSync(descriptor);
  }
}

function makeSmallFiles(tree) {
  const random = makeRandom(0x5a11);
  for (let number = 0; number < smallFiles; number++) {
    const folder = join(tree, 'srv/small', String(Math.floor(number / smallFilesPerFolder)).padStart(2, '0'));
    if (number % smallFilesPerFolder === 0) mkdirSync(folder, { recursive: true });
    const size = 200 + random(1801);
    let text = `file ${number}\n`;
    while (text.length < size) text += random(4) === 0 ? `${random(0x7fffffff)}\n` : `${words[random(words.length)]} `;
    writeFileSync(join(folder, `${String(number).padStart(5, '0')}.txt`), text.slice(0, size));
  }
}

async function hashFile(path) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

/** Moves plain layer tars into a new OCI layout with one image. */
async function layout(folder, name, layerPaths) {
  const blobs = join(folder, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const layers = [];
  for (const path of layerPaths) {
    const hex = await hashFile(path);
    layers.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: `sha256:${hex}`, size: statSync(path).size });
    renameSync(path, join(blobs, hex));
  }
  const addJson = (mediaType, value) => {
    const bytes = Buffer.from(JSON.stringify(value));
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(blobs, hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const config = addJson('application/vnd.oci.image.config.v1+json', {
    created,
    architecture: 'amd64',
    os: 'linux',
    config: { Env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'], Cmd: ['/bin/bash'], Labels: { 'org.example.purpose': 'bench' } },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
    history: layers.map((_, index) => ({ created, created_by: `bench layer ${index + 1}` })),
  });
  const manifest = addJson('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config, layers,
  });
  manifest.annotations = { 'org.opencontainers.image.ref.name': name };
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
}

/** A new layout whose image has the lowest layers of the image in `from`; blobs are shared by hard link. */
function lower(from, folder, name, count) {
  const blobs = join(folder, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const read = (digest) => JSON.parse(readFileSync(join(from, 'blobs/sha256', digest.slice(7))));
  const write = (descriptor, value) => {
    const bytes = Buffer.from(JSON.stringify(value));
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(blobs, hex), bytes);
    return { mediaType: descriptor.mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const [root] = JSON.parse(readFileSync(join(from, 'index.json'))).manifests;
  const manifest = read(root.digest);
  const config = read(manifest.config.digest);
  const layers = manifest.layers.slice(0, count);
  for (const { digest } of layers) linkSync(join(from, 'blobs/sha256', digest.slice(7)), join(blobs, digest.slice(7)));
  const lowered = { ...config, rootfs: { type: 'layers', diff_ids: config.rootfs.diff_ids.slice(0, count) }, history: config.history?.filter((step) => step.empty_layer !== true).slice(0, count) };
  const descriptor = write(root, { ...manifest, config: write(manifest.config, lowered), layers });
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [{ ...descriptor, annotations: { 'org.opencontainers.image.ref.name': name } }] }));
}

const [verb, path, ...rest] = process.argv.slice(2);
if (verb === 'logs') logs(path);
else if (verb === 'small-files') makeSmallFiles(path);
else if (verb === 'layout' && rest.length > 1) await layout(path, rest[0], rest.slice(1));
else if (verb === 'lower' && rest.length === 3) lower(path, rest[0], rest[1], Number(rest[2]));
else throw new Error(`make-layout.mjs: unknown arguments: ${process.argv.slice(2).join(' ')}`);
