import { generateKeyPairSync } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import ssh2 from 'ssh2';
import type { Connection, Server, SFTPWrapper } from 'ssh2';

/** An SSH server in this process that answers SFTP requests as a test says. */
export interface HostileSftp {
  readonly url: string;
  /** Its host key. */
  readonly fingerprint: string;
  /** The same, as known_hosts has it. */
  readonly publicKey: string;
  /** Requests so far, such as `OPEN`. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export interface HostileOptions {
  /** Says how requests are answered, with `sftp.on('READ', (id, ...) => sftp.status(id, 4))`. */
  readonly serve: (sftp: SFTPWrapper, connection: Connection) => void;
  /** Answers the server's side of the login; default: everybody may in with the password `right`. */
  readonly login?: ((context: ssh2.AuthContext) => void) | undefined;
  /** Default: `shared`, the same for all servers of a process. */
  readonly hostKey?: 'shared' | 'of its own' | undefined;
}

/** A host key for tests that costs nothing to make; EC keys are made at once. */
const makeHostKey = (): string | Buffer => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' });
const HOST_KEY = makeHostKey();

export async function startHostileSftp({ serve, login = passwordRight, hostKey = 'shared' }: HostileOptions): Promise<HostileSftp> {
  const secret = hostKey === 'shared' ? HOST_KEY : makeHostKey();
  const requests: string[] = [];
  const open = new Set<Connection>();
  const server: Server = new ssh2.Server({ hostKeys: [secret] }, (connection) => {
    open.add(connection);
    // Else each answer waits 40 ms for company.
    socketOf(connection).setNoDelay(true);
    connection.on('authentication', login);
    connection.on('error', () => undefined).on('close', () => open.delete(connection));
    connection.on('ready', () => connection.on('session', (accept) => {
      accept().on('sftp', (take) => {
        const sftp = take();
        const emit = sftp.emit.bind(sftp) as (name: string, ...args: unknown[]) => boolean;
        sftp.emit = ((name: string, ...args: unknown[]) => {
          if (/^[A-Z]+$/.test(name)) requests.push(name);
          return emit(name, ...args);
        }) as typeof sftp.emit;
        serve(sftp, connection);
      });
    }));
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  const key = ssh2.utils.parseKey(secret) as ssh2.ParsedKey;
  const { readHostKey } = await import('../../src/transport/sftp/host-key.js');
  return {
    url: `sftp://me@127.0.0.1:${port}`,
    fingerprint: readHostKey(key.getPublicSSH())?.fingerprint ?? '',
    publicKey: `${key.type} ${key.getPublicSSH().toString('base64')}`,
    requests,
    async close() {
      const closed = new Promise<void>((resolve) => { server.close(() => resolve()); });
      for (const connection of open) socketOf(connection).destroy();
      await closed;
    },
  };
}

function socketOf(connection: Connection): Socket {
  return (connection as unknown as { readonly _sock: Socket })._sock;
}

function passwordRight(context: ssh2.AuthContext): void {
  if (context.method === 'password' && context.password === 'right') context.accept();
  else context.reject(['password']);
}
