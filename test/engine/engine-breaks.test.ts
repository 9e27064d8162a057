import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { engineAddress } from '../../src/engine/engine-address.js';
import { connectEngine, type EngineClient } from '../../src/engine/engine-client.js';
import { exportEngineImages, listEngineImages, loadIntoEngine } from '../../src/engine/engine-images.js';
import { collect } from '../contract/read-blob.js';
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
