import { createHash, randomBytes } from 'node:crypto';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { SocketInbox } from '../../../src/transport/ftp/socket-inbox.js';

const BYTES = randomBytes(5 * 1024 * 1024 + 7);
const digest = (chunks: readonly Uint8Array[]): string => chunks.reduce((hash, chunk) => hash.update(chunk), createHash('sha256')).digest('hex');

/** Calls `take` with each chunk of what a server sends, in writes of `piece` bytes, and waits for it. */
async function receive(t: ExecutionContext, piece: number, lent: boolean, take: (chunk: Uint8Array) => Promise<void>): Promise<void> {
  const server = createServer((socket) => {
    for (let at = 0; at < BYTES.length; at += piece) socket.write(BYTES.subarray(at, at + piece));
    socket.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const inbox = new SocketInbox();
  const socket = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, onread: inbox.onread });
  t.teardown(() => socket.destroy());
  for await (const chunk of inbox.chunks(socket, { idle: 60_000, origin: 'ftp://test', lent })) await take(chunk);
}

for (const piece of [1000, 16_384, 1_000_000]) {
  test(`bytes that came in writes of ${piece}: each chunk stays what it was`, async (t) => {
    const chunks: Uint8Array[] = [];
    await receive(t, piece, false, async (chunk) => void chunks.push(chunk));
    t.is(digest(chunks), digest([BYTES]));
  });

  test(`bytes that came in writes of ${piece} and are lent: a chunk stays until the next is asked for, and its memory is used again`, async (t) => {
    const hash = createHash('sha256');
    const memories = new Set<ArrayBufferLike>();
    await receive(t, piece, true, async (chunk) => {
      // More arrives while the chunk is held.
      for (let i = 0; i < 5; i++) await turn();
      hash.update(chunk);
      memories.add(chunk.buffer);
    });
    t.is(hash.digest('hex'), digest([BYTES]));
    t.true(memories.size < 10, `${memories.size} blocks for ${BYTES.length} bytes`);
  });
}

test('what does not fill a block is given out when the server pauses', async (t) => {
  const server = createServer((socket) => { socket.on('data', (bytes) => socket.write(bytes)); });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const inbox = new SocketInbox();
  const socket = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, onread: inbox.onread });
  t.teardown(() => socket.destroy());
  const chunks = inbox.chunks(socket, { idle: 60_000, origin: 'ftp://test', lent: false });
  for (const word of ['one', 'another']) {
    socket.write(word);
    t.is(Buffer.from((await chunks.next()).value ?? []).toString(), word);
  }
  await chunks.return();
});
