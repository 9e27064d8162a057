import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { startFaultProxy, type ConnectionFaults, type FaultProxy } from './tcp-proxy.js';

/** A server that sends back what it gets, behind a proxy. */
async function echo(t: ExecutionContext, faults?: ConnectionFaults): Promise<FaultProxy> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const proxy = await startFaultProxy({ target: { port: (server.address() as AddressInfo).port }, faults: () => faults });
  t.teardown(async () => {
    await proxy.close();
    server.close();
  });
  return proxy;
}

async function roundTrip(socket: Socket, bytes: Uint8Array): Promise<{ readonly received: Buffer; readonly error: NodeJS.ErrnoException | undefined }> {
  const chunks: Buffer[] = [];
  let error: NodeJS.ErrnoException | undefined;
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', (thrown) => { error = thrown; });
  socket.end(bytes);
  await new Promise((resolve) => { socket.once('close', resolve); });
  return { received: Buffer.concat(chunks), error };
}

const DATA = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));
const dial = (proxy: FaultProxy): Socket => connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });

test('without faults all bytes pass, half-closed or not', async (t) => {
  const proxy = await echo(t);
  const { received, error } = await roundTrip(dial(proxy), DATA);
  t.is(error, undefined);
  t.true(received.equals(DATA));
  t.is(proxy.connections, 1);
  t.is(proxy.bytes.up, DATA.length);
});

for (const after of [0, 1, 70_001]) {
  test(`a cut after ${after} bytes down delivers exactly those`, async (t) => {
    const { received } = await roundTrip(dial(await echo(t, { down: { after, how: 'cut' } })), DATA);
    t.is(received.length, after);
    t.true(received.equals(DATA.subarray(0, after)));
  });
}

test('a reset is seen as one', async (t) => {
  const { error } = await roundTrip(dial(await echo(t, { up: { after: 1000, how: 'reset' } })), DATA);
  t.true(error?.code === 'ECONNRESET' || error?.code === 'EPIPE', error?.code);
});

test('a flipped byte is the only one that differs', async (t) => {
  const { received } = await roundTrip(dial(await echo(t, { down: { flip: 123_456 } })), DATA);
  t.is(received.length, DATA.length);
  t.deepEqual([...received.keys()].filter((at) => received[at] !== DATA[at]), [123_456]);
});

test('a stalled connection stays open and silent until it is dropped', async (t) => {
  const proxy = await echo(t, { down: { after: 10, how: 'stall' } });
  const socket = dial(proxy);
  const done = roundTrip(socket, DATA);
  await new Promise((resolve) => { socket.once('data', resolve); });
  await new Promise((resolve) => { setTimeout(resolve, 100); });
  t.false(socket.destroyed);
  proxy.dropAll();
  t.is((await done).received.length, 10);
});
