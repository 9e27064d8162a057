import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.js';

export interface NginxOptions {
  /** Speaks TLS with this certificate and key (PEM). */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string | undefined } | undefined;
  /** Wants this login (Basic) everywhere. */
  readonly login?: { readonly user: string; readonly password: string } | undefined;
  /** More directives for the `server` block: locations with other manners. */
  readonly extra?: string | undefined;
  /** Where files lie; default: a folder of its own, removed by `stop`. */
  readonly root?: string | undefined;
}

/** An nginx with WebDAV for everything below `/`. */
export interface Nginx {
  /** `http://127.0.0.1:port` or `https://localhost:port`. */
  readonly origin: string;
  readonly port: number;
  /** What it serves, on disk. */
  readonly root: string;
  /** Kills it at once; `start` brings it back at the same port. */
  kill(): Promise<void>;
  start(): Promise<void>;
  log(): Promise<string>;
  stop(): Promise<void>;
}

// From Debian's nginx-light and libnginx-mod-http-dav-ext, installed by .ci/peers.
const binary = '/usr/sbin/nginx';
const davModule = '/usr/lib/nginx/modules/ngx_http_dav_ext_module.so';
const startTimeout = 20_000;

/** Starts a private nginx on a free port of 127.0.0.1. */
export async function startNginx(options: NginxOptions = {}): Promise<Nginx> {
  const home = await mkdtemp(join(tmpdir(), 'nginx-'));
  const root = options.root ?? join(home, 'root');
  await Promise.all([mkdir(root, { recursive: true }), mkdir(join(home, 'temp')), mkdir(join(home, 'logs'))]);
  const { tls, login } = options;
  if (tls !== undefined) {
    await writeFile(join(home, 'cert.pem'), tls.cert);
    await writeFile(join(home, 'key.pem'), tls.key, { mode: 0o600 });
    await writeFile(join(home, 'client-ca.pem'), tls.clientCa ?? '');
  }
  if (login !== undefined) await writeFile(join(home, 'users'), `${login.user}:{SHA}${createHash('sha1').update(login.password).digest('base64')}\n`);
  let child: ChildProcess | undefined;
  let exited = Promise.resolve();
  const run = async (port: number): Promise<boolean> => {
    await writeFile(join(home, 'nginx.conf'), configuration(home, root, port, options));
    const started = spawn(binary, ['-p', home, '-c', join(home, 'nginx.conf'), '-e', join(home, 'logs/error')], { stdio: ['ignore', 'ignore', 'inherit'] });
    child = started;
    exited = new Promise((resolve) => { started.once('exit', () => resolve()).once('error', () => resolve()); });
    for (const deadline = Date.now() + startTimeout; Date.now() < deadline && started.exitCode === null && started.signalCode === null; await delay(20)) {
      if (await answers(port)) return true;
    }
    started.kill('SIGKILL');
    await exited;
    return false;
  };
  const kill = async (): Promise<void> => {
    child?.kill('SIGTERM'); // nginx's fast shutdown: connections are dropped
    await exited;
  };
  const killAtExit = (): void => { child?.kill('SIGTERM'); };
  process.once('exit', killAtExit);
  const log = (): Promise<string> => readFile(join(home, 'logs/error'), 'utf8').catch(() => '');
  const stop = async (): Promise<void> => {
    await kill();
    process.removeListener('exit', killAtExit);
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  };
  // A port that was free may be taken meanwhile.
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const port = await freePort();
    if (!(await run(port))) continue;
    const start = async (): Promise<void> => { if (!(await run(port))) throw new Error(`nginx did not start again\n${await log()}`); };
    return { origin: tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`, port, root, kill, start, log, stop };
  }
  const output = await log();
  await stop();
  throw new Error(`nginx did not start\n${output.slice(-2000)}`);
}

function configuration(home: string, root: string, port: number, { tls, login, extra = '' }: NginxOptions): string {
  return `
load_module ${davModule};
daemon off;
worker_processes 2;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${home}/pid;
error_log ${home}/logs/error warn;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${home}/temp/body;
  proxy_temp_path ${home}/temp/proxy;
  fastcgi_temp_path ${home}/temp/fastcgi;
  uwsgi_temp_path ${home}/temp/uwsgi;
  scgi_temp_path ${home}/temp/scgi;
  client_max_body_size 0;
  default_type application/octet-stream;
  sendfile on;
  server {
    listen 127.0.0.1:${port}${tls === undefined ? '' : ' ssl'};
    server_name localhost;
    ${tls === undefined ? '' : `ssl_certificate ${home}/cert.pem; ssl_certificate_key ${home}/key.pem;`}
    ${tls?.clientCa === undefined ? '' : `ssl_client_certificate ${home}/client-ca.pem; ssl_verify_client on;`}
    ${login === undefined ? '' : `auth_basic "drop"; auth_basic_user_file ${home}/users;`}
    root ${root};
    dav_methods PUT DELETE MKCOL COPY MOVE;
    dav_ext_methods PROPFIND OPTIONS;
    location / { }
    ${extra}
  }
}
`;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
