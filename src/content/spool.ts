import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromSystemError, ImgkitError, isImgkitError } from '../errors.js';
import type { WorkOptions } from '../progress.js';
import type { ByteSource } from './byte-source.js';
import type { Digest } from './digest.js';
import { handleSource } from './handle-source.js';
import { hashedStream } from './hashed-stream.js';
import { throwIfInterrupted } from './interrupted.js';
import { lentBytes, type LentChunk } from './lent-chunk.js';
import { writeFully } from './write-fully.js';

/** O_TMPFILE of Linux, which Node does not name; with O_EXCL the file cannot get a name later either. */
const NAMELESS = 0o20000000 | constants.O_DIRECTORY | constants.O_RDWR | constants.O_EXCL;
/** What file systems and kernels say that cannot do it. */
const NO_NAMELESS = new Set(['ENOTSUP', 'EOPNOTSUPP', 'EISDIR', 'EINVAL']);

/**
 * Copies `chunks`, which cannot seek (standard input, a decompressed archive), to a private temporary file and returns
 * it for positional reads. The file (0600, in TMPDIR) has no name: nothing is left behind, whatever happens. Reports bytes written as phase `spool`. Throws `disk-full`, `io-failed` or `interrupted`.
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
  let digest: Digest | undefined;
  const bytes = await spool(name, hashedStream(chunks, 'sha256', (found) => { digest = found; }), options);
  return { bytes, digest: digest as unknown as Digest };
}

/** A private temporary file (0600, in TMPDIR) without a name, for `name`'s bytes; gone when it is closed, or its process is. Throws `disk-full`, `file-not-found`, `io-failed`. */
export async function openScratch(name: string): Promise<FileHandle> {
  const folder = tmpdir();
  try {
    return (await openNameless(folder)) ?? (await openUnlinked(folder));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new ImgkitError('file-not-found', `${folder}: there is no such folder for temporary files; make it, or set TMPDIR to one that is there.`, { file: folder }, { cause: error });
    const failure = fromSystemError(error, folder, 'creating a temporary file');
    throw isImgkitError(failure, 'disk-full') ? tooSmall(name, error) : failure;
  }
}

/** A file that never has a name, so that nothing stays of a process that is killed; undefined where there is no such thing. */
async function openNameless(folder: string): Promise<FileHandle | undefined> {
  if (process.platform !== 'linux') return undefined;
  return open(folder, NAMELESS, 0o600).catch((error: NodeJS.ErrnoException) => {
    if (NO_NAMELESS.has(error.code ?? '')) return undefined;
    throw error;
  });
}

async function openUnlinked(folder: string): Promise<FileHandle> {
  const path = join(folder, `imgkit-${randomBytes(9).toString('hex')}.spool`);
  const handle = await open(path, 'wx+', 0o600);
  try {
    await unlink(path);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** What {@link openScratch} made, for errors: somebody has to know where there is no space. */
export function scratchName(): string {
  return `the temporary file in ${tmpdir()} (TMPDIR)`;
}

function tooSmall(name: string, cause: unknown): ImgkitError {
  return new ImgkitError('disk-full', `${name}: the temporary folder ${tmpdir()} is too full to hold its bytes; set TMPDIR to a folder with more space.`, { file: name }, { cause });
}
