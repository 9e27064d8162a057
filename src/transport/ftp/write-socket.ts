import type { FtpTransfer } from './ftp-transfer.js';
import { silent } from './socket-inbox.js';

/** The writing side of a data connection: every call fails when the connection breaks or the server takes nothing for too long. */
export interface SocketWriter {
  /** Resolves when more is wanted, and with `lent` not before all of `chunk` was taken out of its memory. */
  write(chunk: Uint8Array, lent: boolean): Promise<void>;
  /** Says that there is no more. */
  end(): Promise<void>;
}

/** Waits for the handshake of a TLS connection first: an empty file would else end before it began. */
export async function openSocketWriter({ data: socket, inbox, secured }: FtpTransfer, idle: number, origin: string): Promise<SocketWriter> {
  // Nothing is to come but the end, and the session ticket of TLS 1.3.
  inbox.discard(socket);
  const step = (start: (done: () => void) => void): Promise<void> => new Promise((resolve, reject) => {
    const broken = (): void => settle(() => reject(socket.errored ?? Object.assign(new Error('the server closed the data connection'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })));
    const timer = setTimeout(() => settle(() => {
      // Nothing may be sent any more from memory that its owner gets back.
      socket.destroy();
      reject(silent(origin, idle));
    }), idle);
    const settle = (how: () => void): void => {
      clearTimeout(timer);
      socket.removeListener('close', broken);
      how();
    };
    if (socket.destroyed) return broken();
    socket.once('close', broken);
    start(() => settle(resolve));
  });
  await step((done) => void secured.then(done));
  return {
    write: (chunk, lent) => {
      if (lent) return step((done) => socket.write(chunk, () => done()));
      return socket.destroyed || !socket.write(chunk) ? step((done) => socket.once('drain', done)) : Promise.resolve();
    },
    end: () => step((done) => socket.end(done)),
  };
}
