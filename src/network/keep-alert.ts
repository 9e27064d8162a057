import type { Socket } from 'node:net';

/**
 * Ends `socket` with the TLS alert that came, such as the one of a server that wants a client certificate: undici hears of the end that
 * follows it and would say no more than that the other side closed.
 */
export function keepAlert(socket: Socket): void {
  const { destroy } = socket;
  let alert: Error | undefined;
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code?.startsWith('ERR_SSL_') === true) alert ??= error;
  });
  socket.destroy = (error?: Error): Socket => destroy.call(socket, error === undefined ? undefined : alert ?? error);
}
