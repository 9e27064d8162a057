import type { FileHandle } from 'node:fs/promises';
import { createAtomicFile } from './atomic-file.js';
import { throwIfInterrupted } from './interrupted.js';
import { writeFully } from './write-fully.js';

/**
 * Writes `chunks` to a file that appears under the name `path` only when `chunks` has ended without an error and all is
 * synced; until then it is a private temporary file (0600) beside it, removed on any failure. Returns the bytes written.
 * An existing file is replaced. Throws what `chunks` throws, `disk-full`, `io-failed`, `interrupted`.
 */
export async function writeAtomic(path: string, chunks: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<number> {
  return fillAtomic(path, (handle) => writeChunks(handle, chunks, path), signal);
}

/** As {@link writeAtomic}, but `fill` writes to the open temporary file, from its start, and returns the bytes written. Throws what `fill` throws. */
export async function fillAtomic(path: string, fill: (handle: FileHandle) => Promise<number>, signal?: AbortSignal): Promise<number> {
  const file = await createAtomicFile(path, { overwrite: true });
  try {
    const size = await fill(file.handle);
    throwIfInterrupted(signal, `writing ${path}`);
    await file.commit();
    return size;
  } finally {
    await file.discard();
  }
}

/** Writes `chunks` to an open file, from its start; returns the bytes written. `name` is for errors. Throws what `chunks` throws, `disk-full`, `io-failed`. */
export async function writeChunks(handle: FileHandle, chunks: AsyncIterable<Uint8Array>, name: string): Promise<number> {
  let offset = 0;
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const chunk of chunks) {
      // The disk works on one chunk while the next is made.
      await writing;
      writing = writeFully(handle, chunk, offset, name);
      // It is awaited above or below; until then nobody listens.
      writing.catch(() => undefined);
      offset += chunk.length;
    }
  } finally {
    await writing;
  }
  return offset;
}
