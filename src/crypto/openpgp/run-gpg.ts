import { spawn } from 'node:child_process';
import { interrupted } from '../../content/interrupted.js';
import { ImgkitError } from '../../errors.js';
import { OPENPGP_LIMITS } from '../../limits.js';

interface GpgRun {
  /** The key that was asked for, for messages. */
  readonly who: string;
  readonly input?: Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What gpg prints when it does what it is told, at most as much as a file of keys has. Throws `key-refused` with gpg's own reason, `interrupted`. */
export function runGpg(args: readonly string[], { who, input, signal }: GpgRun): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const refused = (reason: string, cause?: unknown): ImgkitError => new ImgkitError('key-refused', `gpg:${who}: gpg cannot use it: ${reason}. Is it in the keyring (gpg --list-secret-keys), or the card plugged in?`, {}, { cause });
    const child = spawn('gpg', ['--batch', '--quiet', '--no-armor', ...args], { stdio: ['pipe', 'pipe', 'pipe'], ...(signal === undefined ? {} : { signal }) });
    const outputs: Buffer[] = [];
    const errors: Buffer[] = [];
    let size = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > OPENPGP_LIMITS.keyFileBytes) child.kill();
      else outputs.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (errors.length < 16) errors.push(chunk);
    });
    // It may end without reading: its exit code says enough.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(signal?.aborted === true ? interrupted('signing with gpg', error) : refused(error.code === 'ENOENT' ? 'gpg is not installed' : error.message, error));
    });
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(outputs));
      else reject(refused(Buffer.concat(errors).toString().trim().split(/\r?\n/).at(-1)?.replace(/^gpg: /, '').slice(0, 300) || `exit code ${code}`));
    });
  });
}
