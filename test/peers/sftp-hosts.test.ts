import { readFile } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import type { NetworkOptions } from '../../src/network/network-options.js';
import { runOrThrow } from '../helpers/run.js';
import { forgetThePerson, sftpNetwork, withSftp } from '../helpers/sftp-client.js';
import { makeScratch } from '../helpers/scratch.js';
import { startSshd, type Sshd } from '../helpers/sshd.js';

const scratch = makeScratch();
forgetThePerson(scratch);
let started: Promise<Sshd> | undefined;
const server = (): Promise<Sshd> => (started ??= startSshd());
test.after.always(async () => {
  await (await started)?.stop();
  scratch.remove();
});

let number = 0;
async function knowing(sshd: Sshd, lines: string, more: NetworkOptions = {}): Promise<NetworkOptions> {
  return sftpNetwork(scratch, sshd, { knownHosts: await scratch.write(`hosts-${(number += 1)}`, lines), ...more });
}

async function believes(t: ExecutionContext, sshd: Sshd, network: NetworkOptions): Promise<void> {
  t.is((await withSftp(sshd.url(), network, (transport) => transport.stat(sshd.home)))?.kind, 'folder');
}

async function refuses(t: ExecutionContext, sshd: Sshd, network: NetworkOptions, message: RegExp): Promise<void> {
  const before = (await sshd.log()).length;
  await t.throwsAsync(withSftp(sshd.url(), network, (transport) => transport.stat(sshd.home)), { code: 'host-untrusted', message });
  t.notRegex((await sshd.log()).slice(before), /Accepted/, 'nobody logged in');
}

const lineOf = (sshd: Sshd, type: string): string => sshd.knownHosts.split('\n').find((line) => line.includes(` ${type} `)) ?? '';

test.serial('host key: each type alone, as known_hosts has it', async (t) => {
  const sshd = await server();
  for (const type of ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa']) await believes(t, sshd, await knowing(sshd, `${lineOf(sshd, type)}\n`));
});

test.serial('host key: hashed by ssh-keygen -H', async (t) => {
  const sshd = await server();
  const file = await scratch.write('hashed', sshd.knownHosts);
  await runOrThrow('ssh-keygen', ['-q', '-H', '-f', file]);
  t.regex(await readFile(file, 'utf8'), /^\|1\|/);
  await believes(t, sshd, await sftpNetwork(scratch, sshd, { knownHosts: file }));
});

test.serial('host key: as ssh-keyscan prints it', async (t) => {
  const sshd = await server();
  const found = await runOrThrow('ssh-keyscan', ['-T', '60', '-p', String(sshd.port), '127.0.0.1']);
  await believes(t, sshd, await knowing(sshd, found));
});

test.serial('host key: pinned, of any type', async (t) => {
  const sshd = await server();
  const prints = await scratch.write('prints', sshd.knownHosts);
  const pins: readonly string[] = (await runOrThrow('ssh-keygen', ['-l', '-f', prints])).match(/SHA256:\S+/g) ?? [];
  t.is(pins.length, 3);
  t.true(pins.includes(sshd.fingerprint));
  for (const hostKey of pins) await believes(t, sshd, await knowing(sshd, '', { hostKey }));
});

test.serial('host key: unknown; the error shows the fingerprint, and how to accept it', async (t) => {
  const sshd = await server();
  const accept = new RegExp(`is not known.*ssh-ed25519 host key is ${sshd.fingerprint.replaceAll('+', '\\+')}.*--host-key SHA256:.*ssh-keyscan -p ${sshd.port}`, 's');
  await refuses(t, sshd, await knowing(sshd, ''), accept);
  await refuses(t, sshd, await sftpNetwork(scratch, sshd, { knownHosts: undefined }), /is not known/);
  await refuses(t, sshd, await knowing(sshd, sshd.knownHosts.replaceAll(`:${sshd.port} `, ':1 ')), /is not known/);
});

test.serial('host key: another than before, revoked, or not the pinned one', async (t) => {
  const sshd = await server();
  const other = scratch.path('other-key');
  await runOrThrow('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', other]);
  const key = (await readFile(`${other}.pub`, 'utf8')).trim();
  const changed = `[127.0.0.1]:${sshd.port} ${key}\n`;
  await refuses(t, sshd, await knowing(sshd, changed), /another host key than before.*SOMEBODY IS IN BETWEEN.*ssh-keygen -R/s);
  await refuses(t, sshd, await knowing(sshd, `${sshd.knownHosts}@revoked * ${lineOf(sshd, 'ssh-ed25519').split(' ').slice(1).join(' ')}\n`), /revoked/);
  await refuses(t, sshd, await knowing(sshd, `@cert-authority * ${key}\n`), /certificates are not supported/);
  await refuses(t, sshd, await knowing(sshd, sshd.knownHosts, { hostKey: 'SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU' }), /not the pinned SHA256:47DEQ/);
});

test.serial('host key: a named known_hosts file that is missing is an error of its own', async (t) => {
  const sshd = await server();
  await t.throwsAsync(withSftp(sshd.url(), await sftpNetwork(scratch, sshd, { knownHosts: scratch.path('missing') }), (transport) => transport.stat('/')), { code: 'file-not-found' });
});
