import { fstat, type BigIntStats } from 'node:fs';
import { ImgkitError } from '../errors.js';
import type { ByteSource } from './byte-source.js';

/**
 * Notes what the local file behind `source` is now, for who checks it in one pass and reads it in another. What comes back throws `io-failed`
 * when somebody wrote to the file since: call it before `source` is closed, after the last read. It cannot be told of what lies in no file.
 */
export async function noteVersion(source: ByteSource): Promise<() => Promise<void>> {
  const fd = source.locate({ offset: 0, length: source.size })?.fd;
  const before = fd === undefined ? undefined : await stateOf(fd);
  if (fd === undefined || before === undefined) return async () => undefined;
  return async () => {
    const now = await stateOf(fd);
    // A number that stands for another file now: ours was closed after a failure, of which its error tells.
    if (now === undefined || now.ino !== before.ino || now.dev !== before.dev) return;
    // Whoever owns a file can set the time of its content, not that of its last change.
    if (now.size === before.size && now.mtimeNs === before.mtimeNs && now.ctimeNs === before.ctimeNs) return;
    throw new ImgkitError('io-failed', `${source.name}: somebody wrote to it while it was read, so what was checked need not be what was read; run it again when nobody does.`, { file: source.name });
  };
}

function stateOf(fd: number): Promise<BigIntStats | undefined> {
  return new Promise((resolve) => {
    fstat(fd, { bigint: true }, (error, stats) => resolve(error === null ? stats : undefined));
  });
}
