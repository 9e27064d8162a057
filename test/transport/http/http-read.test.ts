import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import test from 'ava';
import { digestHex, digestOf } from '../../../src/content/digest.js';
import { digest, fetch, listFolder } from '../../../src/index.js';
import type { ReadOptions } from '../../../src/transport/transport.js';
import { tempFolder } from '../../content/temp.js';
import { collect } from '../../content/bytes.js';
import { noise } from '../../contract/transport-harness.js';
import { serve } from '../../network/http-server.js';
import { cleanEnvironment } from '../../network/open-client.js';
import { openFor } from './open-transport.js';

cleanEnvironment();

const BYTES = noise(100_000);
const part = (headers: Record<string, string>, bytes = BYTES.subarray(1000, 2000)): RequestListener => (_, response) => response.writeHead(206, headers).end(bytes);
const RANGE = { offset: 1000, length: 1000 };

/** What a server may answer to bytes 1000-1999 of a file, and whether that is taken. */
const ANSWERS: readonly (readonly [title: string, answer: RequestListener, options: ReadOptions, good: boolean])[] = [
  ['the range', part({ 'content-range': 'bytes 1000-1999/100000' }), RANGE, true],
  ['the range of an unknown size', part({ 'content-range': 'bytes 1000-1999/*' }), RANGE, true],
  ['no range', part({}), RANGE, false],
  ['another range', part({ 'content-range': 'bytes 0-999/100000' }), RANGE, false],
  ['a shorter range', part({ 'content-range': 'bytes 1000-1499/1500' }, BYTES.subarray(1000, 1500)), RANGE, false],
  ['a longer range', part({ 'content-range': 'bytes 1000-2999/100000' }, BYTES.subarray(1000, 3000)), RANGE, false],
  ['more than the range says', part({ 'content-range': 'bytes 1000-1999/100000' }, BYTES.subarray(1000, 3000)), RANGE, false],
  ['less than the range says', part({ 'content-range': 'bytes 1000-1999/100000' }, BYTES.subarray(1000, 1999)), RANGE, false],
  ['several ranges', part({ 'content-type': 'multipart/byteranges; boundary=x' }), RANGE, false],
  ['everything, with 200', (_, response) => response.writeHead(200, { etag: '"1"' }).end(BYTES), RANGE, true],
  ['everything, in chunks', (_, response) => { response.write(BYTES.subarray(0, 1500)); response.end(BYTES.subarray(1500)); }, RANGE, true],
  ['everything of the same version', (_, response) => response.writeHead(200, { etag: '"1"' }).end(BYTES), { ...RANGE, version: '"1"' }, true],
  ['everything of another version', (_, response) => response.writeHead(200, { etag: '"2"' }).end(BYTES), { ...RANGE, version: '"1"' }, false],
  ['a range of another version', part({ 'content-range': 'bytes 1000-1999/100000', etag: '"2"' }), { ...RANGE, version: '"1"' }, false],
  ['everything without a version', (_, response) => response.end(BYTES), { ...RANGE, version: '"1"' }, false],
  ['a shorter file', (_, response) => response.end(BYTES.subarray(0, 1999)), RANGE, false],
  ['412', (_, response) => response.writeHead(412).end(), { ...RANGE, version: '"1"' }, false],
  ['416', (_, response) => response.writeHead(416, { 'content-range': 'bytes */500' }).end(), RANGE, false],
];
for (const [title, answer, options, good] of ANSWERS) {
  test(`asked for a range, the server sends ${title}: ${good ? 'taken' : 'refused'}`, async (t) => {
    const server = await serve(t, answer);
    const read = collect((await openFor(t, server.origin)).read('/file', options));
    if (good) t.true((await read).equals(BYTES.subarray(1000, 2000)));
    else await t.throwsAsync(read, { code: 'network-failed' });
    t.is(server.requests[0]?.headers.range, 'bytes=1000-1999');
    t.is(server.requests[0]?.headers['if-range'], options.version);
  });
}

test('a part is the rest only when it reaches the end', async (t) => {
  const server = await serve(t, (request, response) => {
    response.writeHead(206, { 'content-range': request.url === '/good' ? 'bytes 99000-99999/100000' : 'bytes 99000-99998/100000' });
    response.end(BYTES.subarray(99_000, request.url === '/good' ? undefined : 99_999));
  });
  const transport = await openFor(t, server.origin);
  t.true((await collect(transport.read('/good', { offset: 99_000 }))).equals(BYTES.subarray(99_000)));
  await t.throwsAsync(collect(transport.read('/bad', { offset: 99_000 })), { code: 'network-failed' });
});

test('nothing is left at the very end, and that is no error', async (t) => {
  const server = await serve(t, (_, response) => response.writeHead(416, { 'content-range': 'bytes */100' }).end());
  const transport = await openFor(t, server.origin);
  t.is((await collect(transport.read('/file', { offset: 100 }))).length, 0);
  await t.throwsAsync(collect(transport.read('/file', { offset: 101 })), { code: 'network-failed' });
});

test('a whole file of another version than at first', async (t) => {
  const server = await serve(t, (_, response) => response.writeHead(200, { etag: '"2"' }).end(BYTES));
  await t.throwsAsync(collect((await openFor(t, server.origin)).read('/file', { version: '"1"' })), { code: 'network-failed', message: /another one than at first/ });
});

for (const [status, code] of [[401, 'login-failed'], [403, 'remote-refused'], [404, 'file-not-found'], [410, 'file-not-found'], [500, 'network-failed'], [503, 'network-failed']] as const) {
  test(`${status} is ${code}`, async (t) => {
    const server = await serve(t, (_, response) => response.writeHead(status).end('<html>a page of words</html>'));
    await t.throwsAsync(collect((await openFor(t, server.origin)).read('/file')), { code });
  });
}

test('stat: sizes, versions and what is no number', async (t) => {
  const server = await serve(t, (request, response) => {
    if (request.method !== 'HEAD') {
      response.writeHead(405).end();
      return;
    }
    if (request.url === '/weak') response.writeHead(200, { etag: 'W/"1"', 'content-length': '5' });
    else if (request.url === '/strong') response.writeHead(200, { etag: '"1"', 'last-modified': 'Fri, 20 Nov 2026 10:00:00 GMT' });
    else if (request.url === '/folder') response.writeHead(301, { location: '/folder/' });
    else if (request.url === '/moved') response.writeHead(302, { location: '/strong' });
    else response.writeHead(404);
    response.end();
  });
  const transport = await openFor(t, server.origin);
  t.deepEqual(await transport.stat('/weak'), { kind: 'file', size: 5 });
  t.deepEqual(await transport.stat('/strong'), { kind: 'file', modified: new Date('2026-11-20T10:00:00Z'), version: '"1"' });
  t.deepEqual(await transport.stat('/folder'), { kind: 'folder' });
  t.deepEqual(await transport.stat('/moved'), { kind: 'file', modified: new Date('2026-11-20T10:00:00Z'), version: '"1"' });
  t.is(await transport.stat('/nothing'), undefined);
});

test('who reads asks by GET and HEAD alone: a firewall may cut the connection for anything else', async (t) => {
  const folder = await tempFolder(t);
  const server = await serve(t, (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') request.socket.destroy();
    else if (request.url === '/pub/') response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Index of /pub/</title><a href="app.tar">app.tar</a>');
    else if (request.url === '/pub/app.tar') response.writeHead(200, { 'content-type': 'application/x-tar' }).end(BYTES);
    else if (request.url === '/pub/app.tar.sha256') response.end(`${digestHex(digestOf(BYTES))}  app.tar\n`);
    else response.writeHead(404).end();
  });
  const url = `${server.origin}/pub/app.tar`;
  t.like(await fetch({ url, output: join(folder, 'app.tar'), retries: 0 }), { status: 'fetched', size: BYTES.length });
  t.like(await digest({ target: url }), { file: digestOf(BYTES) });
  t.deepEqual([...new Set(server.requests.map(({ method }) => method))].toSorted(), ['GET', 'HEAD']);
  // WebDAV tells more of a folder than its page, and the page is there where it is cut off.
  t.like(await listFolder({ url: `${server.origin}/pub/` }), { files: [{ name: 'app.tar' }] });
});
