import { ImgkitError } from '../../errors.js';
import { limitRate } from '../../network/rate-limit.js';
import { totalTimeLimit } from '../../network/time-limit.js';
import type { NetworkOptions } from '../../network/network-options.js';
import type { ReadOptions } from '../transport.js';
import type { FtpConnection } from './ftp-connection.js';
import { ftpError, quoteReply } from './ftp-error.js';
import type { FtpSession } from './ftp-session.js';
import { statFtp } from './ftp-stat.js';
import { abandonTransfer, beginTransfer, finishTransfer, whyBroken } from './ftp-transfer.js';
import { fileNotFound } from './ftp-missing.js';

/** The bytes of a remote file that were asked for, all of them: the size is asked before, and a `226` is not believed. */
export async function* readFtp(connection: FtpConnection, path: string, options: ReadOptions, network: NetworkOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const { origin } = connection;
  const doing = `reading ${path}`;
  const limit = totalTimeLimit(network.totalTimeout, options.signal, origin);
  try {
    const turn = await connection.take(doing, limit.signal);
    try {
      yield* limitRate(transfer(turn.session, origin, path, options), network.limitRate, limit.signal);
    } catch (error) {
      throw ftpError(error, { origin, doing, signal: limit.signal });
    } finally {
      turn.release();
    }
  } finally {
    limit.done();
  }
}

async function* transfer(session: FtpSession, origin: string, path: string, { offset = 0, length, lent = false }: ReadOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const size = await sizeOf(session, origin, path);
  const end = length === undefined ? size : offset + length;
  if (end > size || offset > size) throw cut(origin, path, size, Math.max(end, offset), 'so it changed');
  if (offset === end) return;
  const transfer = await beginTransfer(session, `RETR ${path}`, offset);
  let at = offset;
  let over = false;
  try {
    const chunks = transfer.inbox.chunks(transfer.data, { idle: session.idle, origin, lent });
    try {
      for await (const chunk of chunks) {
        const rest = end - at;
        // Past the end of the range it is only the next byte of the file; past the end of the file, the file changed.
        if (chunk.length > rest && end === size) throw cut(origin, path, size + 1, end, 'so it grew');
        const part = chunk.length > rest ? chunk.subarray(0, rest) : chunk;
        at += part.length;
        yield part;
        if (at === end && end < size) return;
      }
    } catch (error) {
      if (error instanceof ImgkitError) throw error;
      over = true;
      throw await whyBroken(transfer, error);
    }
    over = true;
    if (at < end) throw cut(origin, path, at, end, `though the server says ${quoteReply((await finishTransfer(session, transfer)).message)}`);
    await finishTransfer(session, transfer);
  } finally {
    if (!over) await abandonTransfer(session, transfer);
  }
}

async function sizeOf(session: FtpSession, origin: string, path: string): Promise<number> {
  const found = await statFtp(session, path);
  if (found === undefined) throw fileNotFound(origin, path);
  if (found.kind === 'folder') throw new ImgkitError('remote-refused', `${origin}: ${path} is a folder; name a file in it.`, { file: origin });
  if (found.size === undefined) throw new ImgkitError('remote-refused', `${origin}: the server does not tell the size of ${path} (no SIZE, no MLST), so nobody could say whether all of it came; ask its owner.`, { file: origin });
  return found.size;
}

function cut(origin: string, path: string, found: number, expected: number, why: string): ImgkitError {
  return new ImgkitError('network-failed', `${origin}: ${path} ended at byte ${found} and not at ${expected}, ${why}; run it again.`, {
    file: origin, expected: `${expected} bytes`, found: `${found} bytes`,
  });
}
