import { stat, type BigIntStats } from 'node:fs';
import { fromSystemError, ImgkitError } from '../errors.js';
import type { ByteSource } from './byte-source.js';
import { handleSource } from './handle-source.js';
import { PlainFile } from './plain-file.js';

/**
 * Opens a regular file or a block device for positional reads; its size is what it is now. `name` (default: `path`) is
 * used in errors. Throws `file-not-found`, `io-failed`, or `location-unsupported` for a folder, pipe, socket or
 * character device. The caller closes the source.
 */
export async function openFileSource(path: string, name: string = path): Promise<ByteSource> {
  try {
    // Looked at before opening: opening a pipe that nobody writes to would wait for ever.
    requirePositional(await statOf(path), name);
    const handle = await PlainFile.open(path);
    try {
      const stats = await handle.stat();
      requirePositional(stats, name);
      return handleSource(name, handle, stats.isFile() ? Number(stats.size) : await deviceSize(stats.rdev));
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    throw fromSystemError(error, name, 'opening it');
  }
}

function statOf(path: string): Promise<BigIntStats> {
  return new Promise((resolve, reject) => stat(path, { bigint: true }, (error, stats) => (error === null ? resolve(stats) : reject(error))));
}

function requirePositional(stats: BigIntStats, name: string): void {
  if (stats.isFile() || stats.isBlockDevice()) return;
  const problem = stats.isDirectory() ? `is a folder; name a file in it, or write oci:${name} for an OCI layout` : 'is neither a file nor a block device; send its bytes to standard input and name it -';
  throw new ImgkitError('location-unsupported', `${name}: ${problem}.`, { file: name });
}

/** `stat` says 0 for a block device; Linux tells its size in 512-byte sectors under /sys. */
async function deviceSize(rdev: bigint): Promise<number> {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n);
  const { readFile } = await import('node:fs/promises');
  return Number(await readFile(`/sys/dev/block/${major}:${minor}/size`, 'latin1')) * 512;
}
