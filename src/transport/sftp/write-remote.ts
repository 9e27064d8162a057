import type { Stats } from 'ssh2';
import { lentBytes, type LentChunk } from '../../content/lent-chunk.js';
import { ImgkitError } from '../../errors.js';
import type { WriteOptions } from '../transport.js';
import { EarlyEnd } from './early-end.js';
import { sizeOf } from './file-state.js';
import { freeSpace } from './free-space.js';
import type { SftpSession } from './sftp-session.js';
import { STATUS, statusError, statusOf } from './status-error.js';

/**
 * Bytes per request, the most that OpenSSH takes, and under way in all: the window of its channels. Twice as much only waits in memory: on loopback
 * 512 MiB then took 2.4 s of processor time in place of 2.1, and longer.
 */
const REQUEST = 255 * 1024;
const UNDER_WAY = 2 * 1024 * 1024;

/** SSH_FXF_WRITE, SSH_FXF_CREAT, SSH_FXF_TRUNC. */
const WRITE = 0x02;
const CREATE = WRITE | 0x08;
const CREATE_ANEW = CREATE | 0x10;

/**
 * Writes the file from `offset` on: every byte confirmed by the server, synced where it can (`fsync@openssh.com`), the size compared,
 * closed. Requests are sent in order, so a server that serves them in order leaves no holes when it is cut. What was there stays as
 * far as it got. Throws `remote-full`, `remote-refused`, `file-not-found` (the folder), `network-failed`, and what `chunks` throws.
 */
export async function writeRemote(session: SftpSession, path: string, chunks: AsyncIterable<LentChunk>, options: WriteOptions): Promise<void> {
  const { offset = 0, signal } = options;
  const early = new EarlyEnd(signal, session.host);
  try {
    const handle = offset === 0 ? await openEmpty(session, path, signal) : await openForWriting(session, path, WRITE, signal);
    let closed = false;
    try {
      await checkOffset(session, path, handle, offset, signal);
      const end = await sendAll(session, handle, chunks, early, options);
      if (options.size !== undefined && end !== options.size) throw wrongSize(session, path, options.size, end);
      if (session.offers('fsync@openssh.com')) await early.wait(session.call<void>((sftp, done) => sftp.ext_openssh_fsync(handle, done)));
      const size = sizeOf(await early.wait(session.call<Stats>((sftp, done) => sftp.fstat(handle, done))), session.host, path);
      if (size !== end) throw wrongSize(session, path, end, size);
      closed = true;
      // An error that was held back, as on network drives, comes now.
      await early.wait(session.call<void>((sftp, done) => sftp.close(handle, done)));
    } finally {
      if (!closed) session.call<void>((sftp, done) => sftp.close(handle, done)).catch(() => undefined);
    }
  } catch (error) {
    throw await explain(session, path, error);
  } finally {
    early.dispose();
  }
}

/**
 * Makes the file, or empties it, in two steps. A request to open and empty it may still wait at a busy server when its connection is cut,
 * and would take effect when the next one has gone on with the file; the second of two steps is never sent on a connection that is cut.
 */
async function openEmpty(session: SftpSession, path: string, signal: AbortSignal | undefined): Promise<Buffer> {
  const handle = await openForWriting(session, path, CREATE, signal);
  try {
    if (sizeOf(await session.call<Stats>((sftp, done) => sftp.fstat(handle, done), signal), session.host, path) > 0) await session.call<void>((sftp, done) => sftp.fsetstat(handle, { size: 0 }, done), signal);
    return handle;
  } catch (error) {
    session.call<void>((sftp, done) => sftp.close(handle, done)).catch(() => undefined);
    // A server that cannot do it in this way.
    if (statusOf(error) !== undefined) return openForWriting(session, path, CREATE_ANEW, signal);
    throw error;
  }
}

async function openForWriting(session: SftpSession, path: string, flags: number, signal: AbortSignal | undefined): Promise<Buffer> {
  let late = false;
  try {
    return await session.call<Buffer>((sftp, done) => sftp.open(path, flags, (error, handle) => {
      // Stopped meanwhile: nobody would close it.
      if (late && handle !== undefined) session.call<void>((again, closed) => again.close(handle, closed)).catch(() => undefined);
      done(error, handle);
    }), signal);
  } catch (error) {
    late = true;
    if (flags === WRITE && statusOf(error) === STATUS.NO_SUCH_FILE) throw new ImgkitError('remote-refused', `${session.host}${path}: is not there and cannot be continued; start anew.`, { file: path });
    throw error;
  }
}

async function checkOffset(session: SftpSession, path: string, handle: Buffer, offset: number, signal: AbortSignal | undefined): Promise<void> {
  if (offset === 0) return;
  const present = sizeOf(await session.call<Stats>((sftp, done) => sftp.fstat(handle, done), signal), session.host, path);
  if (present !== offset) throw new ImgkitError('remote-refused', `${session.host}${path}: holds ${present} bytes and cannot be continued at ${offset}; start anew.`, { file: path, expected: `${offset} bytes`, found: `${present} bytes` });
}

/** Sends everything, `UNDER_WAY` bytes ahead of the server's answers, and waits for the last of them. Returns where the file ends. */
async function sendAll(session: SftpSession, handle: Buffer, chunks: AsyncIterable<LentChunk>, early: EarlyEnd, { offset = 0, onSent }: WriteOptions): Promise<number> {
  const most = session.requestSize('write', REQUEST);
  const iterator = chunks[Symbol.asyncIterator]();
  const requests: { readonly answer: Promise<void>; readonly end: number; done: boolean }[] = [];
  let sent = offset;
  let confirmed = offset;
  let asking = false;
  const unconfirmed = (): number => sent - confirmed;
  const send = (bytes: Buffer): void => {
    const position = sent;
    sent += bytes.length;
    const request = { end: sent, done: false, answer: session.call<void>((sftp, done) => sftp.write(handle, bytes, 0, bytes.length, position, done)) };
    requests.push(request);
    request.answer.then(() => {
      request.done = true;
      for (; requests[0]?.done === true; requests.shift()) confirmed = requests[0].end;
      onSent?.(confirmed);
    }).catch((error: unknown) => early.end(error));
  };
  try {
    for (;;) {
      asking = true;
      const { value, done } = await early.wait(iterator.next());
      asking = false;
      if (done === true) break;
      const bytes = lentBytes(value);
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      // Of equal size: what is left over from full ones may be a few bytes.
      const step = Math.ceil(chunk.length / Math.ceil(chunk.length / most));
      for (let at = 0; at < chunk.length; at += step) {
        while (unconfirmed() >= UNDER_WAY) await oldest(requests, early);
        early.check();
        // ssh2 copies it at once: `chunk` may be lent.
        send(chunk.subarray(at, at + step));
      }
    }
    while (unconfirmed() > 0) await oldest(requests, early);
    early.check();
    return sent;
  } catch (error) {
    // A source that is being asked would answer first, and may never.
    const ending = iterator.return?.();
    if (asking) ending?.catch(() => undefined);
    else await ending;
    throw error;
  }
}

/** Waits until the oldest request is confirmed and counted. */
async function oldest(requests: readonly { readonly answer: Promise<void> }[], early: EarlyEnd): Promise<void> {
  const [first] = requests;
  if (first !== undefined) await early.wait(first.answer);
  // Its confirmation is counted by a listener that may be called after this one.
  await Promise.resolve();
}

/** OpenSSH says no more than "failure" for a full disk. */
async function explain(session: SftpSession, path: string, error: unknown): Promise<unknown> {
  if (statusOf(error) === STATUS.FAILURE) {
    const free = await freeSpace(session, path);
    if (free !== undefined && free < REQUEST) return new ImgkitError('remote-full', `${session.host}${path}: the disk there is full (${free} bytes free); free some space and run it again.`, { file: path }, { cause: error });
  }
  return statusError(error, session.host, path, 'writing it');
}

function wrongSize(session: SftpSession, path: string, expected: number, found: number): ImgkitError {
  return new ImgkitError('network-failed', `${session.host}${path}: holds ${found} bytes after writing, not ${expected}; run it again.`, { file: path, expected: `${expected} bytes`, found: `${found} bytes` });
}
