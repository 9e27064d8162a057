import { STATEMENT_SUFFIX } from '../../src/crypto/sign/statement.js';
import { ImgkitError } from '../../src/errors.js';
import type { ImageSink } from '../../src/image/image-sink.js';
import { requireFree, requireUsableName, SIDECAR_SUFFIXES } from '../../src/operations/ship/commit-upload.js';
import { openTarget } from '../../src/operations/ship/open-target.js';
import { uploadStream } from '../../src/operations/ship/upload-stream.js';
import { createArchiveSink } from '../archive-sink.js';
import type { OpenSinkOptions } from './open-sink-options.js';
import { packArchive, packedSize, type Packing } from './pack-archive.js';

/**
 * A sink that writes an archive straight to a host, with no copy here: temporary name, digest on the way, size and the server's hash
 * compared, rename, its signature if it is signed, then `NAME.sha256`. A taken name is refused (`remote-refused`) before anything is read, unless `force`.
 */
export async function createUrlSink(url: string, packing: Packing, options: OpenSinkOptions): Promise<ImageSink> {
  const target = await openTarget(url, { network: options.network, signal: options.signal, purpose: 'write' });
  const { transport, path, shown } = target;
  const force = options.force === true;
  try {
    if (path.endsWith('/')) throw new ImgkitError('location-invalid', `${shown}: the URL names a folder; add the name of the file to write.`, { file: shown });
    if (options.sign !== undefined && target.presigned) throw new ImgkitError('usage', `${shown}: a presigned URL takes one file, and the signature is another; write to a file with --sign-key and send all of them.`, { file: shown });
    if (!target.presigned) requireUsableName(target, options.sign === undefined ? [STATEMENT_SUFFIX] : SIDECAR_SUFFIXES);
    await requireFree(target, force, options.signal);
  } catch (error) {
    await transport.close();
    throw error;
  }
  const sink = createArchiveSink({
    format: options.format, location: shown, pool: options.pool, limits: options.limits,
    target: {
      kind: 'stream',
      name: shown,
      async consume(chunks, size, { signal }) {
        const packed = packArchive(chunks, packing, shown, signal);
        await uploadStream(target, packed.chunks, { size: packedSize(size, packing), force, verify: options.verify ?? 'auto', sidecars: options.sign, signal });
        return packed.bytes();
      },
    },
  });
  return {
    ...sink,
    async discard() {
      await sink.discard();
      await transport.close();
    },
  };
}
