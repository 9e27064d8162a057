import type { Stats } from 'ssh2';
import { ImgkitError } from '../../errors.js';
import type { RemoteStat } from '../transport.js';

/** Another content has another one, as far as SFTP 3 can tell: size, and time in whole seconds. Undefined when the server leaves one out. */
export function versionOf({ size, mtime }: Stats): string | undefined {
  return isSize(size) && Number.isFinite(mtime) ? `${size}-${mtime}` : undefined;
}

/** What a server's attributes say. Its numbers are believed only where they are numbers of bytes and seconds. */
export function describeFile(stats: Stats): RemoteStat {
  const modified = Number.isFinite(stats.mtime) ? { modified: new Date(stats.mtime * 1000) } : {};
  if (stats.isDirectory()) return { kind: 'folder', ...modified };
  // Without a mode only the size can tell; folders of such servers are rare.
  const isFile = stats.isFile() || ((stats.mode as number | undefined) === undefined && isSize(stats.size));
  if (!isFile) return { kind: 'other', ...modified };
  return { kind: 'file', ...(isSize(stats.size) && { size: stats.size }), ...modified, version: versionOf(stats) };
}

/** The size, where it must be known. Throws `network-failed`. */
export function sizeOf({ size }: Stats, host: string, path: string): number {
  if (isSize(size)) return size;
  throw new ImgkitError('network-failed', `${host}${path}: the server does not say how long the file is, so nobody could tell whether all of it came; ask its owner.`, { file: path });
}

function isSize(size: number | undefined): size is number {
  return Number.isSafeInteger(size) && (size as number) >= 0;
}
