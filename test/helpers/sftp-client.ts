import { chown, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkOptions } from '../../src/network/network-options.js';
import { openSftpTransport } from '../../src/transport/sftp/sftp-transport.js';
import type { Transport } from '../../src/transport/transport.js';
import type { Scratch } from './scratch.js';
import type { Sshd } from './sshd.js';

/** Nothing of the person who runs the tests may help to log in: no agent, no keys, no netrc, no known hosts. */
export function forgetThePerson(scratch: Scratch): void {
  for (const name of ['SSH_AUTH_SOCK', 'IMGKIT_PASSWORD', 'NETRC']) delete process.env[name];
  process.env['HOME'] = scratch.path('home');
}

/** Options that know the server's host keys and log in with its key; `more` over them. */
export async function sftpNetwork(scratch: Scratch, sshd: Sshd, more: NetworkOptions = {}): Promise<NetworkOptions> {
  return { knownHosts: await scratch.write(`known-${sshd.port}`, sshd.knownHosts), sshKey: sshd.key, ...more };
}

/** Does `work` with a transport, and closes it. */
export async function withSftp<T>(url: string, network: NetworkOptions, work: (transport: Transport) => Promise<T>): Promise<T> {
  const transport = await openSftpTransport(url, network);
  try {
    return await work(transport);
  } finally {
    await transport.close();
  }
}

/** Puts a file into the server's folder, for its user. */
export async function plantFor(sshd: Sshd, path: string, bytes: Uint8Array): Promise<void> {
  const { uid, gid } = await stat(sshd.home);
  const folder = join(path, '..');
  await mkdir(folder, { recursive: true });
  await writeFile(path, bytes);
  for (const made of [folder, path]) await chown(made, uid, gid);
}
