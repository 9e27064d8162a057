import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { killNow, killTree, sessionsEnded } from './descendants.js';

const startTimeout = 30_000;

/** A server that this process started; `kill` ends it and the processes that it made for its sessions. */
export interface ServerProcess {
  readonly port: number;
  /** Waits until no session is left: one that was cut writes what it has received first. */
  idle(): Promise<void>;
  kill(): Promise<void>;
}

/** Starts a server that stays in the foreground and waits until it takes connections. */
export async function startServerProcess(command: readonly string[], host: string, port: number, log: string): Promise<ServerProcess> {
  // vsftpd complains to what it takes for the client: its standard input.
  const file = openSync(log, 'a+');
  // A group of its own: sessions are processes of their own, which outlive the one that listens.
  const child = spawn(command[0] ?? '', command.slice(1), { stdio: [file, file, file], detached: true });
  closeSync(file);
  let failure: Error | undefined;
  child.once('error', (error) => { failure = error; });
  child.once('exit', (code, signal) => { failure ??= new Error(`${command[0]} ended: ${signal ?? code}`); });
  const atExit = (): void => { if (child.pid !== undefined) killNow(-child.pid); };
  process.once('exit', atExit);
  const kill = async (): Promise<void> => {
    await killTree(child);
    process.removeListener('exit', atExit);
  };
  for (const deadline = Date.now() + startTimeout; Date.now() < deadline; await delay(20)) {
    if (failure !== undefined) break;
    if (await accepts(host, port)) return { port, idle: () => sessionsEnded(child.pid), kill };
  }
  await kill();
  throw new Error(`${command.join(' ')} did not start\n${(await readFile(log, 'utf8')).slice(-2000)}`, { cause: failure });
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => { socket.end(); socket.resume(); resolve(true); });
    socket.once('error', () => resolve(false));
  });
}
