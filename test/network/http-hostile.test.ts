import test from 'ava';
import { isImgkitError } from '../../src/errors.js';
import { serveRaw } from './http-server.js';
import { cleanEnvironment, openClient } from './open-client.js';

cleanEnvironment();

async function readAll(body: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const chunk of body) size += chunk.length;
  return size;
}

const CUTS: readonly (readonly [title: string, answer: string])[] = [
  ['a body cut before its Content-Length', 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n0123456789'],
  ['a chunked body without its end', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\n0123456789\r\n'],
  ['a chunk cut in the middle', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffff\r\n0123456789'],
  ['a chunk of a malformed size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n0123456789'],
];
for (const [title, answer] of CUTS) {
  test(`${title} is an error`, async (t) => {
    const server = await serveRaw(t, (socket) => socket.end(answer));
    const error = await t.throwsAsync(async () => {
      const response = await (await openClient(t)).request({ method: 'GET', url: `${server.origin}/file` });
      await readAll(response.body);
    });
    t.true(isImgkitError(error, 'network-failed'), String(error));
  });
}

const NONSENSE: readonly (readonly [title: string, answer: string])[] = [
  ['no HTTP at all', '220 ftp.example FTP server ready\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n12'],
  ['a length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n'],
  ['a negative length', 'HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n12345'],
  ['nothing', ''],
  ['half a header', 'HTTP/1.1 200 OK\r\ncontent-le'],
];
for (const [title, answer] of NONSENSE) {
  test(`a server that says ${title}`, async (t) => {
    const server = await serveRaw(t, (socket) => socket.end(answer));
    await t.throwsAsync((await openClient(t)).request({ method: 'GET', url: `${server.origin}/file` }), { code: 'network-failed' });
  });
}

test('headers without an end are not read for ever', async (t) => {
  const server = await serveRaw(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    const more = (): void => { while (!socket.destroyed && socket.write(`x-filler: ${'a'.repeat(1000)}\r\n`)); };
    socket.on('drain', more);
    more();
  });
  await t.throwsAsync((await openClient(t)).request({ method: 'GET', url: `${server.origin}/` }), { code: 'network-failed', message: /headers without an end/ });
});

test('a server that never answers is given up', async (t) => {
  const server = await serveRaw(t, () => undefined);
  await t.throwsAsync((await openClient(t, { idleTimeout: 200 })).request({ method: 'GET', url: `${server.origin}/` }), { code: 'network-timeout' });
});

test('headers that trickle are given up', async (t) => {
  const server = await serveRaw(t, (socket) => {
    const timer = setInterval(() => socket.write('x'), 50);
    socket.on('close', () => clearInterval(timer));
  });
  const error = await t.throwsAsync((await openClient(t, { idleTimeout: 500 })).request({ method: 'GET', url: `${server.origin}/` }));
  t.true(isImgkitError(error, 'network-timeout', 'network-failed'), String(error));
});

test('a body that stops is given up', async (t) => {
  const server = await serveRaw(t, (socket) => { socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n0123456789'); });
  const client = await openClient(t, { idleTimeout: 300 });
  await t.throwsAsync(async () => readAll((await client.request({ method: 'GET', url: `${server.origin}/` })).body), { code: 'network-timeout' });
});

test('a body that trickles for ever ends with the total time', async (t) => {
  const server = await serveRaw(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
    const timer = setInterval(() => socket.write('x'), 20);
    socket.on('close', () => clearInterval(timer));
  });
  const client = await openClient(t, { totalTimeout: 400 });
  await t.throwsAsync(async () => readAll((await client.request({ method: 'GET', url: `${server.origin}/` })).body), { code: 'network-timeout' });
});

test('a server that stops taking an upload is given up', async (t) => {
  const server = await serveRaw(t, (socket) => { socket.pause(); });
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    for (;;) yield Buffer.alloc(1 << 20);
  };
  await t.throwsAsync((await openClient(t, { idleTimeout: 500 })).request({ method: 'PUT', url: `${server.origin}/`, body: endless() }), { code: 'network-timeout' });
});

test('an answer before the upload is done is heard', async (t) => {
  const server = await serveRaw(t, (socket) => { socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nno!'); });
  const slow = async function* (): AsyncGenerator<Uint8Array> {
    for (let sent = 0; sent < 1000; sent += 1) {
      yield Buffer.alloc(1000);
      await new Promise((resolve) => { setTimeout(resolve, 5); });
    }
  };
  const response = await (await openClient(t)).request({ method: 'PUT', url: `${server.origin}/`, body: slow(), bodySize: 1_000_000 });
  t.is(response.status, 413);
  t.is(await response.text(), 'no!');
});

test('what a server says that refuses an upload and closes is read, also when we write once more before that', async (t) => {
  let closed = (): void => undefined;
  const closing = new Promise<void>((resolve) => { closed = resolve; });
  const server = await serveRaw(t, (socket) => {
    socket.write('HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 8\r\n\r\nno more!');
    // Before it has read what came.
    socket.destroy();
    closed();
  });
  const body = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(200_000);
    await closing;
    for (;;) yield Buffer.alloc(1000);
  };
  const response = await (await openClient(t)).request({ method: 'PUT', url: `${server.origin}/file`, body: body() });
  t.is(response.status, 413);
  t.is(await response.text(), 'no more!');
});

test('a connection that is reset while an upload is sent is a failure at once', async (t) => {
  const server = await serveRaw(t, (socket) => void socket.resetAndDestroy());
  const begun = performance.now();
  await t.throwsAsync((await openClient(t)).request({ method: 'PUT', url: `${server.origin}/file`, body: (async function* () { for (;;) yield Buffer.alloc(65_536); })() }), { code: 'network-failed' });
  t.true(performance.now() - begun < 900);
});
