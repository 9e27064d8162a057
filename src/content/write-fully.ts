import { writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { fromSystemError, ImgkitError } from '../errors.js';

/**
 * Writes all of `bytes` at byte `position` of `handle`. `write` resolves *short* on a full disk, so this loops and takes
 * a write of nothing for a full disk. Throws `disk-full` or `io-failed`, naming `name`. The handle stays open.
 */
export async function writeFully(handle: FileHandle, bytes: Uint8Array, position: number, name: string): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    let written: number;
    try {
      ({ bytesWritten: written } = await handle.write(bytes, done, bytes.length - done, position + done));
    } catch (error) {
      throw fromSystemError(error, name, 'writing it');
    }
    if (written === 0) throw wroteNothing(name, position + done);
    done += written;
  }
}

/** As {@link writeFully}, of several pieces one after the other. Resolves with the bytes of all. */
export async function writeAllFully(handle: FileHandle, pieces: readonly Uint8Array[], position: number, name: string): Promise<number> {
  let size = 0;
  for (const { length } of pieces) size += length;
  const { bytesWritten: written } = await handle.writev(pieces, position).catch((error: unknown) => {
    throw fromSystemError(error, name, 'writing it');
  });
  if (written < size) {
    let end = 0;
    for (const piece of pieces) {
      const start = Math.max(end, written);
      end += piece.length;
      if (end > start) await writeFully(handle, piece.subarray(piece.length - (end - start)), position + start, name);
    }
  }
  return size;
}

/** As {@link writeFully}, synchronously on a descriptor: for worker threads. */
export function writeFullySync(fd: number, bytes: Uint8Array, position: number, name: string): void {
  let done = 0;
  while (done < bytes.length) {
    let written: number;
    try {
      written = writeSync(fd, bytes, done, bytes.length - done, position + done);
    } catch (error) {
      throw fromSystemError(error, name, 'writing it');
    }
    if (written === 0) throw wroteNothing(name, position + done);
    done += written;
  }
}

function wroteNothing(name: string, offset: number): ImgkitError {
  return new ImgkitError('disk-full', `${name}: the disk took no more bytes at offset ${offset}; free some space and run it again.`, { file: name, offset });
}
