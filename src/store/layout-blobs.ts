import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { BlobSource, FileRange } from '../content/byte-source.js';
import type { Digest } from '../content/digest.js';
import { blobPath as pathInLayout } from '../image/blob-path.js';
import { throwIfInterrupted } from '../content/interrupted.js';
import { fromSystemError, ImgkitError } from '../errors.js';

const CHUNK = 1024 * 1024;
/**
 * Blobs that {@link LayoutBlobs.locate} keeps open. A located descriptor may be in use by a worker until the layout is closed, so none
 * can be closed early to make room; further blobs are simply not located and get streamed instead.
 */
const LOCATED_MAX = 512;

/** Where a blob lies in the layout `folder`. */
export function blobPath(folder: string, digest: Digest): string {
  return join(folder, pathInLayout(digest));
}

/** Size of the blob file, or undefined when there is none; anything but a regular file is none. */
export async function blobSize(folder: string, digest: Digest): Promise<number | undefined> {
  const path = blobPath(folder, digest);
  try {
    const found = await lstat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw fromSystemError(error, path, 'looking for a blob');
  }
}

/** The blobs of an OCI image layout. Symbolic links among them are refused: they could show any file of the host as image content. */
export class LayoutBlobs implements BlobSource {
  readonly #folder: string;
  readonly #located = new Map<Digest, Promise<{ readonly handle: FileHandle; readonly size: number } | undefined>>();
  #closed = false;

  constructor(folder: string) {
    this.#folder = resolve(folder);
  }

  stat(digest: Digest): Promise<number | undefined> {
    return blobSize(this.#folder, digest);
  }

  async *openUnverified(digest: Digest, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    const { handle, size } = await this.#open(digest);
    try {
      for (let offset = 0; offset < size; ) {
        throwIfInterrupted(signal, `reading ${digest}`);
        const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK, size - offset));
        const { bytesRead } = await handle.read(chunk, 0, chunk.length, offset);
        // Shorter than it was a moment ago: end here, and the size check of the verified read says so.
        if (bytesRead === 0) return;
        yield chunk.subarray(0, bytesRead);
        offset += bytesRead;
      }
    } catch (error) {
      throw fromSystemError(error, blobPath(this.#folder, digest), 'reading a blob');
    } finally {
      await handle.close();
    }
  }

  async locate(digest: Digest): Promise<FileRange | undefined> {
    if (this.#closed) throw new Error('the layout is closed');
    let opening = this.#located.get(digest);
    if (opening === undefined) {
      if (this.#located.size >= LOCATED_MAX) return undefined;
      opening = this.#open(digest).catch((error: unknown) => {
        this.#located.delete(digest);
        // Out of descriptors: streaming needs one at a time only.
        const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
        if (code === 'EMFILE' || code === 'ENFILE') return undefined;
        throw error;
      });
      this.#located.set(digest, opening);
    }
    const found = await opening;
    return found === undefined ? undefined : { fd: found.handle.fd, offset: 0, length: found.size };
  }

  /** Closes every descriptor that {@link locate} gave out; nobody may use one any more. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true;
    const opened = await Promise.allSettled(this.#located.values());
    this.#located.clear();
    await Promise.all(opened.map((result) => (result.status === 'fulfilled' ? result.value?.handle.close() : undefined)));
  }

  async #open(digest: Digest): Promise<{ readonly handle: FileHandle; readonly size: number }> {
    const path = blobPath(this.#folder, digest);
    // O_NONBLOCK: opening a named pipe must not hang.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const handle = await open(path, flags).catch((error: unknown) => {
      throw openError(error, path, this.#folder, digest);
    });
    const found = await handle.stat();
    if (found.isFile()) return { handle, size: found.size };
    await handle.close();
    throw new ImgkitError('blob-missing', `${path}: not a regular file; a blob of a layout must be one.`, { file: this.#folder, entry: digest });
  }
}

function openError(error: unknown, path: string, folder: string, digest: Digest): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ImgkitError('blob-missing', `${folder}: blob ${digest} is not there; the layout is incomplete, copy or load the image again.`, { file: folder, entry: digest }, { cause: error });
  }
  if (code === 'ELOOP') {
    return new ImgkitError('blob-missing', `${path}: a symbolic link, which is not followed; replace it by the file it points to.`, { file: folder, entry: digest }, { cause: error });
  }
  return fromSystemError(error, path, 'opening a blob');
}
