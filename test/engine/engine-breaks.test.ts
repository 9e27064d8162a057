import { createServer, type ServerResponse } from 'node:http';
import { createServer as createNetServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { engineAddress } from '../../src/engine/engine-address.js';
import { connectEngine, type EngineClient } from '../../src/engine/engine-client.js';
import { exportEngineImages, listEngineImages, loadIntoEngine } from '../../src/engine/engine-images.js';
import { collect } from '../content/bytes.js';
import { tempFolder } from '../content/temp.js';

/** An engine that reads a request, begins its answer, and does no more; `then` gets what it has begun. */
async function beginning(t: ExecutionContext, then: (response: ServerResponse) => void): Promise<EngineClient> {
  const socket = join(await tempFolder(t), 'engine.sock');
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200).write('{"stream":"Loaded', () => then(response)));
  });
  await new Promise<void>((resolve) => { server.listen(socket, resolve); });
  const client = await connectEngine(engineAddress(`unix://${socket}`));
  t.teardown(async () => {
    await client.close();
    server.closeAllConnections();
    server.close();
  });
  return client;
}

async function* archive(): AsyncIterable<Uint8Array> {
  yield Buffer.from('tar');
}

const asking: readonly [string, (client: EngineClient, signal?: AbortSignal) => Promise<unknown>][] = [
  ['a list', (client, signal) => listEngineImages(client, signal)],
  ['a load', (client, signal) => loadIntoEngine(client, archive(), 3, signal)],
  ['an export', async (client, signal) => collect(await exportEngineImages(client, ['a:1'], signal))],
];
for (const [name, ask] of asking) {
  test(`an engine that dies in the middle of its answer to ${name} is told of in a sentence`, async (t) => {
    const client = await beginning(t, (response) => response.socket?.destroy());
    await t.throwsAsync(ask(client), { code: 'engine-failed', message: /^The Docker engine at unix:.* broke off in the middle of its answer/ });
  });

  test(`whoever stops waiting for the answer to ${name} is told that`, async (t) => {
    const stop = new AbortController();
    const client = await beginning(t, () => stop.abort());
    await t.throwsAsync(ask(client, stop.signal), { code: 'interrupted' });
  });
}

test('an engine that closes the connection before it answers is not called absent', async (t) => {
  const socket = join(await tempFolder(t), 'engine.sock');
  const server = createServer((request) => { request.resume().on('end', () => request.socket.destroy()); });
  await new Promise<void>((resolve) => { server.listen(socket, resolve); });
  const client = await connectEngine(engineAddress(`unix://${socket}`));
  t.teardown(async () => {
    await client.close();
    server.close();
  });
  await t.throwsAsync(loadIntoEngine(client, archive(), 3), { code: 'engine-failed', message: /closed the connection before it answered; look at its log/ });
});

/** An engine that hands over each connection once something was asked. */
async function rawEngine(t: ExecutionContext, answer: (socket: Socket) => void, onConnection: (socket: Socket) => void = () => undefined): Promise<number> {
  const server: Server = createNetServer((socket) => {
    onConnection(socket);
    socket.on('error', () => undefined).once('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

const BODY = Buffer.alloc(400_000, 'tar ');
const endings: readonly [string, (socket: Socket) => void, 'whole' | 'engine-failed'][] = [
  ['ends its answer by closing', (socket) => socket.end(), 'whole'],
  ['closes in the middle of an answer of a known length', (socket) => socket.end(), 'engine-failed'],
  ['resets the connection', (socket) => void setTimeout(() => socket.resetAndDestroy(), 50), 'engine-failed'],
];
for (const [name, end, outcome] of endings) {
  test(`an engine that ${name} while its answer waits to be written somewhere`, async (t) => {
    const length = outcome === 'whole' ? '' : `Content-Length: ${2 * BODY.length}\r\n`;
    const port = await rawEngine(t, (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nConnection: close\r\n${length}\r\n`);
      socket.write(BODY);
      end(socket);
    });
    const client = await connectEngine(engineAddress(`tcp://127.0.0.1:${port}`));
    t.teardown(() => client.close());
    const slowly = async (): Promise<number> => {
      let size = 0;
      for await (const chunk of (await client.request({ method: 'GET', path: '/export' })).body) {
        size += chunk.length;
        await delay(100);
      }
      return size;
    };
    if (outcome === 'whole') t.is(await slowly(), BODY.length);
    else await t.throwsAsync(slowly(), { code: outcome });
  });
}

test('whoever stops while the engine is silent about TLS does not wait for the end of its time, and nothing stays open', async (t) => {
  let closed: Promise<void> | undefined;
  const stop = new AbortController();
  const port = await rawEngine(t, () => stop.abort(), (socket) => { closed = new Promise((resolve) => { socket.once('close', () => resolve()); }); });
  const client = await connectEngine(engineAddress(`tcp://127.0.0.1:${port}`, { certificates: await tempFolder(t), from: 'the test' }));
  const before = performance.now();
  await t.throwsAsync(loadIntoEngine(client, archive(), 3, stop.signal), { code: 'interrupted' });
  await client.close();
  await closed;
  // undici gives a connection ten seconds.
  t.true(performance.now() - before < 8_000);
});
