// Makes a docker-save archive of samples/hello, byte for byte the same on every machine.
//
//   node dist/samples/make-image.js [OUTPUT] [VERSION]
import { writeFile } from 'node:fs/promises';
import { isMain } from './support/is-main.js';
import { digestOf, hexOf, json, layer, sampleImage } from './support/sample-image.js';

export interface MadeImage {
  readonly output: string;
  readonly name: string;
  /** Digest of the config. */
  readonly imageId: string;
}

/** Writes the archive that `docker save` of Docker 1.10 to 24 would write: manifest.json, a config, and layers as `layer.tar`. */
export async function makeImage({ output, version }: { readonly output: string; readonly version?: string | undefined }): Promise<MadeImage> {
  const image = await sampleImage({ version });
  const name = `hello:${image.version}`;
  const Config = `${hexOf(image.config)}.json`;
  const layers = image.layers.map((body) => ({ folder: `${hexOf(body)}/`, body }));
  const archive = await layer([
    ...layers.flatMap(({ folder, body }) => [{ path: folder }, { path: `${folder}layer.tar`, body }]),
    { path: Config, body: image.config },
    { path: 'manifest.json', body: json([{ Config, RepoTags: [name], Layers: layers.map(({ folder }) => `${folder}layer.tar`) }]) },
  ]);
  await writeFile(output, archive);
  return { output, name, imageId: digestOf(image.config) };
}

if (isMain(import.meta.url)) {
  const [output = 'hello.tar', version] = process.argv.slice(2);
  const { name, imageId } = await makeImage({ output, version });
  console.log(`${output}: ${name}, image ID ${imageId}`);
}
