import type { Descriptor } from '../../src/content/descriptor.js';
import { digestAlgorithm, digestOf, type Digest } from '../../src/content/digest.js';
import { readBlob } from '../../src/content/verified-read.js';
import { connectEngine, type EngineClient } from '../../src/engine/engine-client.js';
import { engineApiVersion, engineImageId, loadIntoEngine } from '../../src/engine/engine-images.js';
import { ImgkitError } from '../../src/errors.js';
import type { ImageSink, Transfer, TransferImage } from '../../src/image/image-sink.js';
import { layerCompression } from '../../src/image/media-type.js';
import { familiarName, parseReference } from '../../src/image/reference.js';
import type { Limits } from '../../src/limits.js';
import { createArchiveSink } from '../archive-sink.js';
import type { OpenSinkOptions } from './open-sink-options.js';

/**
 * A sink that loads into the Docker engine of DOCKER_HOST: a hybrid archive over its socket. Afterwards every name is asked
 * back and must stand for the image that was sent (`engine-failed` otherwise).
 */
export async function createEngineSink({ pool, limits }: Pick<OpenSinkOptions, 'pool' | 'limits'>): Promise<ImageSink> {
  const client = await connectEngine();
  const sink = createArchiveSink({
    format: 'hybrid', sinkFormat: 'docker-daemon', location: 'docker-daemon:', pool, limits,
    target: { kind: 'stream', name: client.address.text, consume: (chunks, size, { signal }) => loadIntoEngine(client, chunks, size, signal).then(() => size) },
  });
  const check = async ({ root, manifest, config }: TransferImage, { blobs }: Transfer, signal: AbortSignal | undefined): Promise<void> => {
    const imageId = await sha256Of(config, blobs, limits, signal);
    for (const name of root.names.map((full) => familiarName(parseReference(full)))) {
      const id = await engineImageId(client, name, signal);
      // With the containerd image store the ID is the manifest's digest, or the index's.
      if (id === imageId || id === manifest.digest || id === root.descriptor.digest) continue;
      throw new ImgkitError('engine-failed', `The Docker engine at ${client.address.text} took the archive, but ${name} is ${id ?? 'not there'} instead of ${imageId}; look at its log.`, { file: client.address.text, entry: name, expected: imageId, found: id });
    }
  };
  return {
    ...sink,
    async write(transfer, options = {}) {
      await refuseZstd(client, transfer, options.signal);
      const written = await sink.write(transfer, options);
      for (const image of transfer.images) await check(image, transfer, options.signal);
      return written;
    },
    async discard() {
      await sink.discard();
      await client.close();
    },
  };
}

/** The image ID that an engine gives: the SHA-256 of the config, whatever digest the manifest names it by. */
async function sha256Of(config: Descriptor, blobs: Transfer['blobs'], limits: Limits, signal: AbortSignal | undefined): Promise<Digest> {
  if (digestAlgorithm(config.digest) === 'sha256') return config.digest;
  const from = blobs.find(({ descriptor }) => descriptor.digest === config.digest)?.from;
  return from === undefined ? config.digest : digestOf(await readBlob(from.blobs, config, limits.configBytes, signal));
}

/** Engines before 23.0 (API 1.42) fail on zstd layers with "invalid tar header", which helps nobody. */
async function refuseZstd(client: EngineClient, { images }: Transfer, signal: AbortSignal | undefined): Promise<void> {
  const image = images.find(({ layers }) => layers.some(({ mediaType }) => layerCompression(mediaType) === 'zstd'));
  if (image === undefined) return;
  const version = await engineApiVersion(client, signal);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 1 || minor >= 42) return;
  const name = image.root.names[0] ?? image.root.descriptor.digest;
  throw new ImgkitError('engine-failed', `The Docker engine at ${client.address.text} (API ${version}) cannot read the zstd layers of ${name}, engines before 23.0 have no zstd; add --compress gzip, the image ID stays the same.`, { file: client.address.text, entry: name });
}
