import { spawn } from 'node:child_process';

/**
 * Runs a user's command in a shell. What it is about comes in variables of its environment and as JSON on its standard input, never as part
 * of the command line: a file may be named `$(rm -rf ~)`. Its output goes to our stderr. Resolves with its exit code, or the signal that ended it.
 */
export function runHook(command: string, details: Readonly<Record<string, string>>, document: object, signal: AbortSignal | undefined): Promise<number | string> {
  return new Promise((resolve, reject) => {
    const environment = Object.fromEntries(Object.entries(details).map(([name, value]) => [`IMGKIT_${name}`, value.replaceAll('\0', '')]));
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
