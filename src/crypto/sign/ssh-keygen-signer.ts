import { spawn } from 'node:child_process';
import { interrupted } from '../../content/interrupted.js';
import { ImgkitError } from '../../errors.js';
import { SIGNING_LIMITS } from '../../limits.js';
import type { SshPublicKey } from '../keys/ssh-public-key.js';
import { emptyTrust } from '../trust/trust.js';
import type { Signer } from './signature.js';
import { formatSshPublicLine } from '../keys/ssh-public-line.js';
import { SSHSIG_NAMESPACE } from './sshsig.js';
import { verifySsh } from './verify-ssh.js';

/**
 * Signs with a key that is not in a file: one that ssh-agent holds, or a hardware key. `path` is its `.pub` file, or the file
 * with the handle of a hardware key. `ssh-keygen -Y sign` does the work and asks for touch or PIN on the terminal; what it
 * made is checked before it is given out. Throws `key-refused` with the reason that ssh-keygen gives.
 */
export function createSshKeygenSigner(publicKey: SshPublicKey, path: string): Signer {
  if (publicKey.weakness !== undefined) throw new ImgkitError('key-refused', `${path}: ${publicKey.weakness}; use another key.`, { file: path });
  return {
    format: 'ssh',
    keyId: publicKey.fingerprint,
    sign: async (document, options) => {
      const signature = await runSshKeygen(path, document, options?.signal);
      const line = `* ${formatSshPublicLine(publicKey.type, publicKey.blob, '')}\n`;
      await verifySsh(document, signature, { ...emptyTrust(), allowedSigners: [{ name: path, bytes: Buffer.from(line) }] }, 'ssh-keygen');
      return signature;
    },
  };
}

function runSshKeygen(path: string, document: Uint8Array, signal: AbortSignal | undefined): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const refused = (reason: string, cause?: unknown): ImgkitError =>
      new ImgkitError('key-refused', `${path}: ssh-keygen cannot sign with it: ${reason}. Is the key in the agent (ssh-add -l), or the token plugged in?`, { file: path }, { cause });
    const child = spawn('ssh-keygen', ['-Y', 'sign', '-q', '-n', SSHSIG_NAMESPACE, '-f', path], { stdio: ['pipe', 'pipe', 'pipe'], ...(signal === undefined ? {} : { signal }) });
    const outputs: Buffer[] = [];
    const errors: Buffer[] = [];
    let size = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > SIGNING_LIMITS.signatureBytes) child.kill();
      else outputs.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (errors.length < 16) errors.push(chunk);
    });
    // It may end without reading: its exit code says enough.
    child.stdin.on('error', () => {});
    child.stdin.end(document);
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(signal?.aborted === true ? interrupted(`signing with ${path}`, error) : refused(error.code === 'ENOENT' ? 'it is not installed' : error.message, error));
    });
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(outputs));
      else reject(refused(Buffer.concat(errors).toString().trim().split(/\r?\n/).at(-1)?.slice(0, 300) || `exit code ${code}`));
    });
  });
}
