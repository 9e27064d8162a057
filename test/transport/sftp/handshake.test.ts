import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { isImgkitError } from '../../../src/errors.js';
import type { NetworkOptions } from '../../../src/network/network-options.js';
import { openSftpTransport } from '../../../src/transport/sftp/sftp-transport.js';
import { startFaultProxy, type FaultProxy } from '../../faults/tcp-proxy.js';
import { startHostileSftp } from '../../helpers/hostile-sftp.js';
import { forgetThePerson } from '../../helpers/sftp-client.js';
import { makeScratch } from '../../helpers/scratch.js';

const scratch = makeScratch();
forgetThePerson(scratch);
test.after.always(() => scratch.remove());

/** What comes of connecting to a server that does nothing but this. */
async function meets(t: ExecutionContext, greet: (socket: Socket) => void, expected: { readonly code: string; readonly message: RegExp }, connectTimeout = 60_000): Promise<void> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket)).resume();
    greet(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const transport = await openSftpTransport(`sftp://me@127.0.0.1:${(server.address() as AddressInfo).port}`, { hostKey: `SHA256:${'A'.repeat(43)}`, connectTimeout });
  await t.throwsAsync(transport.stat('/x'), expected);
  await transport.close();
  const closed = once(server, 'close');
  server.close();
  for (const socket of open) socket.destroy();
  await closed;
}

const ours = (message: RegExp): { readonly code: string; readonly message: RegExp } => ({ code: 'network-failed', message });

for (const [title, greet, message] of [
  ['nothing, and closes', (socket) => socket.end(), /closed the connection before it said anything/],
  ['nothing, and resets', (socket) => socket.resetAndDestroy(), /closed the connection|was reset/],
  ['why it is busy, and closes', (socket) => socket.end('Exceeded MaxStartups\r\n'), /said "Exceeded MaxStartups" and closed/],
  ['half a version, and closes', (socket) => socket.end('SSH-2.0-Open'), /said "SSH-2.0-Open" and closed/],
  ['a version, and closes', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'), /the server closed the connection/],
  ['a version, and noise', (socket) => socket.write(Buffer.concat([Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), Buffer.alloc(500, 255)])), /connecting failed/],
  ['an old version', (socket) => socket.write('SSH-1.5-old\r\n'), /speaks an old SSH only \("SSH-1.5-old"\)/],
  ['what a web server says', (socket) => socket.write('HTTP/1.1 400 Bad\u001b[2J\r\n\r\n'), /no SSH server, for it says "HTTP\/1.1 400 Bad \[2J"/],
  ['what an FTP server says', (socket) => socket.write('220 Welcome\r\n'), /no SSH server, for it says "220 Welcome"/],
  ['NULs', (socket) => socket.write(Buffer.alloc(100)), /no SSH server/],
  ['one line without an end', (socket) => socket.write('x'.repeat(40_000)), /no SSH server/],
  ['lines without an end', (socket) => socket.write('hello\r\n'.repeat(10_000)), /no SSH server, for it says something else \("hello"\)/],
] as readonly [string, (socket: Socket) => unknown, RegExp][]) {
  test(`a server that says ${title}`, async (t) => {
    await meets(t, (socket) => void greet(socket), ours(message));
  });
}

test('a server that says nothing, or half a version, and waits', async (t) => {
  await meets(t, () => undefined, { code: 'network-timeout', message: /no session within 0.3 s; check/ }, 300);
  await meets(t, (socket) => void socket.write('SSH-2.0-Open'), { code: 'network-timeout', message: /no session within 0.5 s/ }, 500);
  await meets(t, (socket) => void socket.write('Wait a moment\r\n'), { code: 'network-timeout', message: /no session within/ }, 500);
});

/** A good server behind a proxy, and how to connect to it. */
async function behindProxy(work: (proxy: FaultProxy, dial: () => Promise<unknown>) => Promise<void>): Promise<void> {
  const server = await startHostileSftp({ serve: (sftp) => sftp.on('STAT', (id) => sftp.status(id, 2)) });
  const proxy = await startFaultProxy({ target: { port: Number(new URL(server.url).port) } });
  const network: NetworkOptions = { hostKey: server.fingerprint, askPassword: async () => 'right' };
  try {
    await work(proxy, async () => {
      const transport = await openSftpTransport(`sftp://me@127.0.0.1:${proxy.port}`, network);
      try {
        await transport.stat('/x');
        return undefined;
      } catch (error) {
        return error;
      } finally {
        await transport.close();
      }
    });
  } finally {
    await proxy.close();
    await server.close();
  }
}

test('a connection that is cut anywhere before the session is there ends with network-failed', async (t) => {
  await behindProxy(async (proxy, dial) => {
    t.is(await dial(), undefined);
    const { up, down } = { ...proxy.bytes };
    for (const [direction, length] of [['up', up], ['down', down]] as const) {
      // Every part of the handshake, at places that no two runs share.
      for (let start = 0; start < length - 1; start += Math.ceil(length / 20)) {
        const after = Math.min(length - 2, start + Math.floor(Math.random() * (length / 20)));
        const how = Math.random() < 0.5 ? 'cut' : 'reset';
        proxy.setFaults(() => ({ [direction]: { after, how } }));
        const error = await dial();
        // Bytes that only say goodbye are not missed.
        if (error !== undefined || after < length * 0.8) t.true(isImgkitError(error, 'network-failed'), `${direction}, ${how} after ${after} of ${length}: ${String(error)}`);
      }
    }
    proxy.setFaults(undefined);
    t.is(await dial(), undefined);
  });
});

test('a handshake that comes byte by byte is one', async (t) => {
  const server = await startHostileSftp({ serve: (sftp) => sftp.on('STAT', (id) => sftp.status(id, 2)) });
  const slow = createServer((socket) => {
    const upstream = connect({ host: '127.0.0.1', port: Number(new URL(server.url).port) }).on('error', () => undefined);
    socket.on('error', () => undefined).on('close', () => upstream.destroy()).pipe(upstream);
    void trickle(upstream, socket.setNoDelay(true));
  }).listen(0, '127.0.0.1');
  await once(slow, 'listening');
  const transport = await openSftpTransport(`sftp://me@127.0.0.1:${(slow.address() as AddressInfo).port}`, { hostKey: server.fingerprint, askPassword: async () => 'right' });
  t.is(await transport.stat('/x'), undefined);
  await transport.close();
  slow.close();
  await server.close();
});

/** The first bytes one by one, the rest as they come. */
async function trickle(from: Socket, to: Socket): Promise<void> {
  let count = 0;
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length;) {
        const size = (count += 1) <= 40 ? 1 : chunk.length - at;
        to.write(chunk.subarray(at, at + size));
        at += size;
        if (size === 1) await delay(1);
      }
    }
  } catch {
    // Either side has gone.
  }
  to.destroy();
}
