import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromSystemError } from '../errors.js';
import type { EngineAddress } from './engine-address.js';

/** A local socket whose connections end at an engine on another host. */
export interface SshTunnel {
  readonly socketPath: string;
  /** What ssh said last on its standard error: why a connection failed. */
  lastWords(): string;
  close(): Promise<void>;
}

/**
 * Opens a socket in a private folder; each connection to it runs `ssh HOST docker system dial-stdio`, as the docker command does, with
 * the user's own ssh configuration, keys, agent and known hosts. The caller closes it. Throws `io-failed`.
 */
export async function openSshTunnel(ssh: NonNullable<EngineAddress['ssh']>): Promise<SshTunnel> {
  const folder = await mkdtemp(join(tmpdir(), 'imgkit-ssh-')).catch((error: unknown) => { throw fromSystemError(error, tmpdir(), 'making a folder for a socket'); });
  const socketPath = join(folder, 'engine');
  const running = new Set<ChildProcess>();
  let words = '';
  const server = createServer((socket) => {
    const child = dial(ssh, socket);
    running.add(child);
    child.stderr?.on('data', (chunk: Buffer) => { words = `${words}${chunk.toString('utf8')}`.slice(-2000); });
    child.once('close', () => running.delete(child));
  });
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socketPath, resolve));
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw fromSystemError(error, socketPath, 'opening a socket');
  }
  return {
    socketPath,
    lastWords: () => words.trim().split('\n').at(-1) ?? '',
    async close() {
      for (const child of running) child.kill('SIGTERM');
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function dial({ host, user, port, socket: path }: NonNullable<EngineAddress['ssh']>, socket: Socket): ChildProcess {
  // The remote shell reads the command: a path is quoted for it.
  const remote = path === undefined ? 'docker system dial-stdio' : `docker --host ${quoted(`unix://${path}`)} system dial-stdio`;
  const child = spawn('ssh', [...(user === undefined ? [] : ['-l', user]), ...(port === undefined ? [] : ['-p', port]), '-o', 'ConnectTimeout=30', '-T', '--', host, remote], { stdio: ['pipe', 'pipe', 'pipe'] });
  socket.pipe(child.stdin).on('error', () => socket.destroy());
  child.stdout.pipe(socket);
  socket.once('close', () => child.kill('SIGTERM')).on('error', () => child.kill('SIGTERM'));
  child.once('error', (error) => {
    child.stderr.emit('data', Buffer.from(`ssh could not be started: ${error.message}\n`));
    socket.destroy();
  });
  child.once('close', () => socket.destroy());
  return child;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
