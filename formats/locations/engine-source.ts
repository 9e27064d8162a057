import { connectEngine, type EngineClient } from '../../src/engine/engine-client.js';
import { exportEngineImages } from '../../src/engine/engine-images.js';
import { ImgkitError, isImgkitError } from '../../src/errors.js';
import type { ImageSource } from '../../src/image/image-source.js';
import { familiarName, parseReference } from '../../src/image/reference.js';
import { openArchiveStream } from '../open-packed.js';
import type { OpenSourceOptions } from './open-source-options.js';

/** What docker itself takes for the start of an image ID, when no image has that name. */
const ID_START = /^([a-f0-9]{12,63}):latest$/;

/** Exports one image from the Docker engine of DOCKER_HOST into a private temporary file and opens that. The caller closes it. */
export async function openEngineImage(reference: string | undefined, options: OpenSourceOptions): Promise<ImageSource> {
  if (reference === undefined) throw new ImgkitError('usage', 'docker-daemon: needs the name of an image here, as in docker-daemon:app:1.9.6; `imgkit list docker-daemon:` shows them.');
  const name = reference.startsWith('sha256:') ? reference : familiarName(parseReference(reference));
  const client = await connectEngine();
  try {
    const archive = await exportNamed(client, name, options.signal);
    const location = `docker-daemon:${name}`;
    const source = await openArchiveStream(archive, location, { ...options, location });
    return { ...source, format: 'docker-daemon', close: () => source.close() };
  } finally {
    await client.close();
  }
}

async function exportNamed(client: EngineClient, name: string, signal: AbortSignal | undefined): Promise<AsyncIterable<Uint8Array>> {
  try {
    return await exportEngineImages(client, [name], signal);
  } catch (error) {
    const start = ID_START.exec(name)?.[1];
    if (start === undefined || !isImgkitError(error, 'image-not-found')) throw error;
    return exportEngineImages(client, [`sha256:${start}`], signal);
  }
}
