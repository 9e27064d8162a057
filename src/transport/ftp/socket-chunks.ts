import type { Socket } from 'node:net';
import { ImgkitError } from '../../errors.js';

/** Kept back while the consumer works, at most; then the window closes and the server waits. */
const HELD = 1024 * 1024;
/** Enough to be given on at once. */
const BATCH = 256 * 1024;

/**
 * What arrives, in chunks of up to 1 MiB, until the server ends the connection. Throws its error, or `network-timeout` after
 * `idle` milliseconds without a byte; the time that the consumer takes does not count. Does not close the socket.
 */
export async function* socketChunks(socket: Socket, idle: number, origin: string): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Buffer[] = [];
  let size = 0;
  let soon = false;
  let wake = (): void => undefined;
  const onData = (chunk: Buffer): void => {
    held.push(chunk);
    size += chunk.length;
    if (size >= HELD) socket.pause();
    if (size >= BATCH) wake();
    else if (!soon) {
      // What else came at the same time, in records of 16 KiB, goes along: a consumer's step costs more than they hold.
      soon = true;
      setImmediate(() => {
        soon = false;
        wake();
      });
    }
  };
  const onEnd = (): void => wake();
  socket.on('data', onData);
  socket.on('end', onEnd);
  socket.on('close', onEnd);
  try {
    for (;;) {
      if (size > 0) {
        const chunk = held.length === 1 ? held[0] : Buffer.concat(held, size);
        held = [];
        size = 0;
        if (socket.isPaused()) socket.resume();
        if (chunk !== undefined) yield chunk;
      } else if (socket.errored !== null) {
        throw socket.errored;
      } else if (socket.readableEnded || socket.destroyed) {
        return;
      } else {
        await new Promise<void>((resolve, reject) => {
          const timer = setTimeout(() => reject(silent(origin, idle)), idle);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    }
  } finally {
    socket.removeListener('data', onData);
    socket.removeListener('end', onEnd);
    socket.removeListener('close', onEnd);
  }
}

/** `network-timeout` of a server that neither sends nor takes anything. */
export function silent(origin: string, idle: number): ImgkitError {
  return new ImgkitError('network-timeout', `${origin} was silent for ${idle / 1000} s; run it again, or raise the idle time-out.`, { file: origin });
}
