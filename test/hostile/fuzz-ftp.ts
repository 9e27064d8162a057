import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Transport } from '../../src/transport/transport.js';
import { isImgkitError } from '../../src/errors.js';
import { openFtpTransport } from '../../src/transport/ftp/ftp-transport.js';
import { drain } from './fuzz-target.js';

/** A server that was mutated and stops to talk is waited for no longer, milliseconds. */
const IDLE = 100;

/**
 * Lets the client list, look, hash and read at a server that answers as `text` says, and nothing else: lines of a command, a tab and the
 * reply to it, `\n` for a line end in it. `*` is the greeting, `DATA` what comes over data connections, PORT, HIGH and LOW where those are.
 * Resolves with how many of the five went well.
 */
export async function talkFtp(text: string, idle = IDLE): Promise<number> {
  const server = await startServer(new Map(text.split('\n').map((line) => [line.split('\t')[0] ?? '', line.slice(line.indexOf('\t') + 1).replaceAll('\\n', '\r\n')])));
  const transport = await openFtpTransport(`ftp://127.0.0.1:${server.port}/`, { connectTimeout: idle, idleTimeout: idle });
  try {
    return await all(transport);
  } finally {
    await transport.close();
    await server.close();
  }
}

/** What one of them throws must not hide what the next one does; anything but an ImgkitError is thrown on. */
async function all(transport: Transport): Promise<number> {
  const work: readonly (() => Promise<unknown>)[] = [
    () => transport.stat('/pub/a.tar'), () => transport.list('/pub'), () => transport.hash('/pub/a.tar'), () => drain(transport.read('/pub/a.tar', { offset: 3, length: 4 })), () => transport.abilities('/pub/a.tar'),
  ];
  let well = 0;
  for (const each of work) {
    try {
      await each();
      well += 1;
    } catch (error) {
      if (!isImgkitError(error)) throw error;
    }
  }
  return well;
}

async function startServer(replies: ReadonlyMap<string, string>): Promise<{ readonly port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  };
  const data = await listen((socket) => void keep(socket).end(`${replies.get('DATA') ?? ''}\r\n`));
  const control = await listen((socket) => {
    const say = (reply: string | undefined): unknown => socket.write(`${(reply ?? '502 unknown').replaceAll('PORT', String(data.port)).replace('HIGH', String(data.port >> 8)).replace('LOW', String(data.port & 255))}\r\n`);
    keep(socket).setEncoding('utf8').on('data', (chunk: string) => {
      for (const line of chunk.split('\r\n').filter((each) => each !== '')) {
        const [name = ''] = line.split(' ');
        say(replies.get(name));
        // A transfer that began well ends well.
        if (/^1\d\d /.test(replies.get(name) ?? '')) say(replies.get('END') ?? '226 done');
      }
    });
    say(replies.get('*'));
  });
  return {
    port: control.port,
    close: async () => {
      for (const { server } of [data, control]) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function listen(serve: (socket: Socket) => void): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer(serve);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { server, port: (server.address() as AddressInfo).port };
}
