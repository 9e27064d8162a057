import { spawn } from 'node:child_process';
import { chmod, copyFile, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { ErrorCode } from '../../src/errors.js';
import type { NetworkOptions } from '../../src/network/network-options.js';
import { runOrThrow } from '../helpers/run.js';
import { forgetThePerson, sftpNetwork, withSftp } from '../helpers/sftp-client.js';
import { makeScratch } from '../helpers/scratch.js';
import { startSshd, type Sshd } from '../helpers/sshd.js';

const scratch = makeScratch();
forgetThePerson(scratch);
const servers: Sshd[] = [];
const serve = async (...config: readonly string[]): Promise<Sshd> => {
  const sshd = await startSshd({ config });
  servers.push(sshd);
  return sshd;
};
let first: Promise<Sshd> | undefined;
const server = (): Promise<Sshd> => (first ??= serve());
test.after.always(async () => {
  for (const sshd of servers) await sshd.stop();
  scratch.remove();
});

/** Without the key: only what `more` says. */
async function plain(sshd: Sshd, more: NetworkOptions): Promise<NetworkOptions> {
  return sftpNetwork(scratch, sshd, { sshKey: undefined, ...more });
}

async function logsIn(t: ExecutionContext, sshd: Sshd, network: NetworkOptions): Promise<void> {
  t.is((await withSftp(sshd.url(), network, (transport) => transport.stat(sshd.home)))?.kind, 'folder');
}

async function fails(t: ExecutionContext, sshd: Sshd, network: NetworkOptions, code: ErrorCode, message: RegExp): Promise<void> {
  await t.throwsAsync(withSftp(sshd.url(), network, (transport) => transport.stat(sshd.home)), { code, message });
}

/** A copy of the server's key for its user, in another form. */
async function keyFile(sshd: Sshd, name: string, mode = 0o600): Promise<string> {
  const path = await scratch.write(name, '');
  await copyFile(sshd.key, path);
  await chmod(path, mode);
  return path;
}

test.serial('login: a key file', async (t) => {
  const sshd = await server();
  await logsIn(t, sshd, await sftpNetwork(scratch, sshd));
});

test.serial('login: a key that others can read is refused', async (t) => {
  const sshd = await server();
  await fails(t, sshd, await sftpNetwork(scratch, sshd, { sshKey: await keyFile(sshd, 'open-key', 0o640) }), 'key-exposed', /0640.*chmod 600/);
});

test.serial('login: an encrypted key, with its passphrase from a file or a person', async (t) => {
  const sshd = await server();
  const key = await keyFile(sshd, 'encrypted');
  await runOrThrow('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', key]);
  const right = await scratch.write('passphrase', 'open sesame\n');
  const wrong = await scratch.write('wrong-passphrase', 'open barley\n');
  await Promise.all([right, wrong].map((path) => chmod(path, 0o600)));
  const asked: string[] = [];
  await logsIn(t, sshd, await sftpNetwork(scratch, sshd, { sshKey: key, keyPassphraseFile: right }));
  await logsIn(t, sshd, await sftpNetwork(scratch, sshd, { sshKey: key, askPassword: async (question) => { asked.push(question); return 'open sesame'; } }));
  t.deepEqual(asked, [`Passphrase of ${key}: `]);
  await fails(t, sshd, await sftpNetwork(scratch, sshd, { sshKey: key, keyPassphraseFile: wrong }), 'key-refused', /passphrase does not open/);
  await fails(t, sshd, await sftpNetwork(scratch, sshd, { sshKey: key }), 'key-refused', /--key-passphrase-file/);
});

for (const [format, type, bits] of [['PEM', 'rsa', '3072'], ['PKCS8', 'rsa', '3072'], ['PKCS8', 'ecdsa', '256'], ['RFC4716', 'ecdsa', '384']] as const) {
  test.serial(`login: a key of type ${type} in the format ${format}`, async (t) => {
    const sshd = await server();
    const key = scratch.path(`${format}-${type}`);
    await runOrThrow('ssh-keygen', ['-q', '-t', type, '-b', bits, '-m', format, '-N', '', '-f', key]);
    await sshd.authorize(await readFile(`${key}.pub`, 'utf8'));
    await logsIn(t, sshd, await sftpNetwork(scratch, sshd, { sshKey: key }));
  });
}

test.serial('login: a key that the server does not know is refused; a public key, too', async (t) => {
  const sshd = await server();
  const key = scratch.path('stranger');
  await runOrThrow('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  await fails(t, sshd, await sftpNetwork(scratch, sshd, { sshKey: key }), 'login-failed', /tried the key .*stranger/);
  await chmod(`${key}.pub`, 0o600);
  await fails(t, sshd, await sftpNetwork(scratch, sshd, { sshKey: `${key}.pub` }), 'key-malformed', /public key/);
});

test.serial('login: the usual key files of ~/.ssh', async (t) => {
  const sshd = await server();
  await keyFile(sshd, 'home/.ssh/id_ed25519');
  await logsIn(t, sshd, await plain(sshd, {}));
  await chmod(scratch.path('home/.ssh/id_ed25519'), 0o644);
  await fails(t, sshd, await plain(sshd, {}), 'login-failed', /id_ed25519, which others can read/);
});

test.serial('login: an agent, through its socket', async (t) => {
  const sshd = await server();
  const socket = scratch.path('agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  try {
    for (let attempt = 0; (await readFile(socket).catch((error: NodeJS.ErrnoException) => error.code)) === 'ENOENT' && attempt < 200; attempt += 1) await new Promise((resolve) => setTimeout(resolve, 50));
    process.env['SSH_AUTH_SOCK'] = socket;
    await fails(t, sshd, await plain(sshd, {}), 'login-failed', /an SSH agent without keys/);
    await runOrThrow('ssh-add', ['-q', sshd.key], { env: { SSH_AUTH_SOCK: socket } });
    await logsIn(t, sshd, await plain(sshd, {}));
  } finally {
    delete process.env['SSH_AUTH_SOCK'];
    agent.kill('SIGKILL');
  }
});

test.serial('login: an agent that is gone or dumb does not keep a password from being tried', async (t) => {
  const sshd = await server();
  process.env['IMGKIT_PASSWORD'] = sshd.password;
  const rude = createServer((socket) => socket.destroy()).listen(scratch.path('rude'));
  try {
    for (const socket of ['nothing', 'rude']) {
      process.env['SSH_AUTH_SOCK'] = scratch.path(socket);
      await logsIn(t, sshd, await plain(sshd, {}));
    }
  } finally {
    rude.close();
    delete process.env['SSH_AUTH_SOCK'];
    delete process.env['IMGKIT_PASSWORD'];
  }
});

test.serial('login: a password from a file, netrc, or a person; a wrong one says what was tried and not what it was', async (t) => {
  const sshd = await server();
  const file = await scratch.write('password', `${sshd.password}\n`);
  const wrong = await scratch.write('wrong-password', 'Tr0ub4dor\n');
  await Promise.all([file, wrong].map((path) => chmod(path, 0o600)));
  await logsIn(t, sshd, await plain(sshd, { passwordFile: file }));
  await logsIn(t, sshd, await plain(sshd, { askPassword: async () => sshd.password }));
  await scratch.write('home/.netrc', `machine 127.0.0.1 login ${sshd.user} password ${sshd.password}\n`);
  await chmod(scratch.path('home/.netrc'), 0o600);
  await logsIn(t, sshd, await plain(sshd, {}));
  await scratch.write('home/.netrc', '');
  await fails(t, sshd, await plain(sshd, { passwordFile: wrong }), 'login-failed', /^(?!.*Tr0ub4dor).*tried the password/s);
  await fails(t, sshd, await plain(sshd, {}), 'login-failed', /nothing to log in with was found/);
  t.false((await sshd.log()).includes('Tr0ub4dor'));
});

test.serial('login: the password as the answer to a question (PAM)', async (t) => {
  const sshd = await serve('UsePAM yes', 'KbdInteractiveAuthentication yes', 'PasswordAuthentication no');
  await logsIn(t, sshd, await plain(sshd, { askPassword: async () => sshd.password }));
  await fails(t, sshd, await plain(sshd, { askPassword: async () => 'wrong' }), 'login-failed', /tried answers to its questions/);
});

test.serial('login: a key and then a password, when the server wants both', async (t) => {
  const sshd = await serve('AuthenticationMethods publickey,password');
  await logsIn(t, sshd, await sftpNetwork(scratch, sshd, { askPassword: async () => sshd.password }));
  await fails(t, sshd, await sftpNetwork(scratch, sshd), 'login-failed', /tried the key/);
});

test.serial('login: works, but there is no SFTP', async (t) => {
  const sshd = await serve('Subsystem sftp /bin/false');
  await fails(t, sshd, await sftpNetwork(scratch, sshd), 'remote-refused', /opens no SFTP session/);
});
