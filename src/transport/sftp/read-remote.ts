import type { Stats } from 'ssh2';
import { releaseMemory } from '../../content/release-memory.js';
import { ImgkitError } from '../../errors.js';
import type { ReadOptions } from '../transport.js';
import { EarlyEnd } from './early-end.js';
import { sizeOf, versionOf } from './file-state.js';
import { readData } from './read-data.js';
import type { SftpSession } from './sftp-session.js';
import { STATUS, statusError, statusOf } from './status-error.js';

/**
 * Bytes per request, the most that OpenSSH gives, and most requests under way: together the 2 MiB window of the SSH channel. On loopback half and
 * twice as many took the same processor time; half would be felt over long distances, twice was 160 MB of memory in place of 140.
 */
const REQUEST = 255 * 1024;
const MOST_UNDER_WAY = 8;
const FIRST_UNDER_WAY = 2;
/** Longer than what stands before the data of an answer. */
const ANSWER_HEADER = 64;

/**
 * The bytes of a range of `path`, many requests ahead of the consumer; fewer at first, for who reads little. With a `version` the file stays open for the next read, and before the first and after the last byte it must still be
 * that version, both under its name and as it was opened. Throws `network-failed` for fewer bytes or another version.
 */
export async function* readRemote(session: SftpSession, path: string, { offset = 0, length, version, lent = false, signal }: ReadOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const early = new EarlyEnd(signal, session.host);
  try {
    const { handle, release } = await early.wait(session.handles.acquire(path, version, signal));
    try {
      yield* readOpen({ session, path, handle, version, early, lent }, offset, length);
    } catch (error) {
      session.handles.drop(path);
      throw error;
    } finally {
      release();
    }
  } catch (error) {
    throw statusError(error, session.host, path, 'reading it');
  } finally {
    early.dispose();
  }
}

interface OpenFile {
  readonly session: SftpSession;
  readonly path: string;
  readonly handle: Buffer;
  readonly version: string | undefined;
  readonly early: EarlyEnd;
  readonly lent: boolean;
}

async function* readOpen(file: OpenFile, offset: number, length: number | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  const { session, path, handle, early, lent } = file;
  const step = session.requestSize('read', REQUEST);
  let end = length === undefined ? undefined : offset + length;
  if (end === undefined) {
    const size = sizeOf(await early.wait(session.call<Stats>((sftp, done) => sftp.fstat(handle, done))), session.host, path);
    if (offset > size) throw tooShort(session, path, offset, size);
    end = size;
  }
  // Sent together with the requests for data, so that reading little takes no longer than one answer does.
  const before = checkVersion(file);
  const short = end - offset <= step;
  const requests: Promise<Buffer>[] = [];
  let after: Promise<void> | undefined;
  let allowed = FIRST_UNDER_WAY;
  for (let at = offset, asked = offset; at < end;) {
    for (; asked < end && requests.length < allowed; asked += Math.min(step, end - asked)) {
      const request = readFully(file, asked, Math.min(step, end - asked));
      request.catch(() => undefined);
      requests.push(request);
    }
    if (short) after = checkVersion(file);
    if (at === offset) await early.wait(before);
    const chunk = await early.wait(requests.shift() as Promise<Buffer>);
    if (after !== undefined) await early.wait(after);
    at += chunk.length;
    allowed = Math.min(MOST_UNDER_WAY, allowed + 2);
    if (at === end && !short) await early.wait(checkVersion(file));
    early.check();
    yield chunk;
    if (lent) release(chunk);
  }
  early.check();
  await early.wait(before);
}

/** One request, repeated for what a server leaves out of its answer, which it may. More than was asked for is no answer: whose bytes are they? */
async function readFully(file: OpenFile, position: number, length: number): Promise<Buffer> {
  const first = await readPart(file, position, length);
  if (first.length === length) return first;
  const parts = [first];
  for (let filled = first.length; filled < length;) {
    const part = await readPart(file, position + filled, length - filled);
    parts.push(part);
    filled += part.length;
  }
  return Buffer.concat(parts, length);
}

async function readPart({ session, path, handle }: OpenFile, position: number, length: number): Promise<Buffer> {
  const data = await readData(session, handle, position, length).catch((error: unknown) => {
    if (statusOf(error) === STATUS.EOF) throw tooShort(session, path, position + length, position);
    throw error;
  });
  if (data.length === 0) throw tooShort(session, path, position + length, position);
  if (data.length <= length) return data;
  throw new ImgkitError('network-failed', `${session.host}${path}: the server answers with ${data.length} bytes where ${length} were asked for; is this a server for files?`, { file: path, expected: `${length} bytes`, found: `${data.length} bytes` });
}

/** An answer has memory of its own, which beside the data only holds its header. Left to be collected, answers pile up by tens of megabytes. */
function release(chunk: Buffer): void {
  if (chunk.buffer.byteLength < chunk.length + ANSWER_HEADER) releaseMemory(new Uint8Array(chunk.buffer));
}

/** Proves that the file is still the version that is read, both behind the handle and under its name. */
function checkVersion({ session, path, handle, version }: OpenFile): Promise<void> {
  if (version === undefined) return Promise.resolve();
  const found = Promise.all([
    session.call<Stats>((sftp, done) => sftp.fstat(handle, done)),
    session.call<Stats>((sftp, done) => sftp.stat(path, done)),
  ]).then((both) => {
    for (const stats of both) {
      if (versionOf(stats) !== version) throw new ImgkitError('network-failed', `${session.host}${path}: the file is another one by now than when reading began; run it again.`, { file: path, expected: version, found: versionOf(stats) });
    }
  });
  found.catch(() => undefined);
  return found;
}

function tooShort(session: SftpSession, path: string, wanted: number, size: number): ImgkitError {
  return new ImgkitError('network-failed', `${session.host}${path}: the file ends after ${size} bytes, ${wanted - size} too early; is it complete?`, { file: path, expected: `${wanted} bytes`, found: `${size} bytes` });
}
