import { fstat, type BigIntStats } from 'node:fs';
import { ImgkitError } from '../errors.js';
import type { ByteSource } from './byte-source.js';

/** What a local file is at one moment, whatever it is called. */
export type FileVersion = Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'mtimeNs' | 'ctimeNs'>;

/** What the local file behind `source` is now, for who reads it through another handle later; undefined for what lies in no file. */
export async function versionOf(source: ByteSource): Promise<FileVersion | undefined> {
  const fd = fdOf(source);
  return fd === undefined ? undefined : stateOf(fd);
}

/** Throws `io-failed` when `source` is another file than the one that `version` was taken of, or somebody wrote to it since. */
export async function requireVersion(source: ByteSource, version: FileVersion): Promise<void> {
  const now = await versionOf(source);
  if (now === undefined || now.ino !== version.ino || now.dev !== version.dev) {
    throw new ImgkitError('io-failed', `${source.name}: another file took its name while it was checked, so what was checked is not what would be read; run it again when nobody does.`, { file: source.name });
  }
  if (!isUnchanged(now, version)) throw writtenTo(source);
}

/**
 * Notes what the local file behind `source` is now, for who checks it in one pass and reads it in another. What comes back throws `io-failed`
 * when somebody wrote to the file since: call it before `source` is closed, after the last read. It cannot be told of what lies in no file.
 */
export async function noteVersion(source: ByteSource): Promise<() => Promise<void>> {
  const fd = fdOf(source);
  const before = fd === undefined ? undefined : await stateOf(fd);
  if (fd === undefined || before === undefined) return async () => undefined;
  return async () => {
    const now = await stateOf(fd);
    // A number that stands for another file now: ours was closed after a failure, of which its error tells.
    if (now === undefined || now.ino !== before.ino || now.dev !== before.dev) return;
    if (!isUnchanged(now, before)) throw writtenTo(source);
  };
}

/** Whoever owns a file can set the time of its content, not that of its last change. */
function isUnchanged(now: FileVersion, before: FileVersion): boolean {
  return now.size === before.size && now.mtimeNs === before.mtimeNs && now.ctimeNs === before.ctimeNs;
}

function writtenTo({ name }: ByteSource): ImgkitError {
  return new ImgkitError('io-failed', `${name}: somebody wrote to it while it was read, so what was checked need not be what was read; run it again when nobody does.`, { file: name });
}

function fdOf(source: ByteSource): number | undefined {
  return source.locate({ offset: 0, length: source.size })?.fd;
}

function stateOf(fd: number): Promise<BigIntStats | undefined> {
  return new Promise((resolve) => {
    fstat(fd, { bigint: true }, (error, stats) => resolve(error === null ? stats : undefined));
  });
}
