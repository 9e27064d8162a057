import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runOrThrow, type RunOptions } from './run.js';

export interface Dockerd {
  /** Path of the engine's Unix socket. */
  readonly socket: string;
  /** The socket as a `DOCKER_HOST` value. */
  readonly host: string;
  /** Ends this engine only and removes its folder. Safe to call twice. */
  stop(): Promise<void>;
}

// From docker.io, installed by .ci/peers. A client in /usr/local may be newer
// and without the classic builder; this one always fits the engine.
const clientPath = '/usr/bin/docker';
const enginePath = '/usr/sbin/dockerd';
const startTimeout = 60_000;
const stopTimeout = 20_000;

/** Starts a private Docker Engine: own data, no network, vfs; `args` are further ones. Needs root. */
export async function startDockerd(args: readonly string[] = []): Promise<Dockerd> {
  // Short on purpose: a Unix socket path holds at most 107 bytes.
  const folder = await mkdtemp(join(tmpdir(), 'dockerd-'));
  const socket = join(folder, 'S');
  const log = openSync(join(folder, 'log'), 'w');
  const child = spawn(enginePath, [
    '--data-root', join(folder, 'D'),
    '--exec-root', join(folder, 'E'),
    '--pidfile', join(folder, 'P'),
    '--host', `unix://${socket}`,
    '--storage-driver', 'vfs',
    '--iptables=false',
    '--bridge=none',
    ...args,
  ], { stdio: ['ignore', log, log] });
  closeSync(log);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const killAtExit = (): void => { child.kill('SIGTERM'); };
  process.once('exit', killAtExit);

  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= (async () => {
    await end(child, exited);
    process.removeListener('exit', killAtExit);
    await removeFolder(folder);
  })());

  try {
    await waitForPing(child, socket);
  } catch (error) {
    const output = await readFile(join(folder, 'log'), 'utf8');
    await stop();
    throw new Error(`dockerd did not start\n${output.slice(-2000)}`, { cause: error });
  }
  return { socket, host: `unix://${socket}`, stop };
}

/** Runs the docker client against an engine; resolves with its stdout (as text). */
export function docker(host: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const env = {
    DOCKER_API_VERSION: undefined, DOCKER_CERT_PATH: undefined, DOCKER_CONTEXT: undefined,
    DOCKER_TLS_VERIFY: undefined, DOCKER_CONFIG: '/nonexistent', DOCKER_BUILDKIT: '0',
    ...options.env, DOCKER_HOST: host,
  };
  return runOrThrow(clientPath, args, { ...options, env });
}

async function waitForPing(child: ChildProcess, socket: string): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => { failure = error; });
  child.once('exit', (code, signal) => { failure = new Error(`dockerd ended: ${signal ?? code}`); });
  for (const deadline = Date.now() + startTimeout; Date.now() < deadline; await delay(50)) {
    if (failure !== undefined) throw failure;
    if (await ping(socket)) return;
  }
  throw new Error(`no answer to /_ping within ${startTimeout} ms`);
}

function ping(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const pending = request({ socketPath, path: '/_ping', timeout: 1000, agent: false }, (response) => {
      response.resume();
      response.once('close', () => resolve(response.statusCode === 200));
    });
    pending.once('timeout', () => pending.destroy());
    pending.once('error', () => resolve(false));
    pending.end();
  });
}

/** SIGTERM lets dockerd end its own containerd; SIGKILL is the last resort. */
async function end(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeout);
  await exited;
  clearTimeout(timer);
}

/** Unmounts what is left below the folder, deepest first, then removes it. */
async function removeFolder(folder: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')
    .map((line) => line.split(' ')[4] ?? '').filter((path) => path.startsWith(`${folder}/`));
  for (const path of mounts.toReversed()) await runOrThrow('umount', [path]);
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
