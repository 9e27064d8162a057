import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Identity } from '../../network/certificates.js';

/** What one control connection of {@link startFakeFtpServer} may do. */
export interface FakeSession {
  readonly control: Socket;
  /** Sends lines, with CRLF after each. */
  say(...lines: readonly string[]): void;
  /** The data connection that the client made last. */
  data(): Promise<Socket>;
}

/** Answers one command; what it does not answer, the server answers as usual. */
export type FakeAnswer = (argument: string, session: FakeSession) => unknown;

export interface FakeFtpServer {
  readonly port: number;
  readonly files: Map<string, Buffer>;
  /** Every command, in order, passwords included. */
  readonly commands: string[];
  /** Control connections so far. */
  readonly connections: number;
  url(user?: string): string;
  close(): Promise<void>;
}

/** Who the server says it is, with implicit TLS, on the control connection and on data connections. */
export interface FakeIdentities {
  readonly control: Identity;
  readonly data: Identity;
}

/**
 * A small FTP server in this process, in clear unless it has `identities`, that keeps files in memory and misbehaves where `answers` say so, by
 * command. `features` are the lines of FEAT.
 */
export async function startFakeFtpServer(answers: Readonly<Record<string, FakeAnswer>> = {}, features: readonly string[] = ['SIZE', 'MDTM', 'REST STREAM', 'EPSV'], identities?: FakeIdentities): Promise<FakeFtpServer> {
  const files = new Map<string, Buffer>();
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const servers = new Set<Server>();
  let connections = 0;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  };
  const listen = (identity: Identity | undefined, serveOne: (socket: Socket) => void): Server => (identity === undefined ? createServer(serveOne) : createTlsServer(identity, serveOne));
  const server = listen(identities?.control, (control) => {
    connections += 1;
    serve(keep(control));
  });
  servers.add(server);

  function serve(control: Socket): void {
    let data: Promise<Socket> = Promise.reject(new Error('no data connection'));
    data.catch(() => undefined);
    let restart = 0;
    let from = '';
    const say = (...lines: readonly string[]): void => { control.write(lines.map((line) => `${line}\r\n`).join('')); };
    const session: FakeSession = { control, say, data: () => data };
    const passive = async (): Promise<number> => {
      let connected = (_: Socket): void => undefined;
      data = new Promise((resolve) => { connected = resolve; });
      const listener = listen(identities?.data, (socket) => connected(keep(socket)));
      // As vsftpd does.
      listener.on('tlsClientError', () => say('426 Failure reading network stream.'));
      servers.add(listener);
      await new Promise<void>((resolve) => { listener.listen(0, '127.0.0.1', resolve); });
      return (listener.address() as AddressInfo).port;
    };
    const usual: Record<string, FakeAnswer> = {
      USER: () => say('331 password'),
      PASS: () => say('230 welcome'),
      FEAT: () => say('211-Features', ...features.map((each) => ` ${each}`), '211 End'),
      TYPE: () => say('200 ok'),
      NOOP: () => say('200 ok'),
      OPTS: () => say('200 ok'),
      PBSZ: () => say('200 ok'),
      PROT: () => say('200 ok'),
      EPSV: async () => say(`229 Entering Extended Passive Mode (|||${await passive()}|)`),
      PASV: async () => {
        const port = await passive();
        say(`227 Entering Passive Mode (127,0,0,1,${port >> 8},${port & 255})`);
      },
      SIZE: (path) => say(files.has(path) ? `213 ${files.get(path)?.length}` : '550 no such file'),
      MDTM: () => say('213 20240102030405'),
      CWD: (path) => say(path === '/pub' ? '250 ok' : '550 no such folder'),
      DELE: (path) => say(files.delete(path) ? '250 gone' : '550 no such file'),
      REST: (offset) => { restart = Number(offset); say('350 ok'); },
      RETR: async (path) => {
        say('150 here it comes');
        const bytes = (files.get(path) ?? Buffer.alloc(0)).subarray(restart);
        restart = 0;
        (await data).end(bytes, () => say('226 done'));
      },
      STOR: async (path) => {
        say('150 go on');
        files.set(path, await all(await data));
        say('226 stored');
      },
      APPE: async (path) => {
        say('150 go on');
        files.set(path, Buffer.concat([files.get(path) ?? Buffer.alloc(0), await all(await data)]));
        say('226 appended');
      },
      RNFR: (path) => { from = path; say(files.has(path) ? '350 and?' : '550 no such file'); },
      RNTO: (path) => { files.set(path, files.get(from) ?? Buffer.alloc(0)); files.delete(from); say('250 renamed'); },
      MKD: () => say('257 made'),
    };
    let text = '';
    control.setEncoding('utf8');
    control.on('data', (chunk: string) => {
      text += chunk;
      const lines = text.split('\r\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        commands.push(line);
        const [name = '', ...rest] = line.split(' ');
        const answer = answers[name] ?? usual[name] ?? (() => say('502 unknown'));
        void answer(rest.join(' '), session);
      }
    });
    void (answers['GREETING'] ?? (() => say('220 hello')))('', session);
  }

  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  return {
    port, files, commands,
    get connections() { return connections; },
    url: (user = 'release') => `${identities === undefined ? 'ftp' : 'ftps'}://${user === '' ? '' : `${user}@`}127.0.0.1:${port}/`,
    async close() {
      for (const each of servers) each.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function all(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  try {
    for await (const part of socket as AsyncIterable<Buffer>) parts.push(part);
  } catch {
    // A reset ends it like any other end: what came, came.
  }
  return Buffer.concat(parts);
}
