import { constants, type Dirent } from 'node:fs';
import { open, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfInterrupted } from '../../content/interrupted.js';
import { fromSystemError, ImgkitError } from '../../errors.js';
import { TRUST_LIMITS } from '../../limits.js';
import type { TrustFiles } from './trust-manifest.js';

/** `owners/roots/NAME`: nothing of a trust lies deeper. */
const DEEPEST = 3;

/**
 * Reads every file of a trust folder. Whoever may write into it decides whom its readers believe, so it is refused when
 * everybody may (`key-exposed`), and when anything in it is a link or no plain file (`document-malformed`). Bounded in number
 * and bytes (`limit-exceeded`). Throws `file-not-found` when it is not there, `io-failed`, `interrupted`.
 */
export async function readTrustFolder(folder: string, signal?: AbortSignal): Promise<TrustFiles> {
  const files = new Map<string, Uint8Array>();
  try {
    await readLevel(await realpath(folder), '', 1, { folder, files, bytes: 0, signal });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') throw new ImgkitError('io-failed', `${folder}: is no folder, and a trust is one; make it with imgkit trust add (of a tar: trust update), or name a single key with --key.`, { file: folder }, { cause: error });
    throw fromSystemError(error, folder, 'reading the trust folder');
  }
  return files;
}

interface Reading {
  readonly folder: string;
  readonly files: Map<string, Uint8Array>;
  readonly signal: AbortSignal | undefined;
  bytes: number;
}

async function readLevel(path: string, prefix: string, depth: number, reading: Reading): Promise<void> {
  throwIfInterrupted(reading.signal, `reading ${reading.folder}`);
  const handle = await open(path, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0));
  try {
    refuseExposed(await handle.stat(), prefix === '' ? reading.folder : prefix, reading);
    const entries = await readdir(path, { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) await readEntry(entry, path, prefix, depth, reading);
  } finally {
    await handle.close();
  }
}

async function readEntry(entry: Dirent, path: string, prefix: string, depth: number, reading: Reading): Promise<void> {
  const relative = `${prefix}${entry.name}`;
  if (entry.isDirectory() && depth < DEEPEST) return readLevel(join(path, entry.name), `${relative}/`, depth + 1, reading);
  if (!entry.isFile()) throw new ImgkitError('document-malformed', `${reading.folder}: ${JSON.stringify(relative)} is a link, a device or too deep; a trust folder holds plain files only, so remove it.`, { file: reading.folder, entry: relative });
  if (reading.files.size >= TRUST_LIMITS.files) throw tooMuch(reading.folder, `more than ${TRUST_LIMITS.files} files`);
  const handle = await open(join(path, entry.name), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const info = await handle.stat();
    refuseExposed(info, relative, reading);
    if (info.size > TRUST_LIMITS.fileBytes || (reading.bytes += info.size) > TRUST_LIMITS.totalBytes) throw tooMuch(reading.folder, `too many bytes (${relative})`);
    const bytes = await handle.readFile();
    if (bytes.length !== info.size) throw new ImgkitError('io-failed', `${reading.folder}: ${relative} changed while it was read; run it again.`, { file: reading.folder, entry: relative });
    reading.files.set(relative, bytes);
  } finally {
    await handle.close();
  }
}

function refuseExposed({ mode }: { readonly mode: number }, what: string, { folder }: Reading): void {
  if ((mode & 0o002) === 0 || process.platform === 'win32') return;
  throw new ImgkitError('key-exposed', `${folder}: everybody may change ${what === folder ? 'it' : what}, and with it whom you trust; run chmod -R o-w ${folder}, and check what is in it.`, { file: folder, entry: what, found: (mode & 0o777).toString(8) });
}

function tooMuch(folder: string, what: string): ImgkitError {
  return new ImgkitError('limit-exceeded', `${folder}: holds ${what}, which no trust folder does; check that it is the right folder, and take out what does not belong there.`, { file: folder });
}
