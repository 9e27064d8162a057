import type { Socket } from 'node:net';

/**
 * `ssh2` writes a packet in three pieces, and 32 KiB of data are a packet. What it sends in answer to one piece of what arrived goes to
 * the system together: else an upload is a call of the system for each piece, some of 4 bytes.
 */
export function batchWrites(socket: Socket): void {
  // The listener of ssh2 is between these two.
  socket.prependListener('data', () => socket.cork()).on('data', () => socket.uncork());
}
