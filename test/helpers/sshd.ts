import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { appendFile, chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { killTree, sessionsEnded } from './descendants.js';
import { runOrThrow } from './run.js';
import { freePort } from './free-port.js';

/** A private OpenSSH server on 127.0.0.1 with a system user of its own. */
export interface Sshd {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The user's folder; what tests send and fetch lies here. */
  readonly home: string;
  /** Private key that the user may log in with. */
  readonly key: string;
  /** Lines for a known_hosts file with all host keys. */
  readonly knownHosts: string;
  /** `SHA256:...` of the Ed25519 host key. */
  readonly fingerprint: string;
  /** `sftp://user@host:port` and the path below the user's folder. */
  url(name?: string): string;
  /** Lets the user log in with one more key (a line of authorized_keys). */
  authorize(line: string): Promise<void>;
  /** Everything that the server logged. */
  log(): Promise<string>;
  /** Waits until no session is left: one that was cut writes what it has received first. */
  idle(): Promise<void>;
  /** Ends the server and all its sessions at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Ends it, removes the user and the folder. Safe to call twice. */
  stop(): Promise<void>;
}

export interface SshdOptions {
  /** Lines of sshd_config that come before the usual ones (the first value counts). */
  readonly config?: readonly string[];
}

const sshdPath = '/usr/sbin/sshd';
const startTimeout = 60_000;

/** Starts OpenSSH's sshd with its own keys and settings, and makes a system user for it. Needs root. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  // Not below TMPDIR: the server's user must be able to go there.
  const folder = await mkdtemp('/tmp/sshd-');
  await chmod(folder, 0o755);
  const user = `imgkit${randomBytes(4).toString('hex')}`;
  const password = randomBytes(12).toString('base64url');
  const home = join(folder, 'home');
  const at = (name: string): string => join(folder, name);
  // Its privilege separation wants this folder, which systemd would make.
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  await makeUser(user, password, home);
  await makeKeys(at);
  const log = openSync(at('log'), 'w');
  let child: ChildProcess | undefined;
  let port = 0;
  let ended: Promise<unknown> = Promise.resolve();
  const killAtExit = (): void => { child?.kill('SIGKILL'); };
  process.once('exit', killAtExit);

  const start = async (): Promise<void> => {
    await ended;
    for (let attempt = 0; ; attempt += 1) {
      if (port === 0 || attempt > 0) port = await freePort();
      await writeFile(at('config'), settings(at, port, user, options.config ?? []));
      child = spawn(sshdPath, ['-D', '-e', '-f', at('config')], { stdio: ['ignore', log, log] });
      try {
        await greeting(child, port);
        return;
      } catch (error) {
        await killTree(child);
        if (attempt === 3) throw new Error(`sshd did not start\n${(await readFile(at('log'), 'utf8')).slice(-2000)}`, { cause: error });
      }
    }
  };
  // At once: whom it served may start it again before the last of its sessions has ended, and the new one is not this one's to forget.
  const kill = async (): Promise<void> => {
    const ending = child;
    child = undefined;
    ended = Promise.all([ended, ending && killTree(ending)]);
    await ended;
  };
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= (async () => {
    await kill();
    process.removeListener('exit', killAtExit);
    closeSync(log);
    await runOrThrow('userdel', [user]);
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  })());

  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  const hostKeys = await Promise.all(['ed25519', 'ecdsa', 'rsa'].map((type) => readFile(at(`host_${type}.pub`), 'utf8')));
  const fingerprint = (await runOrThrow('ssh-keygen', ['-l', '-f', at('host_ed25519.pub')])).split(' ')[1] ?? '';
  return {
    host: '127.0.0.1', port, user, password, home, key: at('client_key'), fingerprint,
    knownHosts: hostKeys.map((key) => `[127.0.0.1]:${port} ${key.split(' ').slice(0, 2).join(' ')}\n`).join(''),
    url: (name = '') => `sftp://${user}@127.0.0.1:${port}${join(home, name)}`,
    authorize: (line) => appendFile(at('authorized_keys'), `${line.trim()}\n`),
    log: () => readFile(at('log'), 'utf8'),
    idle: () => sessionsEnded(child?.pid),
    kill, start, stop,
  };
}

function settings(at: (name: string) => string, port: number, user: string, first: readonly string[]): string {
  return [
    ...first,
    `Port ${port}`, 'ListenAddress 127.0.0.1', `PidFile ${at('pid')}`, `AllowUsers ${user}`,
    `HostKey ${at('host_ed25519')}`, `HostKey ${at('host_ecdsa')}`, `HostKey ${at('host_rsa')}`,
    `AuthorizedKeysFile ${at('authorized_keys')}`, 'StrictModes no', 'UsePAM no', 'PasswordAuthentication yes',
    'KbdInteractiveAuthentication no', 'MaxStartups 100', 'MaxAuthTries 10', 'PrintMotd no', 'UseDNS no', 'LogLevel VERBOSE',
    // Of this one, a second is an error.
    ...(first.some((line) => line.startsWith('Subsystem ')) ? [] : ['Subsystem sftp /usr/lib/openssh/sftp-server']), '',
  ].join('\n');
}

async function makeUser(user: string, password: string, home: string): Promise<void> {
  // Others make users at the same time, and useradd does not wait for its lock for long.
  for (let attempt = 0; ; attempt += 1) {
    try {
      await runOrThrow('useradd', ['--no-create-home', '--home-dir', home, '--shell', '/bin/sh', user]);
      break;
    } catch (error) {
      if (attempt === 20) throw error;
      await delay(250);
    }
  }
  await runOrThrow('chpasswd', [], { input: `${user}:${password}\n` });
  const [uid = 0, gid = 0] = (await runOrThrow('sh', ['-c', 'id -u "$1"; id -g "$1"', 'sh', user])).split('\n').map(Number);
  await mkdir(home);
  await chown(home, uid, gid);
}

async function makeKeys(at: (name: string) => string): Promise<void> {
  for (const [name, type] of [['host_ed25519', 'ed25519'], ['host_ecdsa', 'ecdsa'], ['host_rsa', 'rsa'], ['client_key', 'ed25519']] as const) {
    await runOrThrow('ssh-keygen', ['-q', '-N', '', '-C', '', '-t', type, '-f', at(name)]);
  }
  await writeFile(at('authorized_keys'), await readFile(at('client_key.pub')));
}

async function greeting(child: ChildProcess, port: number): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => { failure = error; });
  child.once('exit', (code, signal) => { failure = new Error(`sshd ended: ${signal ?? code}`); });
  for (const deadline = Date.now() + startTimeout; Date.now() < deadline; await delay(50)) {
    if (failure !== undefined) throw failure;
    if (await greets(port)) return;
  }
  throw new Error(`no greeting within ${startTimeout} ms`);
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', (data) => {
      resolve(data.toString('latin1').startsWith('SSH-2.0-'));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
