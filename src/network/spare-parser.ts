import type { Socket } from 'node:net';

/**
 * Keeps undici's parser from hearing of the end of `socket`, or of its reset, while it `waits` for who reads the body: it fails an assertion
 * then, and the process with it (nodejs/undici#5360; mended in version 8, which needs a newer Node). The end comes when it asks for more;
 * a reset becomes another failure, of which it has no opinion. Call it before undici gets the socket.
 */
export function spareParser(socket: Socket, waits: () => boolean): void {
  const { destroy, push, read } = socket;
  let over = false;
  socket.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    over ||= chunk === null;
    return push.call(socket, chunk, encoding);
  };
  // With a size it is Node that asks, for nothing; with nothing more to come it would tell of the end.
  socket.read = (size?: number): unknown => (size !== undefined && over && socket.readableLength === 0 && waits() ? null : (read.call(socket, size) as unknown));
  socket.destroy = (error?: Error): Socket => destroy.call(socket, isReset(error) && waits() ? Object.assign(new Error(error.message, { cause: error }), { code: 'ECONNABORTED' }) : error);
}

/** The same of a socket that is read as Node reads sockets. */
export function spareParserOf(socket: Socket): void {
  const { read } = socket;
  let given = false;
  socket.read = (size?: number): unknown => {
    if (size !== undefined) return read.call(socket, size) as unknown;
    // All of it, asked for without a size, would bring the end along.
    const chunk: unknown = read.call(socket, Math.min(socket.readableLength, socket.readableHighWaterMark) || undefined);
    given = chunk !== null;
    return chunk;
  };
  spareParser(socket, () => given);
}

function isReset(error: Error | undefined): error is Error {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ECONNRESET';
}
