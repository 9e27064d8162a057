import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkOptions } from '../../src/index.js';
import { startFaultProxy, type ConnectionFaults, type FaultProxy } from '../faults/tcp-proxy.js';
import { startFtpServer } from '../helpers/ftp-servers.js';
import { startNginx } from '../helpers/nginx.js';
import { startSshd } from '../helpers/sshd.js';
import { startDataProxies } from './data-proxies.js';

/** A host with a folder that files go to, and a proxy before it that can cut connections which carry files. */
export interface Host {
  readonly name: string;
  /** Ends with `/`; through the proxy. */
  readonly url: string;
  readonly network: NetworkOptions;
  /** `network` as words of a command line. */
  readonly words: readonly string[];
  /** The folder on this disk. */
  readonly folder: string;
  /** Bytes that the server sent through the proxy. */
  received(): number;
  cut(faults: ConnectionFaults | undefined): void;
  read(name: string): Promise<Buffer | undefined>;
  names(): Promise<readonly string[]>;
  /** Waits until the server has written all that it received over connections that are gone. */
  idle(): Promise<void>;
  /** Empties the folder. */
  clear(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

function disk(folder: string): Pick<Host, 'folder' | 'read' | 'names' | 'clear'> {
  return {
    folder,
    read: (name) => readFile(join(folder, name)).catch(() => undefined),
    names: async () => (await readdir(folder)).sort(),
    async clear() {
      for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
    },
  };
}

export async function sftpHost(): Promise<Host> {
  const sshd = await startSshd();
  const proxy = await startFaultProxy({ target: { port: sshd.port } });
  return {
    ...disk(sshd.home),
    name: 'sftp', url: `sftp://${sshd.user}@127.0.0.1:${proxy.port}${sshd.home}/`,
    network: { hostKey: sshd.fingerprint, sshKey: sshd.key },
    words: ['--host-key', sshd.fingerprint, '--ssh-key', sshd.key],
    received: () => proxy.bytes.down,
    cut: (faults) => proxy.setFaults(faults && (() => faults)),
    idle: () => sshd.idle(),
    kill: () => sshd.kill(),
    start: () => sshd.start(),
    async stop() {
      await proxy.close();
      await sshd.stop();
    },
  };
}

/** vsftpd in clear, with one port for data: only connections that carry files and listings are cut. */
export async function ftpHost(): Promise<Host> {
  const { data: [data], passivePort } = await startDataProxies(1) as { data: [FaultProxy]; passivePort: number };
  const server = await startFtpServer({ kind: 'vsftpd', host: '127.0.0.2', passivePort });
  const control = await startFaultProxy({ target: { host: '127.0.0.2', port: server.port } });
  const folder = join(server.folder, 'pub');
  return {
    ...disk(folder),
    name: 'ftp', url: `ftp://${server.user}@127.0.0.1:${control.port}/pub/`,
    network: { passwordFile: server.passwordFile },
    words: ['--password-file', server.passwordFile],
    received: () => data.bytes.down,
    cut: (faults) => data.setFaults(faults && (() => faults)),
    idle: () => server.idle(),
    kill: () => server.kill(),
    start: () => server.restart(),
    async stop() {
      await Promise.all([control.close(), data.close()]);
      await server.stop();
    },
  };
}

export async function httpHost(): Promise<Host> {
  const nginx = await startNginx();
  const proxy = await startFaultProxy({ target: { port: nginx.port } });
  const folder = join(nginx.root, 'drop');
  await mkdir(folder);
  return {
    ...disk(folder),
    name: 'http', url: `http://127.0.0.1:${proxy.port}/drop/`, network: {}, words: [],
    received: () => proxy.bytes.down,
    cut: (faults) => proxy.setFaults(faults && (() => faults)),
    // What comes over a connection that is cut is thrown away.
    idle: () => Promise.resolve(),
    kill: () => nginx.kill(),
    start: () => nginx.start(),
    async stop() {
      await proxy.close();
      await nginx.stop();
    },
  };
}
