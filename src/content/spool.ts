import { createHash, randomBytes } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromSystemError, ImgkitError, isImgkitError } from '../errors.js';
import type { WorkOptions } from '../progress.js';
import type { ByteSource } from './byte-source.js';
import { finishDigest, type Digest } from './digest.js';
import { handleSource } from './handle-source.js';
import { throwIfInterrupted } from './interrupted.js';
import { lentBytes, type LentChunk } from './lent-chunk.js';
import { writeFully } from './write-fully.js';

/**
 * Copies `chunks`, which cannot seek (standard input, a decompressed archive), to a private temporary file and returns
 * it for positional reads. The file (0600, in TMPDIR) loses its name right after it is opened: nothing is left behind,
 * whatever happens. Reports bytes written as phase `spool`. Throws `disk-full`, `io-failed` or `interrupted`.
 * The caller closes the source.
 */
export async function spool(name: string, chunks: AsyncIterable<LentChunk>, options: WorkOptions = {}): Promise<ByteSource> {
  const handle = await openScratch(name);
  try {
    let size = 0;
    for await (const chunk of chunks) {
      throwIfInterrupted(options.signal, `spooling ${name}`);
      await writeFully(handle, lentBytes(chunk), size, name);
      size += chunk.length;
      options.onProgress?.({ phase: 'spool', item: name, done: size });
    }
    throwIfInterrupted(options.signal, `spooling ${name}`);
    return handleSource(name, handle, size);
  } catch (error) {
    await handle.close();
    throw isImgkitError(error, 'disk-full') ? tooSmall(name, error) : error;
  }
}

/** As {@link spool}, with the SHA-256 of what was copied. */
export async function spoolHashed(name: string, chunks: AsyncIterable<LentChunk>, options: WorkOptions = {}): Promise<{ readonly bytes: ByteSource; readonly digest: Digest }> {
  const hash = createHash('sha256');
  const hashed = async function* (): AsyncGenerator<LentChunk> {
    for await (const chunk of chunks) {
      hash.update(lentBytes(chunk));
      yield chunk;
    }
  };
  const bytes = await spool(name, hashed(), options);
  return { bytes, digest: finishDigest(hash, 'sha256') };
}

/** A private temporary file (0600, in TMPDIR) without a name, for `name`'s bytes; gone when it is closed. Throws `disk-full`, `io-failed`. */
export async function openScratch(name: string): Promise<FileHandle> {
  const path = join(tmpdir(), `imgkit-${randomBytes(9).toString('hex')}.spool`);
  try {
    const handle = await open(path, 'wx+', 0o600);
    try {
      await unlink(path);
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new ImgkitError('file-not-found', `${tmpdir()}: there is no such folder for temporary files; make it, or set TMPDIR to one that is there.`, { file: tmpdir() }, { cause: error });
    const failure = fromSystemError(error, path, 'creating a temporary file');
    throw isImgkitError(failure, 'disk-full') ? tooSmall(name, error) : failure;
  }
}

function tooSmall(name: string, cause: unknown): ImgkitError {
  return new ImgkitError('disk-full', `${name}: the temporary folder ${tmpdir()} is too full to hold its bytes; set TMPDIR to a folder with more space.`, { file: name }, { cause });
}
