import { ImgkitError } from '../../errors.js';
import { REMOTE_LIMITS } from '../../limits.js';
import { isRemoteName } from '../../network/remote-path.js';
import { joinRemote } from '../remote-name.js';
import type { RemoteEntry } from '../transport.js';
import { isReplyOf } from './ftp-error.js';
import type { FtpSession } from './ftp-session.js';
import { statFtp } from './ftp-stat.js';
import { beginTransfer, finishTransfer } from './ftp-transfer.js';
import { parseMlsxLine } from './mlsx-line.js';

/**
 * The entries of a folder: MLSD where FEAT says so, else LIST, as far as its lines can be read. Names that are no plain names
 * are left out, links followed. Throws `limit-exceeded` for a listing without an end.
 */
export async function listFtp(session: FtpSession, path: string, origin: string): Promise<readonly RemoteEntry[]> {
  const entries = session.features.has('MLST') ? await machineListing(session, path, origin) : await humanListing(session, path, origin);
  if (entries.length > REMOTE_LIMITS.entries) throw tooLong(origin, path);
  return followLinks(session, path, entries);
}

/** Links are listed as themselves. One that leads nowhere stays an entry of another kind. */
async function followLinks(session: FtpSession, path: string, entries: readonly RemoteEntry[]): Promise<readonly RemoteEntry[]> {
  const followed: RemoteEntry[] = [];
  for (const entry of entries) {
    const there = entry.kind === 'other' ? await statFtp(session, joinRemote(path, entry.name)) : undefined;
    followed.push(there === undefined ? entry : { ...there, name: entry.name });
  }
  return followed;
}

async function machineListing(session: FtpSession, path: string, origin: string): Promise<readonly RemoteEntry[]> {
  const entries: RemoteEntry[] = [];
  for (const line of (await listing(session, `MLSD ${path}`, path, origin)).split(/\r?\n/)) {
    const parsed = parseMlsxLine(line);
    if (parsed === undefined || parsed.self || !isRemoteName(parsed.name)) continue;
    const { self: _, ...entry } = parsed;
    entries.push(entry);
  }
  return entries;
}

/** In the folder itself: a path after LIST would be taken for options or a pattern. */
async function humanListing(session: FtpSession, path: string, origin: string): Promise<readonly RemoteEntry[]> {
  await session.client.send(`CWD ${path}`);
  const text = await listing(session, 'LIST -a', path, origin).catch((error: unknown) => {
    if (!isReplyOf(error, 500, 501, 502, 504, 550)) throw error;
    return listing(session, 'LIST', path, origin);
  });
  const { parseList } = await import('basic-ftp');
  const entries: RemoteEntry[] = [];
  for (const file of parseList(text)) {
    if (!isRemoteName(file.name)) continue;
    const kind = file.isFile ? 'file' : file.isDirectory ? 'folder' : 'other';
    entries.push({ name: file.name, kind, ...(kind === 'file' && Number.isSafeInteger(file.size) && file.size >= 0 && { size: file.size }) });
  }
  return entries;
}

async function listing(session: FtpSession, command: string, path: string, origin: string): Promise<string> {
  const transfer = await beginTransfer(session, command);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of transfer.inbox.chunks(transfer.data, { idle: session.idle, origin, lent: false })) {
    size += part.length;
    if (size > REMOTE_LIMITS.listingBytes) {
      session.client.ftp.closeWithError(new Error('the listing has no end'));
      transfer.data.destroy();
      throw tooLong(origin, path);
    }
    parts.push(part);
  }
  await finishTransfer(session, transfer);
  return Buffer.concat(parts).toString('utf8');
}

function tooLong(origin: string, path: string): ImgkitError {
  return new ImgkitError('limit-exceeded', `${origin}: ${path} lists more than ${REMOTE_LIMITS.entries} names; name a smaller folder.`, { file: origin });
}
