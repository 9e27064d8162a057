import type { Socket } from 'node:net';

/** What a write gives when the other end has closed. */
const CLOSED: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET']);
/** Milliseconds; by then what came before the end is long read. */
const PATIENCE = 1000;

type Told = (error?: Error | null) => void;

/**
 * Lets `socket` be read to its end before a write that failed is told. A server that refuses an upload answers and closes, while we still
 * write: the answer is there to be read, but a failed write would end the socket, and the refusal would be taken for a broken connection.
 */
export function awaitAnswer(socket: Socket): void {
  const { _write, _writev } = socket;
  const late = (told: Told): Told => (error) => {
    if (!CLOSED.has((error as NodeJS.ErrnoException | null | undefined)?.code ?? '')) return told(error);
    // With the end of what can be read the socket closes by itself.
    const timer = setTimeout(() => told(error), PATIENCE);
    socket.once('close', () => clearTimeout(timer));
  };
  socket._write = (chunk, encoding, told) => _write.call(socket, chunk, encoding, late(told));
  if (_writev !== undefined) socket._writev = (chunks, told) => _writev.call(socket, chunks, late(told));
}
