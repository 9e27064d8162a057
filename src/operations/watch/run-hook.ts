import { spawn } from 'node:child_process';

/** Systems give a program no single variable of more than 128 KiB; a list of names may be longer. */
const MOST_BYTES = 64 * 1024;

/**
 * Runs a user's command in a shell. What it is about comes in variables of its environment and as JSON on its standard input, never as part
 * of the command line: a file may be named `$(rm -rf ~)`. A variable of more than 64 KiB is empty: the JSON has it. Its output goes to our
 * stderr. Resolves with its exit code, the signal that ended it, or why it could not be started (`ENOENT`).
 */
export async function runHook(command: string, details: Readonly<Record<string, string>>, document: object, signal: AbortSignal | undefined): Promise<number | string> {
  try {
    return await run(command, details, document, signal);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}

function run(command: string, details: Readonly<Record<string, string>>, document: object, signal: AbortSignal | undefined): Promise<number | string> {
  return new Promise((resolve, reject) => {
    const environment = Object.fromEntries(Object.entries(details).map(([name, value]) => [`IMGKIT_${name}`, Buffer.byteLength(value) > MOST_BYTES ? '' : value.replaceAll('\0', '')]));
    const child = spawn('/bin/sh', ['-c', command], { stdio: ['pipe', 2, 2], env: { ...process.env, ...environment } });
    const stop = (): void => void child.kill('SIGTERM');
    signal?.addEventListener('abort', stop, { once: true });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(`${JSON.stringify(document)}\n`);
    child.on('error', reject);
    child.on('close', (code, endedBy) => {
      signal?.removeEventListener('abort', stop);
      resolve(code ?? endedBy ?? 'unknown');
    });
  });
}
