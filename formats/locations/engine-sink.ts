import { connectEngine } from '../../src/engine/engine-client.js';
import { engineImageId, loadIntoEngine } from '../../src/engine/engine-images.js';
import { ImgkitError } from '../../src/errors.js';
import type { ImageSink, TransferImage } from '../../src/image/image-sink.js';
import { familiarName, parseReference } from '../../src/image/reference.js';
import { createArchiveSink } from '../archive-sink.js';
import type { OpenSinkOptions } from './open-sink.js';

/**
 * A sink that loads into the Docker engine of DOCKER_HOST: a hybrid archive over its socket. Afterwards every name is asked
 * back and must stand for the image that was sent (`engine-failed` otherwise).
 */
export async function createEngineSink({ pool, limits }: Pick<OpenSinkOptions, 'pool' | 'limits'>): Promise<ImageSink> {
  const client = await connectEngine();
  const sink = createArchiveSink({
    format: 'hybrid', sinkFormat: 'docker-daemon', location: 'docker-daemon:', pool, limits,
    target: { kind: 'stream', name: client.address.text, consume: (chunks, size, { signal }) => loadIntoEngine(client, chunks, size, signal) },
  });
  const check = async ({ root, manifest, config }: TransferImage, signal: AbortSignal | undefined): Promise<void> => {
    for (const name of root.names.map((full) => familiarName(parseReference(full)))) {
      const id = await engineImageId(client, name, signal);
      // With the containerd image store the ID is the manifest's digest, or the index's.
      if (id === config.digest || id === manifest.digest || id === root.descriptor.digest) continue;
      throw new ImgkitError('engine-failed', `The Docker engine at ${client.address.text} took the archive, but ${name} is ${id ?? 'not there'} instead of ${config.digest}; look at its log.`, { file: client.address.text, entry: name, expected: config.digest, found: id });
    }
  };
  return {
    ...sink,
    async write(transfer, options = {}) {
      const written = await sink.write(transfer, options);
      for (const image of transfer.images) await check(image, options.signal);
      return written;
    },
    async discard() {
      await sink.discard();
      await client.close();
    },
  };
}
