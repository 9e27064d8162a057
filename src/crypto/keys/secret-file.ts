import { open } from 'node:fs/promises';
import { throwIfInterrupted } from '../../content/interrupted.js';
import { fromSystemError, ImgkitError } from '../../errors.js';

/** Larger than any key file; a file beyond it is not one. */
const MOST_SECRET_BYTES = 1024 * 1024;

export interface SecretFileOptions {
  readonly signal?: AbortSignal | undefined;
  /** Most bytes that the file may have. Default: 1 MiB. */
  readonly most?: number | undefined;
  /** True for bytes that turn out to be no secret, such as a public key: those may be read by others. */
  readonly isPublic?: ((bytes: Uint8Array) => boolean) | undefined;
}

/**
 * The bytes of a file that holds a secret: a private key, a passphrase. It must be a regular file or a pipe (so that
 * `<(command)` works) that nobody but its owner may read or write, as ssh wants it; links to it are followed.
 * Throws `key-exposed` when group or others have any right to it, `key-malformed` for a folder, a device or too many bytes,
 * `file-not-found`, `io-failed`, `interrupted`. The sentences name the file, never what is in it.
 */
export async function readSecretFile(path: string, options: SecretFileOptions = {}): Promise<Uint8Array> {
  const most = options.most ?? MOST_SECRET_BYTES;
  throwIfInterrupted(options.signal, `reading ${path}`);
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw fromSystemError(error, path, 'opening it');
  });
  try {
    const info = await handle.stat();
    if (!info.isFile() && !info.isFIFO()) throw new ImgkitError('key-malformed', `${path}: is neither a file nor a pipe; name the file that holds the secret.`, { file: path });
    const chunks: Uint8Array[] = [];
    for (let size = 0; ;) {
      throwIfInterrupted(options.signal, `reading ${path}`);
      const chunk = Buffer.alloc(Math.min(65_536, most + 1));
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) return checked(path, joined(chunks, size), info.mode, options);
      size += bytesRead;
      if (size > most) throw new ImgkitError('key-malformed', `${path}: has more than ${most} bytes, too many for a secret; check which file it is.`, { file: path });
      chunks.push(chunk.subarray(0, bytesRead));
    }
  } catch (error) {
    throw fromSystemError(error, path, 'reading it');
  } finally {
    await handle.close();
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
    chunk.fill(0);
  }
  return bytes;
}

function checked(path: string, bytes: Uint8Array, mode: number, { isPublic }: SecretFileOptions): Uint8Array {
  // Windows has no such bits, and Node makes some up.
  if ((mode & 0o077) === 0 || process.platform === 'win32' || isPublic?.(bytes) === true) return bytes;
  bytes.fill(0);
  throw exposed(path, mode);
}

function exposed(path: string, mode: number): ImgkitError {
  const rights = (mode & 0o777).toString(8).padStart(4, '0');
  return new ImgkitError('key-exposed', `${path}: others than its owner have rights to this secret (mode ${rights}); run chmod 600 on it, and replace the secret if they may have read it.`, {
    file: path,
    expected: '0600',
    found: rights,
  });
}
