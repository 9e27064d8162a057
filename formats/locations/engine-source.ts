import { connectEngine } from '../../src/engine/engine-client.js';
import { exportEngineImages } from '../../src/engine/engine-images.js';
import { ImgkitError } from '../../src/errors.js';
import type { ImageSource } from '../../src/image/image-source.js';
import { familiarName, parseReference } from '../../src/image/reference.js';
import { openArchiveStream } from '../open-packed.js';
import type { OpenSourceOptions } from './open-source.js';

/** Exports one image from the Docker engine of DOCKER_HOST into a private temporary file and opens that. The caller closes it. */
export async function openEngineImage(reference: string | undefined, options: OpenSourceOptions): Promise<ImageSource> {
  if (reference === undefined) throw new ImgkitError('usage', 'docker-daemon: needs the name of an image here, as in docker-daemon:app:1.9.6; `imgkit list docker-daemon:` shows them.');
  const name = reference.startsWith('sha256:') ? reference : familiarName(parseReference(reference));
  const client = await connectEngine();
  try {
    const archive = await exportEngineImages(client, [name], options.signal);
    const location = `docker-daemon:${name}`;
    const source = await openArchiveStream(archive, location, { ...options, location });
    return { ...source, format: 'docker-daemon', close: () => source.close() };
  } finally {
    await client.close();
  }
}
