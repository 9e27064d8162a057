// Makes an OCI archive with one image for two platforms, byte for byte the same on every machine.
//
//   node dist/samples/make-index.js [OUTPUT]
import { writeFile } from 'node:fs/promises';
import { isMain } from './support/is-main.js';
import { digestOf, hexOf, json, layer, sampleImage } from './support/sample-image.js';

const OCI = 'application/vnd.oci.image';

/** Writes an OCI image layout in a tar: index.json names an index, which names a manifest for each platform. */
export async function makeIndex({ output }: { readonly output: string }): Promise<{ readonly output: string; readonly name: string; readonly digest: string }> {
  const blobs = new Map<string, Uint8Array>();
  const add = (mediaType: string, bytes: Uint8Array): { mediaType: string; digest: string; size: number } => {
    blobs.set(`blobs/sha256/${hexOf(bytes)}`, bytes);
    return { mediaType, digest: digestOf(bytes), size: bytes.length };
  };
  const manifests = [];
  for (const architecture of ['amd64', 'arm64']) {
    const image = await sampleImage({ architecture });
    const manifest = {
      schemaVersion: 2,
      mediaType: `${OCI}.manifest.v1+json`,
      config: add(`${OCI}.config.v1+json`, image.config),
      layers: image.layers.map((body) => add(`${OCI}.layer.v1.tar`, body)),
    };
    manifests.push({ ...add(manifest.mediaType, json(manifest)), platform: { architecture, os: 'linux' } });
  }
  const name = 'hello:multi';
  const index = add(`${OCI}.index.v1+json`, json({ schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests }));
  const annotations = { 'org.opencontainers.image.ref.name': `docker.io/library/${name}` };
  const archive = await layer([
    { path: 'oci-layout', body: json({ imageLayoutVersion: '1.0.0' }) },
    { path: 'index.json', body: json({ schemaVersion: 2, manifests: [{ ...index, annotations }] }) },
    ...[...blobs].map(([path, body]) => ({ path, body })),
  ]);
  await writeFile(output, archive);
  return { output, name, digest: index.digest };
}

if (isMain(import.meta.url)) {
  const [output = 'multi.oci'] = process.argv.slice(2);
  const { name, digest } = await makeIndex({ output });
  console.log(`${output}: ${name}, index ${digest}`);
}
