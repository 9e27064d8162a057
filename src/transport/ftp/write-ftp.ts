import { lentBytes, type LentChunk } from '../../content/lent-chunk.js';
import { readAhead } from '../../content/read-ahead.js';
import { ImgkitError } from '../../errors.js';
import type { NetworkOptions } from '../../network/network-options.js';
import { limitRate } from '../../network/rate-limit.js';
import { totalTimeLimit } from '../../network/time-limit.js';
import type { WriteOptions } from '../transport.js';
import type { FtpConnection } from './ftp-connection.js';
import type { FtpSession } from './ftp-session.js';
import { ftpSize, statFtp } from './ftp-stat.js';
import { abandonTransfer, beginTransfer, finishTransfer, whyBroken, type FtpTransfer } from './ftp-transfer.js';
import { SenderError, senderChunks } from './sender-error.js';
import { openSocketWriter } from './write-socket.js';

/**
 * Writes a remote file: anew with STOR, or on at its end with APPE, which servers do alike, unlike REST before STOR: that
 * leaves the old tail or a hole. Resolves when the server's size of it is what was sent.
 */
export async function writeFtp(connection: FtpConnection, path: string, chunks: AsyncIterable<LentChunk>, options: WriteOptions, network: NetworkOptions): Promise<void> {
  const { origin } = connection;
  const limit = totalTimeLimit(network.totalTimeout, options.signal, origin);
  try {
    const paced = limitRate(senderChunks(options.lent === true ? chunks : readAhead(chunks as AsyncIterable<Uint8Array>)), network.limitRate, limit.signal);
    await connection.use(`writing ${path}`, limit.signal, (session) => put(session, origin, path, paced, options));
  } catch (error) {
    // The sender's trouble is not the network's.
    throw error instanceof SenderError ? error.cause : error;
  } finally {
    limit.done();
  }
}

async function put(session: FtpSession, origin: string, path: string, chunks: AsyncIterable<LentChunk>, { offset = 0, size, lent = false, onSent }: WriteOptions): Promise<void> {
  if (offset === 0) await makeRoom(session, path);
  else await requireSize(session, origin, path, offset);
  const transfer = await beginTransfer(session, `${offset === 0 ? 'STOR' : 'APPE'} ${path}`);
  const sent = await pump(session, origin, path, transfer, chunks, { offset, size, lent, onSent });
  await finishTransfer(session, transfer);
  const stored = await ftpSize(session, path) ?? (await statFtp(session, path))?.size;
  if (stored !== sent) {
    throw new ImgkitError('network-failed', `${origin}: ${path} has ${stored ?? 'an unknown number of'} bytes after ${sent} were sent, though the server confirmed them; run it again.`, {
      file: origin, expected: `${sent} bytes`, found: `${stored ?? '?'} bytes`,
    });
  }
}

/** Servers that forbid overwriting allow a name that is free. What is not there, or may not go, is for STOR to say. */
async function makeRoom({ client }: FtpSession, path: string): Promise<void> {
  await client.sendIgnoringError(`DELE ${path}`);
}

async function requireSize(session: FtpSession, origin: string, path: string, offset: number): Promise<void> {
  const present = (await statFtp(session, path))?.size;
  if (present === offset) return;
  throw new ImgkitError('remote-refused', `${origin}: ${path} ${present === undefined ? 'is not there' : `has ${present} bytes`} and cannot be continued at ${offset}; start anew.`, {
    file: origin, expected: `${offset} bytes`, found: `${present ?? 'no'} bytes`,
  });
}

/** Gives the number of bytes that the file has now, if all is as the server says. */
async function pump(session: FtpSession, origin: string, path: string, transfer: FtpTransfer, chunks: AsyncIterable<LentChunk>, { offset = 0, size, lent = false, onSent }: WriteOptions): Promise<number> {
  let at = offset;
  // An early word from the server, such as a full disk, stops us even while it goes on taking bytes.
  let refusal: Error | undefined;
  transfer.completed.then(() => { refusal = new Error('the server ended the transfer'); }, (error: unknown) => { refusal = error as Error; });
  try {
    const writer = await openSocketWriter(transfer, session.idle, origin);
    for await (const chunk of chunks) {
      if (refusal !== undefined) throw refusal;
      if (size !== undefined && at + chunk.length > size) throw wrongLength(origin, path, size, `more than ${size}`);
      await writer.write(lentBytes(chunk), lent);
      at += chunk.length;
      onSent?.(at);
    }
    if (size !== undefined && at !== size) throw wrongLength(origin, path, size, `${at}`);
    await writer.end();
    return at;
  } catch (error) {
    if (error instanceof ImgkitError || error instanceof SenderError) {
      await abandonTransfer(session, transfer);
      throw error;
    }
    transfer.data.destroy();
    throw await whyBroken(transfer, error);
  }
}

function wrongLength(origin: string, path: string, size: number, found: string): ImgkitError {
  return new ImgkitError('network-failed', `${origin}: ${path} was to have ${size} bytes, but the data to send has ${found}; did it change meanwhile?`, {
    file: origin, expected: `${size} bytes`, found: `${found} bytes`,
  });
}
