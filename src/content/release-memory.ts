import { MessageChannel, type MessagePort } from 'node:worker_threads';

let nowhere: MessagePort | undefined;

/**
 * Frees the memory of `bytes`, a result that nobody needs any more, at once: it cannot be used afterwards. Collected only as garbage,
 * results of 64 KiB pile up to 32 MiB in every thread. Does nothing for a view of something larger.
 */
export function releaseMemory(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (!(buffer instanceof ArrayBuffer) || bytes.length !== buffer.byteLength || bytes.length === 0) return;
  nowhere ??= closedPort();
  // Handed over to a port that nobody listens to any more.
  nowhere.postMessage(null, [buffer]);
}

function closedPort(): MessagePort {
  const { port1 } = new MessageChannel();
  port1.close();
  return port1;
}
