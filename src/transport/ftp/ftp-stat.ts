import type { RemoteStat } from '../transport.js';
import { isReplyOf } from './ftp-error.js';
import type { FtpSession } from './ftp-session.js';
import { parseMlsxLine, parseRemoteSize, parseRemoteTime } from './mlsx-line.js';

/** The mode of links, and of few files. */
const LINK_MODE = /^ ?[^ ]*;UNIX\.mode=0777;/i;

/** What the server knows of `path`: MLST where FEAT lists it, else SIZE, MDTM and a try to enter it; undefined when nothing is there. */
export async function statFtp(session: FtpSession, path: string): Promise<RemoteStat | undefined> {
  if (session.features.has('MLST')) {
    const found = await mlst(session, path);
    // A link is described as itself; what matters is what it leads to.
    if (found === undefined || (found.kind !== 'other' && (found.kind === 'folder' || found.size !== undefined))) return found;
  }
  const size = await ftpSize(session, path);
  if (size !== undefined) {
    const modified = await mdtm(session, path);
    return { kind: 'file', size, ...(modified !== undefined && { modified }) };
  }
  return (await isFolder(session, path)) ? { kind: 'folder' } : undefined;
}

/** The size of a file in bytes; undefined when there is none, or the server does not say. RFC 3659 section 4. */
export async function ftpSize({ client }: FtpSession, path: string): Promise<number | undefined> {
  try {
    const { message } = await client.send(`SIZE ${path}`);
    return parseRemoteSize(/^213 (\d+)/.exec(message)?.[1]);
  } catch (error) {
    return orUndefined(error);
  }
}

async function mlst({ client }: FtpSession, path: string): Promise<RemoteStat | undefined> {
  try {
    const { message } = await client.send(`MLST ${path}`);
    const [, line = ''] = message.split('\n');
    const parsed = parseMlsxLine(line.replace(/^ /, ''));
    if (parsed === undefined) return { kind: 'other' };
    const { kind, size, modified } = parsed;
    // proftpd gives a link the kind of what it leads to, and a size of its own; only the mode tells.
    if (kind === 'file' && LINK_MODE.test(line)) return { kind: 'other' };
    return { kind, ...(size !== undefined && { size }), ...(modified !== undefined && { modified }) };
  } catch (error) {
    return orUndefined(error);
  }
}

async function mdtm({ client, features }: FtpSession, path: string): Promise<Date | undefined> {
  if (!features.has('MDTM')) return undefined;
  try {
    return parseRemoteTime((await client.send(`MDTM ${path}`)).message.slice(4).trim());
  } catch (error) {
    return orUndefined(error);
  }
}

/** Every path that we send is absolute, so it does not matter where this leaves us. */
async function isFolder({ client }: FtpSession, path: string): Promise<boolean> {
  try {
    await client.send(`CWD ${path}`);
    return true;
  } catch (error) {
    orUndefined(error);
    return false;
  }
}

/** A file or folder that is not there, or that this user may not see, or a command that the server lacks: all say no. */
function orUndefined(error: unknown): undefined {
  if (isReplyOf(error, 450, 500, 501, 502, 504, 550, 553)) return undefined;
  throw error;
}
