import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';

/** A server in this process, stopped when the test ends. */
export interface TestServer {
  /** `http://127.0.0.1:port` or `https://localhost:port`. */
  readonly origin: string;
  readonly port: number;
  /** What was asked so far. */
  readonly requests: readonly IncomingMessage[];
}

/** A proper HTTP server, or HTTPS with `tls`. */
export async function serve(t: ExecutionContext, listener: RequestListener, tls?: ServerOptions): Promise<TestServer> {
  const requests: IncomingMessage[] = [];
  const handle: RequestListener = (request, response) => {
    requests.push(request);
    response.on('error', () => undefined);
    listener(request, response);
  };
  // Not the 5 s of Node: on a busy machine they are over just when a connection is used again, which is reset then.
  const keepAliveTimeout = 60_000;
  const server: Server = tls === undefined ? createHttpServer({ keepAliveTimeout }, handle) : createHttpsServer({ ...tls, keepAliveTimeout }, handle);
  const port = await listen(t, server, () => server.closeAllConnections());
  return { origin: tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`, port, requests };
}

/** A server that says whatever it likes: `talk` gets each connection once the head of a request, which is handed along, has come. */
export async function serveRaw(t: ExecutionContext, talk: (socket: Socket, head: string) => void): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    let head = '';
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket)).on('data', (chunk: Buffer) => {
      const had = head.includes('\r\n\r\n');
      head += chunk.toString('latin1');
      if (!had && head.includes('\r\n\r\n')) talk(socket, head);
    });
  });
  const port = await listen(t, server, () => { for (const socket of sockets) socket.destroy(); });
  return { origin: `http://127.0.0.1:${port}`, port, requests: [] };
}

async function listen(t: ExecutionContext, server: TcpServer, drop: () => void): Promise<number> {
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(0, '127.0.0.1', resolve); });
  t.teardown(async () => {
    drop();
    await new Promise((resolve) => { server.close(resolve); });
  });
  return (server.address() as AddressInfo).port;
}
