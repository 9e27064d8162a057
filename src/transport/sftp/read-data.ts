import type { SFTPWrapper } from 'ssh2';
import type { SftpSession } from './sftp-session.js';

/** What `ssh2` keeps of a request that waits for its answer. */
interface PendingRead {
  buffer: Buffer | undefined;
  cb: (error: Error | null | undefined, data?: Buffer) => void;
}

/** `ssh2` wants memory to put the answer into; this is never written to. */
const UNUSED = Buffer.alloc(256 * 1024);

/**
 * The answer to one READ (draft-ietf-secsh-filexfer-02, 6.4) of at most 256 KiB, as it came: it may be shorter or longer than asked
 * for, and belongs to the caller. `SFTPWrapper.read` copies each answer once more and quietly cuts off what is too much, so it is taken before
 * that; if another `ssh2` works in another way, the read fails. Rejects with the server's status, also for the end of the file.
 */
export function readData(session: SftpSession, handle: Buffer, position: number, length: number): Promise<Buffer> {
  return session.call<Buffer>((sftp, done) => {
    sftp.read(handle, UNUSED, 0, length, position, () => undefined);
    const request = lastRequest(sftp);
    if (!Buffer.isBuffer(request?.buffer)) throw new TypeError('this version of ssh2 does not keep its requests where they are expected');
    request.buffer = undefined;
    // "OK" is the one status that is no error, and no answer to this either.
    request.cb = (error, data) => done(error ?? (data === undefined ? new Error('the server says that all is well, and sends nothing') : undefined), data);
  });
}

function lastRequest(sftp: SFTPWrapper): PendingRead | undefined {
  const { _requests: requests, _writeReqid: id } = sftp as unknown as { readonly _requests?: Readonly<Record<number, PendingRead>>; readonly _writeReqid?: number };
  return id === undefined ? undefined : requests?.[id];
}
