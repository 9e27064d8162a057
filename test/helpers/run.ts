import { spawn } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  /** Added to this process's environment; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Written to the command's stdin, which is then closed. Default: empty. */
  readonly input?: string | Uint8Array;
  /** Milliseconds until the command is killed and the promise rejects. Default: 120,000. */
  readonly timeout?: number;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const defaultTimeout = 120_000;

/**
 * Runs a command without a shell and resolves with its exit code, whatever it
 * is. Rejects when the command cannot start, is ended by a signal or times out.
 */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const timeout = options.timeout ?? defaultTimeout;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
      // A grandchild may hold the pipes open: do not wait for their end.
      child.stdout.destroy();
      child.stderr.destroy();
    }, timeout);

    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // A command may exit without reading its input: its exit code says enough.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');

    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new Error(`cannot run ${command}: ${error.message}`, { cause: error }));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const errors = Buffer.concat(stderr).toString();
      if (timedOut) {
        reject(new Error(`${command} timed out after ${timeout} ms\n${errors}`));
      } else if (code === null) {
        reject(new Error(`${command} was ended by ${signal}\n${errors}`));
      } else {
        resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: errors });
      }
    });
  });
}

/** Runs a command that must exit with 0 and resolves with its stdout. */
export async function runOrThrow(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code !== 0) {
    throw new Error(`${command} ${args.join(' ')} exited with ${code}\n${stderr}${stdout}`);
  }
  return stdout;
}
