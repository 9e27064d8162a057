import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import test from 'ava';
import { isImgkitError } from '../../src/errors.js';
import { serve } from './http-server.js';
import { cleanEnvironment, openClient } from './open-client.js';

cleanEnvironment();

async function* pieces(bytes: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('a request says who it is, wants no compression, and gets any status', async (t) => {
  const server = await serve(t, (request, response) => response.writeHead(418, { 'X-Seen': String(request.headers['x-own']) }).end('teapot'));
  const client = await openClient(t);
  const response = await client.request({ method: 'GET', url: `${server.origin}/a%20b?c=d#e`, headers: { 'X-Own': 'here' } });
  t.is(response.status, 418);
  t.is(response.headers.get('x-seen'), 'here');
  t.is(await response.text(), 'teapot');
  const [request] = server.requests;
  t.is(request?.url, '/a%20b?c=d');
  t.regex(request?.headers['user-agent'] ?? '', /^imgkit/);
  t.is(request?.headers['accept-encoding'], 'identity');
  t.is(request?.headers.authorization, undefined);
});

test('a user in the URL is not sent, and not printed', async (t) => {
  const server = await serve(t, (request, response) => response.end(request.headers.authorization ?? 'none'));
  const response = await (await openClient(t)).request({ method: 'GET', url: server.origin.replace('//', '//user:secret@') });
  t.is(await response.text(), 'none');
  t.false(response.url.includes('secret'));
});

for (const [title, bodySize, header] of [['with its size', 300_001, 'content-length'], ['of unknown size', undefined, 'transfer-encoding']] as const) {
  test(`a streamed body ${title}`, async (t) => {
    const bytes = randomBytes(300_001);
    const server = await serve(t, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => response.end(String(Buffer.concat(chunks).equals(bytes))));
    });
    const response = await (await openClient(t)).request({ method: 'PUT', url: `${server.origin}/file`, body: pieces(bytes), bodySize });
    t.is(await response.text(), 'true');
    t.is(server.requests[0]?.headers[header], header === 'content-length' ? '300001' : 'chunked');
  });
}

test('a body that is shorter or longer than announced fails', async (t) => {
  const server = await serve(t, (request, response) => request.resume().on('end', () => response.end()));
  const client = await openClient(t);
  for (const bodySize of [99_999, 100_001]) {
    await t.throwsAsync(client.request({ method: 'PUT', url: `${server.origin}/`, body: pieces(randomBytes(100_000)), bodySize }), { code: 'network-failed' });
  }
});

test('an error of the body\'s own source comes back as it is', async (t) => {
  const server = await serve(t, (request, response) => request.resume().on('end', () => response.end()));
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield randomBytes(10);
    throw new Error('the source broke');
  };
  await t.throwsAsync((await openClient(t)).request({ method: 'PUT', url: `${server.origin}/`, body: broken() }), { message: 'the source broke' });
});

test('text is bounded', async (t) => {
  const server = await serve(t, (_, response) => {
    const more = (): void => { while (!response.destroyed && response.write(Buffer.alloc(65_536, 'a'))); };
    response.on('drain', more);
    more();
  });
  const response = await (await openClient(t)).request({ method: 'GET', url: `${server.origin}/endless` });
  await t.throwsAsync(response.text(100_000), { code: 'limit-exceeded' });
});

test('discard ends a request whose body nobody wants', async (t) => {
  const server = await serve(t, (_, response) => response.end(Buffer.alloc(1_000_000)));
  const client = await openClient(t);
  for (let round = 0; round < 3; round += 1) await (await client.request({ method: 'GET', url: `${server.origin}/` })).discard();
  t.is((await (await client.request({ method: 'GET', url: `${server.origin}/` })).text()).length, 1_000_000);
});

test('nothing listens, no such host, no such scheme', async (t) => {
  const client = await openClient(t, { connectTimeout: 10_000 });
  await t.throwsAsync(client.request({ method: 'GET', url: 'http://127.0.0.1:1/?secret=1' }), { code: 'network-unreachable', message: /127\.0\.0\.1:1: GET \/ failed: nothing listens/ });
  const unknown = await t.throwsAsync(client.request({ method: 'GET', url: 'http://no-such-host.invalid/' }));
  // Without a name server, the look-up itself may run out of time.
  t.true(isImgkitError(unknown, 'network-unreachable', 'network-timeout'), String(unknown));
  await t.throwsAsync(client.request({ method: 'GET', url: 'gopher://127.0.0.1/' }), { code: 'location-invalid' });
});

test('aborted before, while waiting, and in the middle of a body', async (t) => {
  const server = await serve(t, (request, response) => {
    if (request.url === '/silent') return;
    response.write('beginning');
  });
  const client = await openClient(t);
  await t.throwsAsync(client.request({ method: 'GET', url: `${server.origin}/`, signal: AbortSignal.abort() }), { code: 'interrupted' });
  const waiting = new AbortController();
  setTimeout(() => waiting.abort(), 50);
  await t.throwsAsync(client.request({ method: 'GET', url: `${server.origin}/silent`, signal: waiting.signal }), { code: 'interrupted' });
  const reading = new AbortController();
  const response = await client.request({ method: 'GET', url: `${server.origin}/`, signal: reading.signal });
  await t.throwsAsync(async () => { for await (const chunk of response.body) if (chunk.length > 0) reading.abort(); }, { code: 'interrupted' });
});

test('closing ends a connection that is still being made, as TLS with a server that says nothing', async (t) => {
  const silent = createServer((socket) => void socket.resume()).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.teardown(() => void silent.close());
  const connected = once(silent, 'connection') as Promise<[Socket]>;
  const client = await openClient(t);
  const abort = new AbortController();
  const asked = client.request({ method: 'GET', url: `https://127.0.0.1:${(silent.address() as AddressInfo).port}/`, signal: abort.signal });
  const [socket] = await connected;
  const closed = once(socket, 'close', { signal: AbortSignal.timeout(20_000) });
  abort.abort();
  await t.throwsAsync(asked, { code: 'interrupted' } as object);
  await client.close();
  // Else it lasts for 30 s, and so does the program.
  await t.notThrowsAsync(closed);
});

test('a rate limit holds in both directions', async (t) => {
  const bytes = randomBytes(60_000);
  const server = await serve(t, (request, response) => request.resume().on('end', () => response.end(bytes)));
  const client = await openClient(t, { limitRate: 100_000 });
  const before = performance.now();
  const response = await client.request({ method: 'PUT', url: `${server.origin}/`, body: pieces(bytes), bodySize: bytes.length });
  const between = performance.now();
  t.is(Buffer.from(await response.text(), 'utf8').length > 0, true);
  // A quarter of a second's worth is free at first.
  t.true(between - before >= 300, `${between - before}`);
  t.true(performance.now() - between >= 300);
});
