import { open } from 'node:fs/promises';
import { fromSystemError, ImgkitError } from '../errors.js';
import { throwIfInterrupted } from './interrupted.js';

/** Larger than any password, key or netrc file; a file beyond it is none. */
const MOST_SECRET_BYTES = 1024 * 1024;
const CHUNK = 64 * 1024;

export interface SecretFileOptions {
  /** What the file is, for errors: `the password file`. Default: `this secret`. */
  readonly what?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Most bytes that the file may have. Default: 1 MiB. */
  readonly most?: number | undefined;
}

/** A file that may hold secrets: its content, and the error to throw before one of them is used; undefined when nobody but its owner has rights to it. */
export interface SecretFile {
  readonly bytes: Buffer;
  readonly exposed: ImgkitError | undefined;
}

/**
 * The bytes of a file that holds a secret: a private key, a passphrase. A pipe will do (so that `<(command)` works); nobody
 * but its owner may read or write it, as ssh wants it; links to it are followed.
 * Throws `key-exposed` when group or others have any right to it, `key-malformed` for a folder or too many bytes,
 * `file-not-found`, `io-failed`, `interrupted`. The sentences name the file, never what is in it.
 */
export async function readSecretFile(path: string, options: SecretFileOptions = {}): Promise<Buffer> {
  const { bytes, exposed } = await openSecretFile(path, options);
  if (exposed === undefined) return bytes;
  bytes.fill(0);
  throw exposed;
}

/** As {@link readSecretFile}, for a file that may hold nothing secret for this purpose: the caller throws `exposed`. */
export async function openSecretFile(path: string, options: SecretFileOptions = {}): Promise<SecretFile> {
  const { what = 'this secret', most = MOST_SECRET_BYTES, signal } = options;
  throwIfInterrupted(signal, `reading ${path}`);
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw fromSystemError(error, path, `opening ${what}`);
  });
  try {
    const info = await handle.stat();
    if (info.isDirectory()) throw new ImgkitError('key-malformed', `${path}: is a folder; name the file that holds ${what}.`, { file: path });
    const chunks: Buffer[] = [];
    for (let size = 0; ;) {
      throwIfInterrupted(signal, `reading ${path}`);
      const chunk = Buffer.alloc(Math.min(CHUNK, most + 1));
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) return { bytes: joined(chunks), exposed: exposure(path, what, info) };
      size += bytesRead;
      if (size > most) throw new ImgkitError('key-malformed', `${path}: has more than ${most} bytes, too many for ${what}; check which file it is.`, { file: path });
      chunks.push(chunk.subarray(0, bytesRead));
    }
  } catch (error) {
    throw fromSystemError(error, path, `reading ${what}`);
  } finally {
    await handle.close();
  }
}

/** The first line of a secret file, without its line break. Throws as {@link readSecretFile}, and `usage` when it is empty. */
export async function readSecretLine(path: string, what: string): Promise<string> {
  const [line = ''] = (await readSecretFile(path, { what })).toString('utf8').split('\n', 1);
  const secret = line.endsWith('\r') ? line.slice(0, -1) : line;
  if (secret === '') throw new ImgkitError('usage', `${path}: ${what} has nothing in its first line; write the secret there.`, { file: path });
  return secret;
}

function joined(chunks: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(chunks);
  for (const chunk of chunks) chunk.fill(0);
  return bytes;
}

/**
 * True when others than those who are meant may have the file. Its owner alone is meant; and where root owns it and `user` is another,
 * a group may read it: that is how systemd hands over credentials (an ACL for the service shows in the bits of the group), and what PostgreSQL takes too.
 */
export function isExposed({ mode, uid }: { readonly mode: number; readonly uid: number }, user: number | undefined): boolean {
  const given = uid === 0 && user !== undefined && user !== 0 ? 0o040 : 0;
  return (mode & 0o077 & ~given) !== 0;
}

function exposure(path: string, what: string, { mode, uid }: { readonly mode: number; readonly uid: number }): ImgkitError | undefined {
  // Windows has no such bits, and Node makes some up.
  if (process.platform === 'win32' || !isExposed({ mode, uid }, process.getuid?.())) return undefined;
  const rights = (mode & 0o777).toString(8).padStart(4, '0');
  return new ImgkitError('key-exposed', `${path}: others than its owner have rights to ${what} (mode ${rights}); run chmod 600 on it, and replace the secret if they may have read it.`, {
    file: path,
    expected: '0600',
    found: rights,
  });
}
