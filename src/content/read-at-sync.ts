import { readSync } from 'node:fs';
import { fromSystemError } from '../errors.js';

/** Fills the start of `block` with up to `length` bytes of a file from `position`, synchronously: for worker threads. Returns how many; 0 at its end. Throws `io-failed`, naming `name`. */
export function readAtSync(fd: number, block: Buffer, length: number, position: number, name: string): number {
  try {
    return readSync(fd, block, 0, length, position);
  } catch (error) {
    throw fromSystemError(error, name, `reading at offset ${position}`);
  }
}
