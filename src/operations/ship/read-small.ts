import { ImgkitError, isImgkitError } from '../../errors.js';
import type { RemoteTarget } from './remote-target.js';

/** Statements and signatures are far smaller. */
const LARGEST = 1024 * 1024;

/** A small remote file, such as a checksum or a signature; undefined when it is not there. Throws `limit-exceeded` above 1 MiB. */
export async function readSmall({ transport, shown }: Pick<RemoteTarget, 'transport' | 'shown'>, path: string, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of transport.read(path, { signal })) {
      size += chunk.length;
      if (size > LARGEST) throw new ImgkitError('limit-exceeded', `${shown}: ${path} has more than ${LARGEST} bytes, which no checksum or signature file has; is it the right file?`, { file: shown });
      chunks.push(chunk);
    }
  } catch (error) {
    if (isImgkitError(error, 'file-not-found')) return undefined;
    // Object storage says so of what is not there, to whom it shows no listings. What is not believed for lack of it stays not believed.
    if (isImgkitError(error, 'remote-refused') && error.details.found === 'status 403') return undefined;
    throw error;
  }
  return Buffer.concat(chunks);
}
