import { open } from 'node:fs/promises';
import { throwIfInterrupted } from '../../content/interrupted.js';
import type { TrustFile } from '../../crypto/trust/trust.js';
import { fromSystemError, ImgkitError } from '../../errors.js';

/**
 * The whole of a small file (a statement, a signature, public keys), at most `most` bytes.
 * Throws `limit-exceeded` when it has more, `file-not-found`, `io-failed`, `interrupted`.
 */
export async function readBoundedFile(path: string, most: number, signal?: AbortSignal): Promise<TrustFile> {
  throwIfInterrupted(signal, `reading ${path}`);
  try {
    const handle = await open(path, 'r');
    try {
      const info = await handle.stat();
      if (info.isDirectory()) throw new ImgkitError('io-failed', `${path}: is a folder; name the file.`, { file: path });
      const bytes = Buffer.alloc(info.isFile() ? Math.min(info.size, most) + 1 : most + 1);
      let size = 0;
      while (size < bytes.length) {
        const { bytesRead } = await handle.read(bytes, size, bytes.length - size, null);
        if (bytesRead === 0) return { name: path, bytes: Uint8Array.from(bytes.subarray(0, size)) };
        size += bytesRead;
      }
      throw new ImgkitError('limit-exceeded', `${path}: has more than ${bytes.length - 1} bytes, too many for what it should be; check which file it is.`, { file: path, expected: `<= ${most}` });
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fromSystemError(error, path, 'reading it');
  }
}
