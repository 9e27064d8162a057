import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { lentBytes, own } from '../../src/content/lent-chunk.js';
import { makeScratch } from '../helpers/scratch.js';
import { makeAuthority } from './certificates.js';
import { serve, serveRaw } from './http-server.js';
import { cleanEnvironment, openClient } from './open-client.js';

cleanEnvironment();
const scratch = makeScratch();
test.after.always(() => scratch.remove());

const BYTES = randomBytes(2 * 1024 * 1024 + 17);
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

/** The SHA-256 of a body, each chunk of which is looked at again after some turns of the event loop: bytes that are lent must not change meanwhile. */
async function slowHash(t: ExecutionContext, body: AsyncIterable<Parameters<typeof own>[0]>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of body) {
    const before = own(chunk);
    for (let i = 0; i < 3; i += 1) await turn();
    t.true(before.equals(lentBytes(chunk)), 'bytes changed while they were lent');
    hash.update(before);
  }
  return hash.digest('hex');
}

interface Answered {
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets the server end the connection, and waits: nothing tells when that is noticed here. */
  release(): Promise<void>;
}

/** The body of an answer after which the server does not end the connection before it is released. */
async function answerThen(t: ExecutionContext, answer: string, end: (socket: Socket) => void, proxy: boolean): Promise<Answered> {
  let go = (): void => undefined;
  const released = new Promise<void>((resolve) => { go = resolve; });
  const server = await serveRaw(t, (socket) => {
    socket.write(answer);
    released.then(() => end(socket), () => undefined);
  });
  if (proxy) process.env['http_proxy'] = server.origin;
  t.teardown(() => { delete process.env['http_proxy']; });
  const { body } = await (await openClient(t)).request({ method: 'GET', url: proxy ? 'http://somewhere.invalid/' : `${server.origin}/` });
  return {
    body,
    async release() {
      go();
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    },
  };
}

test('what is lent does not change until the next is asked for, however much comes behind it, and the next request is not disturbed', async (t) => {
  const server = await serve(t, (_, response) => response.end(BYTES));
  const client = await openClient(t);
  for (let i = 0; i < 2; i += 1) {
    const response = await client.request({ method: 'GET', url: `${server.origin}/` });
    t.is(await slowHash(t, response.lentBody), hashOf(BYTES));
  }
});

test('what is not lent stays', async (t) => {
  const server = await serve(t, (_, response) => response.end(BYTES));
  const response = await (await openClient(t)).request({ method: 'GET', url: `${server.origin}/` });
  const kept: Uint8Array[] = [];
  for await (const chunk of response.body) kept.push(chunk);
  t.is(hashOf(Buffer.concat(kept)), hashOf(BYTES));
});

test('with TLS, whose records come on when reading has stopped', async (t) => {
  const { ca, issue } = await makeAuthority();
  await writeFile(scratch.path('ca.pem'), ca);
  const server = await serve(t, (_, response) => response.end(BYTES), await issue());
  const client = await openClient(t, { ca: scratch.path('ca.pem') });
  for (let i = 0; i < 2; i += 1) {
    const response = await client.request({ method: 'GET', url: `${server.origin}/` });
    t.is(await slowHash(t, response.lentBody), hashOf(BYTES));
  }
});

for (const [title, head] of [['with its length', 'HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\n'], ['up to there', 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n']] as const) {
  for (const proxy of [false, true]) {
    // undici's parser does not expect the end while it waits: it ended the process. Through a proxy the sockets are others.
    test.serial(`a connection that ends while the last of the body is looked at, or along with it${proxy ? ', through a proxy' : ''}, ${title}`, async (t) => {
      for (const last of ['', 'lo']) {
        const { body, release } = await answerThen(t, `${head}${'hello'.slice(0, 5 - last.length)}`, (socket) => socket.end(last), proxy);
        const chunks: string[] = [];
        for await (const chunk of body) {
          chunks.push(Buffer.from(chunk).toString());
          await release();
        }
        t.is(chunks.join(''), 'hello');
      }
    });
  }
}

for (const [title, head] of [['with its length', 'HTTP/1.0 200 OK\r\ncontent-length: 9\r\n\r\n'], ['in chunks', 'HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n9\r\n'], ['up to there', 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n']] as const) {
  for (const proxy of [false, true]) {
    // So did a reset.
    test.serial(`a connection that is reset while the body is looked at is a failure${proxy ? ', through a proxy' : ''}, ${title}`, async (t) => {
      const { body, release } = await answerThen(t, `${head}hello`, (socket) => socket.resetAndDestroy(), proxy);
      await t.throwsAsync(async () => {
        for await (const chunk of body) {
          t.is(Buffer.from(chunk).toString(), 'hello');
          await release();
        }
      }, { code: 'network-failed' });
    });
  }
}

test('in chunks of any size, and up to the end of the connection', async (t) => {
  const answer = (socket: Socket, head: string): void => {
    if (head.startsWith('GET /closed')) {
      socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n'), BYTES]));
      return;
    }
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
    for (let at = 0, size = 1; at < BYTES.length; at += size, size = Math.min(size * 3, 700_000)) {
      const part = BYTES.subarray(at, at + size);
      socket.write(`${part.length.toString(16)}\r\n`);
      socket.write(part);
      socket.write('\r\n');
    }
    socket.write('0\r\nx-trailer: yes\r\n\r\n');
  };
  const server = await serveRaw(t, answer);
  const client = await openClient(t);
  for (const path of ['/chunked', '/closed']) {
    const response = await client.request({ method: 'GET', url: `${server.origin}${path}` });
    t.is(await slowHash(t, response.lentBody), hashOf(BYTES), path);
  }
});

test('a head that comes byte by byte behind a large body is read as it was sent', async (t) => {
  const head = `HTTP/1.1 200 OK\r\ncontent-length: 2\r\n${Array.from({ length: 40 }, (_, i) => `x-name-${i}: value ${i} ${'v'.repeat(i + 1)}\r\n`).join('')}\r\n`;
  let answers = 0;
  const server = await serve(t, (request, response) => {
    answers += 1;
    if (request.url === '/large') return void response.end(BYTES);
    const socket = response.socket as Socket;
    void (async () => {
      for (const each of `${head}ok`) {
        socket.write(each);
        await turn();
      }
    })();
  });
  const client = await openClient(t);
  t.is(await slowHash(t, (await client.request({ method: 'GET', url: `${server.origin}/large` })).lentBody), hashOf(BYTES));
  const response = await client.request({ method: 'GET', url: `${server.origin}/slow` });
  for (let i = 0; i < 40; i += 1) t.is(response.headers.get(`x-name-${i}`), `value ${i} ${'v'.repeat(i + 1)}`);
  t.is(await response.text(), 'ok');
  t.is(answers, 2);
});

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${maxVersion}: a second connection takes up the session of the first`, async (t) => {
    const { ca, issue } = await makeAuthority();
    const path = scratch.path(`${maxVersion}.pem`);
    await writeFile(path, ca);
    const reused: boolean[] = [];
    const server = await serve(t, (request, response) => {
      reused.push((request.socket as TLSSocket).isSessionReused());
      response.setHeader('connection', 'close').end('x');
    }, { ...(await issue()), maxVersion });
    const client = await openClient(t, { ca: path });
    for (let i = 0; i < 2; i += 1) await (await client.request({ method: 'GET', url: `${server.origin}/` })).text();
    t.deepEqual(reused, [false, true]);
  });
}
