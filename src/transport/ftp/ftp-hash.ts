import { isDigest, type Digest } from '../../content/digest.js';
import { isFtpReply, isReplyOf } from './ftp-error.js';
import type { FtpSession } from './ftp-session.js';

/** Slowest rate, bytes per millisecond, at which a server is expected to hash: it says nothing meanwhile. */
const SLOWEST = 10_000;

/** True when FEAT lists a way to have a SHA-256 computed. */
export function canHash({ features }: FtpSession): boolean {
  return features.has('XSHA256') || /SHA-256/i.test(features.get('HASH') ?? '');
}

/**
 * The SHA-256 that the server computes over a file of `size` bytes: HASH (draft-bryan-ftpext-hash), else XSHA256, which takes names with
 * spaces in quotes. Undefined where it can or will not.
 */
export async function hashFtp(session: FtpSession, path: string, size: number): Promise<Digest | undefined> {
  const { features } = session;
  if (/SHA-256/i.test(features.get('HASH') ?? '')) {
    const found = await ask(session, 'OPTS HASH SHA-256', 0) === undefined ? undefined : await ask(session, `HASH ${path}`, size);
    // proftpd announces first that it computes.
    const [line] = /^213 SHA-256 .*$/im.exec(found ?? '') ?? [];
    if (line !== undefined) return digestIn(line);
  }
  if (!features.has('XSHA256') || (path.includes(' ') && path.includes('"'))) return undefined;
  return digestIn(await ask(session, `XSHA256 ${path.includes(' ') ? `"${path}"` : path}`, size));
}

async function ask({ client, idle }: FtpSession, command: string, size: number): Promise<string | undefined> {
  const reply = client.send(command);
  client.ftp.socket.setTimeout(idle + size / SLOWEST);
  try {
    return (await reply).message;
  } catch (error) {
    // The file is there: a refusal is about hashing, such as a size above what the server is willing to read.
    if (isFtpReply(error) && !isReplyOf(error, 421)) return undefined;
    throw error;
  }
}

/** Exactly one value of 64 hex digits, not a part of a longer one. */
function digestIn(reply: string | undefined): Digest | undefined {
  const values = reply?.match(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/gi) ?? [];
  const digest = `sha256:${values[0]?.toLowerCase()}`;
  return values.length >= 1 && isDigest(digest) ? digest : undefined;
}
