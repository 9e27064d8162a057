import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.js';
import { runOrThrow } from './run.js';

const startTimeout = 30_000;

export interface DockerRegistryOptions {
  /** Wants this login (Basic, bcrypt). */
  readonly login?: { readonly user: string; readonly password: string } | undefined;
  /** Speaks TLS with a certificate of an authority of its own. */
  readonly tls?: boolean | undefined;
}

/** A private docker-registry (Debian) on 127.0.0.1. */
export interface DockerRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Where it keeps what it has. */
  readonly folder: string;
  /** PEM file of the authority, with TLS. */
  readonly ca: string | undefined;
  /** Ends it at once. */
  kill(): Promise<void>;
  /** Starts it again at the same port. */
  start(): Promise<void>;
  /** Ends it and removes its folder. Safe to call twice. */
  stop(): Promise<void>;
}

export async function startDockerRegistry({ login, tls = false }: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'registry-'));
  await mkdir(join(folder, 'data'));
  const auth = login === undefined ? '' : `auth: {htpasswd: {realm: test, path: ${join(folder, 'users')}}}\n`;
  if (login !== undefined) await writeFile(join(folder, 'users'), await runOrThrow('htpasswd', ['-niB', login.user], { input: login.password }));
  if (tls) await makeCertificates(folder);
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (child?.exitCode === null && child.signalCode === null) {
      const exited = new Promise<void>((resolve) => child?.once('exit', () => resolve()));
      child.kill('SIGKILL');
      await exited;
    }
  };
  const run = async (port: number, ca: string | undefined): Promise<boolean> => {
    child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore', env: { PATH: process.env['PATH'] } });
    return answers(child, port, ca);
  };
  const stop = async (): Promise<void> => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  };
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const certificates = tls ? `, tls: {certificate: ${join(folder, 'server.pem')}, key: ${join(folder, 'server.key')}}` : '';
    await writeFile(join(folder, 'config.yml'), `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${join(folder, 'data')}}, delete: {enabled: true}}\n${auth}http: {addr: '127.0.0.1:${port}', secret: test${certificates}}\n`);
    const ca = tls ? join(folder, 'ca.pem') : undefined;
    const start = async (): Promise<void> => { if (!(await run(port, ca))) throw new Error('docker-registry did not start again'); };
    if (await run(port, ca)) return { host: `127.0.0.1:${port}`, folder: join(folder, 'data'), ca, kill, start, stop };
    // Somebody else may have taken the port meanwhile.
    if (attempt < 3 && child?.exitCode !== null) continue;
    await stop();
    throw new Error('docker-registry did not start');
  }
}

async function answers(child: ChildProcess, port: number, ca: string | undefined): Promise<boolean> {
  const state = { failed: false };
  child.once('error', () => { state.failed = true; });
  const authority = ca === undefined ? undefined : await readFile(ca);
  for (const deadline = Date.now() + startTimeout; Date.now() < deadline && !state.failed && child.exitCode === null; await delay(50)) {
    const there = await new Promise<boolean>((resolve) => {
      const options = { host: '127.0.0.1', port, path: '/v2/', agent: false, timeout: 2000, ...(authority && { ca: authority }) };
      const request = (authority === undefined ? httpGet : httpsGet)(options, (response) => {
        response.resume();
        resolve(response.statusCode === 200 || response.statusCode === 401);
      });
      request.on('error', () => resolve(false)).on('timeout', () => request.destroy());
    });
    if (there) return true;
  }
  return false;
}

/** An authority, and a certificate of it for 127.0.0.1 and localhost. */
async function makeCertificates(folder: string): Promise<void> {
  const openssl = (...args: readonly string[]): Promise<string> => runOrThrow('openssl', args, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=test authority', '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign');
  await openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=127.0.0.1');
  await writeFile(join(folder, 'extensions'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  await openssl('x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'server.pem', '-days', '2', '-extfile', 'extensions');
}

/** A TCP proxy that breaks a connection, so many times in all, once so many bytes have gone one way through it. */
export interface CuttingProxy {
  readonly host: string;
  /** Bytes that went through, each way, the broken connections included. */
  readonly passed: { up: number; down: number };
  readonly cuts: () => number;
  stop(): Promise<void>;
}

export async function startCuttingProxy(target: string, { way, after, times }: { readonly way: 'up' | 'down'; readonly after: number; readonly times: number }): Promise<CuttingProxy> {
  const [host = '', port = ''] = target.split(':');
  const passed = { up: 0, down: 0 };
  const sockets = new Set<Socket>();
  let cuts = 0;
  const server: Server = createServer((client) => {
    const upstream = connect(Number(port), host);
    let through = 0;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const [from, to, name] of [[client, upstream, 'up'], [upstream, client, 'down']] as const) {
      sockets.add(from);
      from.on('error', end).on('close', () => {
        sockets.delete(from);
        end();
      });
      from.on('data', (chunk: Buffer) => {
        passed[name] += chunk.length;
        if (name === way) through += chunk.length;
        if (name === way && through >= after && cuts < times) {
          cuts += 1;
          end();
        } else if (!to.write(chunk)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`, passed, cuts: () => cuts,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
