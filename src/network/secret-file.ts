import { open, type FileHandle } from 'node:fs/promises';
import { fromSystemError, ImgkitError } from '../errors.js';

/** No password, key or netrc is longer. */
const LARGEST = 1024 * 1024;

/** A file that may hold secrets: its content, and the error to throw before one of them is used; undefined when only its owner can read it. */
export interface SecretFile {
  readonly bytes: Buffer;
  readonly exposed: ImgkitError | undefined;
}

/**
 * The content of a file that holds a secret; `what` names it in errors (`the password file`). Throws `key-exposed` when its
 * group or others can read it, `file-not-found`, `io-failed`, `limit-exceeded` above 1 MiB. A pipe is as good as a file.
 */
export async function readSecretFile(path: string, what: string): Promise<Buffer> {
  const { bytes, exposed } = await openSecretFile(path, what);
  if (exposed !== undefined) throw exposed;
  return bytes;
}

/** As {@link readSecretFile}, for a file that may hold nothing secret for this purpose: the caller throws `exposed`. */
export async function openSecretFile(path: string, what: string): Promise<SecretFile> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const { mode, isFile } = await handle.stat().then((stat) => ({ mode: stat.mode & 0o777, isFile: stat.isFile() }));
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of handle.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > LARGEST) throw new ImgkitError('limit-exceeded', `${path}: ${what} is longer than 1 MiB; is it the right file?`, { file: path });
      chunks.push(chunk);
    }
    // Windows has no such bits: everything looks readable there.
    const shared = isFile && (mode & 0o077) !== 0 && process.platform !== 'win32';
    return { bytes: Buffer.concat(chunks), exposed: shared ? exposure(path, what, mode) : undefined };
  } catch (error) {
    throw fromSystemError(error, path, `reading ${what}`);
  } finally {
    await handle?.close();
  }
}

/** The first line of a secret file, without its line break. Throws as {@link readSecretFile}, and `usage` when it is empty. */
export async function readSecretLine(path: string, what: string): Promise<string> {
  const [line = ''] = (await readSecretFile(path, what)).toString('utf8').split('\n', 1);
  const secret = line.endsWith('\r') ? line.slice(0, -1) : line;
  if (secret === '') throw new ImgkitError('usage', `${path}: ${what} has nothing in its first line.`, { file: path });
  return secret;
}

function exposure(path: string, what: string, mode: number): ImgkitError {
  return new ImgkitError('key-exposed', `${path}: others can read ${what} (mode ${mode.toString(8).padStart(4, '0')}); run chmod 600 on it.`, { file: path });
}
