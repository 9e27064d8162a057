import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** What happens to the bytes of one direction of a connection. Offsets count from the start of that direction. */
export interface Fault {
  /** After this many bytes, the connection ends: `cut` politely (FIN both ways), `reset` with RST, `stall` never: silence. */
  readonly after?: number | undefined;
  readonly how?: 'cut' | 'reset' | 'stall' | undefined;
  /** The lowest bit of the byte at this offset is turned over. */
  readonly flip?: number | undefined;
  /** Bytes per second. */
  readonly rate?: number | undefined;
}

/** Faults of one connection: what the client sends (`up`), what the server sends (`down`). */
export interface ConnectionFaults {
  readonly up?: Fault | undefined;
  readonly down?: Fault | undefined;
  /** The connection is accepted and reset at once. */
  readonly refuse?: boolean | undefined;
}

export interface FaultProxyOptions {
  /** Where the server listens. `host` defaults to 127.0.0.1. */
  readonly target: { readonly host?: string | undefined; readonly port: number };
  /** Where the proxy listens: default a free port of 127.0.0.1. */
  readonly port?: number | undefined;
  /** Asked for each connection, counted from 0; undefined: it passes untouched. */
  readonly faults?: ((connection: number) => ConnectionFaults | undefined) | undefined;
}

export interface FaultProxy {
  readonly port: number;
  /** Connections so far. */
  readonly connections: number;
  /** Bytes that passed, of all connections, faults included. */
  readonly bytes: { readonly up: number; readonly down: number };
  /** Other faults for the connections that come from now on. */
  setFaults(faults: FaultProxyOptions['faults']): void;
  /** Resets every connection that is open. */
  dropAll(): void;
  close(): Promise<void>;
}

/**
 * A TCP proxy that does to connections what networks do.
 *
 * FTP, data connections only: let the server listen at 127.0.0.2 with one passive port P (`pasv_address=127.0.0.1`), put
 * one proxy before its control port and another, with `port: P`, before the passive one; the client only knows 127.0.0.1.
 */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  let { faults } = options;
  let connections = 0;
  const bytes = { up: 0, down: 0 };
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const plan = faults?.(connections) ?? {};
    connections += 1;
    keep(client);
    if (plan.refuse === true) {
      reset(client);
      return;
    }
    const upstream = connect({ host: options.target.host ?? '127.0.0.1', port: options.target.port, allowHalfOpen: true });
    keep(upstream);
    const end = (how: Fault['how']): void => {
      for (const socket of [client, upstream]) {
        if (how === 'reset') reset(socket);
        else socket.destroySoon();
      }
    };
    // One side that is gone takes the other along.
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroySoon());
    upstream.once('error', () => reset(client));
    // The connection to the server is made meanwhile.
    void pass(client, upstream, plan.up ?? {}, end, (count) => { bytes.up += count; });
    void pass(upstream, client, plan.down ?? {}, end, (count) => { bytes.down += count; });
  });
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined).once('close', () => open.delete(socket));
  };
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve));
  const dropAll = (): void => { for (const socket of open) reset(socket); };
  return {
    port: (server.address() as AddressInfo).port,
    get connections() { return connections; },
    bytes,
    setFaults(next) { faults = next; },
    dropAll,
    async close() {
      const closed = new Promise<void>((resolve) => { server.close(() => resolve()); });
      dropAll();
      await closed;
    },
  };
}

/**
 * RST, at once. `resetAndDestroy` alone waits for what is still to be written, which nobody may read; and while a socket says goodbye (`end`), the
 * system refuses to reset it (EINVAL), Node drops its handle without closing it, and the process never ends. Such a socket is only closed.
 */
function reset(socket: Socket): void {
  if (!socket.writableEnded) socket.resetAndDestroy();
  socket.destroy();
}

/** Moves one direction, with its fault. Never rejects: a broken socket closes both (see above). */
async function pass(from: Socket, to: Socket, fault: Fault, end: (how: Fault['how']) => void, count: (bytes: number) => void): Promise<void> {
  let offset = 0;
  try {
    // An iterator of its own: the usual one destroys the socket at the end of its input, and the way back with it.
    for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const part = fault.after === undefined ? chunk : chunk.subarray(0, Math.max(0, fault.after - offset));
      if (fault.flip !== undefined && fault.flip >= offset && fault.flip < offset + part.length) {
        const at = fault.flip - offset;
        part[at] = (part[at] ?? 0) ^ 1;
      }
      offset += chunk.length;
      count(part.length);
      await send(to, part, fault.rate);
      if (fault.after !== undefined && offset >= fault.after) {
        if (fault.how !== 'stall') end(fault.how);
        // A stall keeps the connection and reads nothing more: what the sender's buffers hold stays there.
        else await new Promise((resolve) => { from.once('close', resolve); });
        return;
      }
    }
    to.end();
  } catch {
    to.destroy();
  }
}

/** Writes with back pressure; at a rate in pieces of a tenth of a second. */
async function send(to: Socket, bytes: Buffer, rate: number | undefined): Promise<void> {
  const piece = rate === undefined ? Math.max(bytes.length, 1) : Math.max(1, Math.floor(rate / 10));
  for (let at = 0; at < bytes.length; at += piece) {
    const part = bytes.subarray(at, at + piece);
    await new Promise<void>((resolve, reject) => { to.write(part, (error) => (error ? reject(error) : resolve())); });
    if (rate !== undefined) await new Promise((resolve) => { setTimeout(resolve, (part.length / rate) * 1000); });
  }
}
