import test from 'ava';
import { ImgkitError } from '../../../src/errors.js';
import { writeHttp } from '../../../src/transport/http/http-write.js';
import type { HttpSession } from '../../../src/transport/http/http-session.js';
import { chunked, noise } from '../../contract/transport-harness.js';
import { serve, serveRaw } from '../../network/http-server.js';
import { cleanEnvironment } from '../../network/open-client.js';
import { openFor } from './open-transport.js';

cleanEnvironment();
process.env['HOME'] = '/nonexistent/home';

const SIGNED = '/bucket/app%201.tar?X-Amz-Signature=topsecret&x=%2F';

test('a presigned URL: one PUT with its query, nothing else asked, nothing printed', async (t) => {
  let status = 200;
  const server = await serve(t, (request, response) => request.resume().on('end', () => response.writeHead(status).end('<Error>topsecret</Error>')));
  const transport = await openFor(t, `${server.origin}${SIGNED}`);
  await transport.write('/bucket/app 1.tar', chunked(noise(1000)), { size: 1000 });
  t.deepEqual(server.requests.map(({ method, url }) => `${method} ${url}`), [`PUT ${SIGNED}`]);
  t.is(server.requests[0]?.headers['content-length'], '1000');
  t.is(server.requests[0]?.headers['content-range'], undefined);
  status = 403;
  const error = await t.throwsAsync(transport.write('/bucket/app 1.tar', chunked(noise(10)), { size: 10 }), { code: 'remote-refused', message: /presigned URL has expired/ });
  t.notRegex(`${error?.message} ${JSON.stringify(error)} ${transport.origin}`, /topsecret/);
});

test('the query of a presigned URL goes with no other path', async (t) => {
  const server = await serve(t, (_, response) => response.writeHead(404).end());
  const transport = await openFor(t, `${server.origin}${SIGNED}`);
  for (const path of ['/bucket/app 1.tar.sha256', '/bucket/', '/bucket/app%201.tar']) await transport.stat(path);
  t.true(server.requests.every(({ url }) => url?.includes('?') === false));
  t.deepEqual(await transport.abilities('/bucket/app 1.tar'), { readRange: true, append: false, list: false, rename: 'none', hash: false, partial: 'never' });
});

test('a presigned URL for reading, whose server refuses HEAD', async (t) => {
  const bytes = noise(5000);
  const server = await serve(t, (request, response) => {
    const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    if (request.method !== 'GET') response.writeHead(403).end();
    else if (first === '') response.writeHead(200, { etag: '"v1"' }).end(bytes);
    else {
      const end = last === '' ? bytes.length - 1 : Number(last);
      response.writeHead(206, { 'content-range': `bytes ${first}-${end}/${bytes.length}`, etag: '"v1"' }).end(bytes.subarray(Number(first), end + 1));
    }
  });
  const transport = await openFor(t, `${server.origin}/file?signature=1`);
  t.deepEqual(await transport.stat('/file'), { kind: 'file', size: 5000, version: '"v1"' });
  t.true((await transport.abilities('/file')).readRange);
});

test('a server that confirms and stores something else is found out', async (t) => {
  const server = await serve(t, (request, response) => request.resume().on('end', () => response.writeHead(request.method === 'PUT' ? 201 : 200, request.method === 'PUT' ? {} : { 'content-length': '999', etag: '"1"' }).end()));
  await t.throwsAsync((await openFor(t, server.origin)).write('/file', chunked(noise(1000)), { size: 1000 }), { code: 'network-failed', message: /has 999 of its 1000 bytes/ });
});

test('a drop box that takes files and shows none', async (t) => {
  const server = await serve(t, (request, response) => request.resume().on('end', () => response.writeHead(request.method === 'PUT' ? 201 : 403).end()));
  const transport = await openFor(t, server.origin);
  await transport.write('/incoming/file', chunked(noise(1000)), { size: 1000 });
  t.like(await transport.abilities('/incoming/file'), { list: false, rename: 'none' });
  await t.throwsAsync(transport.stat('/incoming/file'), { code: 'remote-refused' });
});

test('a server that confirms before it has everything', async (t) => {
  const server = await serveRaw(t, (socket) => { socket.write('HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n'); });
  const slow = async function* (): AsyncGenerator<Uint8Array> {
    for (let sent = 0; sent < 100; sent += 1) {
      yield noise(1000);
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
  };
  await t.throwsAsync((await openFor(t, server.origin)).write('/file', slow(), { size: 100_000 }), { code: 'network-failed' });
});

test('an offset is refused before anything is sent', async (t) => {
  const server = await serve(t, (_, response) => response.end());
  await t.throwsAsync((await openFor(t, server.origin)).write('/file', chunked(noise(10)), { offset: 5, size: 15 }), { code: 'remote-refused' });
  t.is(server.requests.length, 0);
});

for (const [status, code] of [[403, 'remote-refused'], [405, 'remote-refused'], [413, 'remote-refused'], [423, 'remote-refused'], [507, 'remote-full'], [500, 'network-failed'], [301, 'remote-refused'], [411, 'remote-refused']] as const) {
  test(`PUT answered with ${status} is ${code}`, async (t) => {
    const server = await serve(t, (request, response) => request.resume().on('end', () => response.writeHead(status, { location: '/elsewhere' }).end()));
    await t.throwsAsync((await openFor(t, server.origin)).write('/file', chunked(noise(10)), { size: 10 }), { code });
  });
}

test('abilities of a server that only has GET', async (t) => {
  const server = await serve(t, (request, response) => {
    if (request.method === 'HEAD') response.writeHead(200, { 'accept-ranges': 'none', 'content-length': '5', 'last-modified': 'Fri, 20 Nov 2026 10:00:00 GMT' }).end();
    else response.writeHead(request.method === 'GET' ? 200 : 405).end();
  });
  t.deepEqual(await (await openFor(t, server.origin)).abilities('/file'), { readRange: false, append: false, list: false, rename: 'none', hash: false, partial: 'never' });
});

test('MOVE: taken, gone, not allowed; the destination is a whole URL', async (t) => {
  let status = 201;
  const server = await serve(t, (_, response) => response.writeHead(status).end());
  const transport = await openFor(t, server.origin);
  await transport.rename('/a b', '/c#d', { replace: false });
  t.is(server.requests[0]?.headers['destination'], `${server.origin}/c%23d`);
  t.is(server.requests[0]?.headers['overwrite'], 'F');
  for (const [next, code] of [[412, 'remote-refused'], [404, 'file-not-found'], [405, 'remote-refused'], [207, 'remote-refused'], [507, 'remote-full'], [200, 'remote-refused']] as const) {
    status = next;
    await t.throwsAsync(transport.rename('/a', '/b', { replace: true }), { code }, `${next}`);
  }
});

test('listings that are endless, lie or are none', async (t) => {
  const server = await serve(t, (request, response) => {
    if (request.url === '/endless/' && request.method === 'PROPFIND') {
      response.writeHead(207);
      const more = (): void => { while (!response.destroyed && response.write(' '.repeat(1 << 20))); };
      response.on('drain', more);
      more();
    } else if (request.url === '/many/') {
      if (request.method === 'PROPFIND') response.writeHead(405).end();
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(Array.from({ length: 100_001 }, (_, i) => ({ name: `${i}` }))));
    } else if (request.url === '/lies/') response.writeHead(207).end('<multistatus xmlns="DAV:"><response><href>/lies/../../etc/passwd</href></response><response><href>/lies/good</href></response><response><href>/lies/..%2Fbad</href></response></multistatus>');
    else if (request.url === '/file.tar/') response.writeHead(207).end('<multistatus xmlns="DAV:"><response><href>/file.tar/</href><propstat><prop><getcontentlength>5</getcontentlength><resourcetype/></prop></propstat></response></multistatus>');
    else if (request.url === '/html/') response.writeHead(207).end('<html><br></html>');
    else response.writeHead(405).end();
  });
  const transport = await openFor(t, server.origin);
  await t.throwsAsync(transport.list('/endless'), { code: 'limit-exceeded' });
  await t.throwsAsync(transport.list('/many'), { code: 'limit-exceeded', message: /more than 100000 names/ });
  t.deepEqual(await transport.list('/lies'), [{ name: 'good', kind: 'file' }]);
  await t.throwsAsync(transport.list('/html'), { code: 'network-failed' });
  await t.throwsAsync(transport.list('/file.tar'), { code: 'location-unsupported', message: /is a file, not a folder/ });
  await t.throwsAsync(transport.list('/none'), { code: 'location-unsupported' });
});

/** A server that has the `size` bytes that were announced, and whose answer comes before anybody asks for more: a matter of luck with a real one. */
function hasty(size: number): HttpSession {
  const session = {
    host: 'drop.example', urlOf: () => new URL('https://drop.example/a'), isSigned: () => true,
    async request({ body }: { readonly body: AsyncIterable<Uint8Array> }) {
      const chunks = body[Symbol.asyncIterator]();
      for (let got = 0; got < size; got += ((await chunks.next()).value as Uint8Array).length);
      return { status: 201, discard: async () => undefined };
    },
  };
  return session as unknown as HttpSession;
}

test('an answer that comes before the end of the source was asked for is no early one', async (t) => {
  const done: number[] = [];
  await writeHttp(hasty(1000), '/a', chunked(noise(1000)), { size: 1000, onSent: (sent) => done.push(sent) });
  t.is(done.at(-1), 1000);
  await t.throwsAsync(writeHttp(hasty(900), '/a', chunked(noise(900)), { size: 1000 }), { code: 'network-failed', message: /before it had all of it \(900 of 1000 bytes\)/ });
});

test('what the source finds out at its end counts, however early the answer comes', async (t) => {
  const source = async function* (): AsyncGenerator<Uint8Array> {
    yield noise(1000);
    throw new ImgkitError('digest-mismatch', 'the last blob is another one');
  };
  await t.throwsAsync(writeHttp(hasty(1000), '/a', source(), { size: 1000 }), { code: 'digest-mismatch' });
  await t.throwsAsync(writeHttp(hasty(1000), '/a', chunked(noise(1200)), { size: 1000 }), { name: 'ImgkitError' });
});
