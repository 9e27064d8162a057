import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { connectEngine, type EngineClient } from '../../src/engine/engine-client.js';
import { engineAddress } from '../../src/engine/engine-address.js';
import { engineApiVersion, engineImageId, exportEngineImages, listEngineImages } from '../../src/engine/engine-images.js';
import { tempFolder } from '../content/temp.js';

/** What answers there is no engine, or one behind a proxy that says something of its own. */
async function answering(t: ExecutionContext, status: number, text: string): Promise<EngineClient> {
  const socket = join(await tempFolder(t), 'engine.sock');
  const server = createServer((_, response) => response.writeHead(status).end(text));
  await new Promise<void>((resolve) => { server.listen(socket, resolve); });
  const client = await connectEngine(engineAddress(`unix://${socket}`));
  t.teardown(async () => {
    await client.close();
    server.close();
  });
  return client;
}

for (const text of ['<html>Bad gateway</html>', '', 'null', '[null]', '[[]]', '["x"]', '{}', '[{}]', '[{"Id":1}]', '[{"Id":"a","Created":1e300,"Size":1}]', '[{"Id":"a","Created":1,"Size":"x"}]']) {
  test(`an answer of ${text} is the engine's fault`, async (t) => {
    const client = await answering(t, 200, text);
    for (const ask of [listEngineImages, engineApiVersion, (one: EngineClient) => engineImageId(one, 'a:1')]) await t.throwsAsync(ask(client), { code: 'engine-failed', message: /its log may say more/ });
  });
}

test('an engine with no image has an empty list', async (t) => {
  t.deepEqual(await listEngineImages(await answering(t, 200, '[]')), []);
});

for (const text of ['null', '{"message":{"a":1}}', '{"message":7}', 'x'.repeat(100_000)]) {
  test(`a refusal of ${text.slice(0, 20)} is told in a sentence`, async (t) => {
    const error = await t.throwsAsync(exportEngineImages(await answering(t, 500, text), ['a:1']), { code: 'engine-failed' });
    t.notRegex(String(error?.message), /\[object|undefined/);
    t.true(String(error?.message).length < 1000);
  });
}

test('an image that is not there, as podman says it, is called that', async (t) => {
  await t.throwsAsync(exportEngineImages(await answering(t, 500, '{"cause":"image not known","message":"docker.io/library/a:1: image not known","response":500}'), ['a:1']), { code: 'image-not-found' });
});

test('an engine that wants TLS is said to, and one that has none where TLS is asked for', async (t) => {
  const wants = await answering(t, 400, 'Client sent an HTTP request to an HTTPS server.\n');
  await t.throwsAsync(listEngineImages(wants), { code: 'engine-failed', message: /an HTTPS server; set DOCKER_TLS_VERIFY=1, / });
  const server = createServer((_, response) => response.end('[]'));
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.teardown(() => void server.close());
  const folder = await tempFolder(t);
  const has = await connectEngine(engineAddress(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, { certificates: folder, from: 'DOCKER_HOST' }));
  t.teardown(() => has.close());
  await t.throwsAsync(listEngineImages(has), { code: 'engine-unreachable', message: /does not speak TLS at this port; check scheme and port, or unset DOCKER_TLS_VERIFY\. Set / });
});
