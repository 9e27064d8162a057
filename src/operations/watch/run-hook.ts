import { spawn, type ChildProcess } from 'node:child_process';

/** Systems give a program no single variable of more than 128 KiB; a list of names may be longer. */
const MOST_BYTES = 64 * 1024;
/** Milliseconds that a command has to end after SIGTERM, before SIGKILL. */
const TO_END = 10_000;

export interface HookOptions {
  /** Milliseconds after which it is ended. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a user's command in a shell. What it is about comes in variables of its environment and as JSON on its standard input, never as part
 * of the command line: a file may be named `$(rm -rf ~)`. A variable of more than 64 KiB is empty: the JSON has it. Its output goes to our
 * stderr. One that takes longer than `timeout` is ended with all that it started, as it is when `signal` is aborted. Resolves with its exit
 * code, the signal that ended it, `timeout`, or why it could not be started (`ENOENT`).
 */
export async function runHook(command: string, details: Readonly<Record<string, string>>, document: object, options: HookOptions): Promise<number | string> {
  try {
    return await run(command, details, document, options);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}

function run(command: string, details: Readonly<Record<string, string>>, document: object, { timeout, signal }: HookOptions): Promise<number | string> {
  return new Promise((resolve, reject) => {
    const environment = Object.fromEntries(Object.entries(details).map(([name, value]) => [`IMGKIT_${name}`, Buffer.byteLength(value) > MOST_BYTES ? '' : value.replaceAll('\0', '')]));
    // A group of its own: to end the shell alone would leave what it waits for.
    const child = spawn('/bin/sh', ['-c', command], { stdio: ['pipe', 2, 2], env: { ...process.env, ...environment }, detached: true });
    let late = false;
    let killing: NodeJS.Timeout | undefined;
    const stop = (): void => {
      signalGroup(child, 'SIGTERM');
      killing ??= setTimeout(() => signalGroup(child, 'SIGKILL'), TO_END);
    };
    const timer = setTimeout(() => {
      late = true;
      stop();
    }, timeout);
    signal?.addEventListener('abort', stop, { once: true });
    // One that was aborted before does not tell of it again.
    if (signal?.aborted === true) stop();
    const over = (): void => {
      clearTimeout(timer);
      clearTimeout(killing);
      signal?.removeEventListener('abort', stop);
      // What it left in the background may hold the other end.
      child.stdin?.destroy();
    };
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(`${JSON.stringify(document)}\n`);
    child.on('error', (error) => {
      over();
      reject(error);
    });
    child.on('exit', (code, endedBy) => {
      over();
      resolve(late ? 'timeout' : (code ?? endedBy ?? 'unknown'));
    });
  });
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}
