import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from './free-port.js';
import { startServerProcess } from './ftp-server-process.js';
import { runOrThrow } from './run.js';

/** Unpacked by .ci/peers: the packages of FTP servers exclude each other. */
const unpacked = '/usr/local/lib/imgkit-peers';

export type FtpServerKind = 'vsftpd' | 'proftpd' | 'pure-ftpd';

export interface FtpServerOptions {
  readonly kind: FtpServerKind;
  /** Default `none`. pure-ftpd has no `implicit`. */
  readonly tls?: 'none' | 'explicit' | 'implicit' | undefined;
  /** Data connections must resume the TLS session (vsftpd, proftpd). Default: true. */
  readonly sessionReuse?: boolean | undefined;
  readonly tlsVersion?: '1.2' | '1.3' | undefined;
  /** Default 127.0.0.1; with another one, passive answers name 127.0.0.1 all the same. vsftpd: also `::1`. */
  readonly host?: string | undefined;
  /** The one port of data connections; proftpd uses the next one too. Default: any. */
  readonly passivePort?: number | undefined;
  /** What the user sees as `/`, and may not write to. Default: a new folder. */
  readonly folder?: string | undefined;
  /** More lines for the server's configuration (vsftpd, proftpd). */
  readonly lines?: readonly string[] | undefined;
}

/** A running FTP server with one user, who sees `folder` as `/` and may write to `/pub` in it. */
export interface FtpServer {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The user's `/` on this disk. */
  readonly folder: string;
  /** Certificate of the authority, PEM. */
  readonly ca: string;
  /** A file with the password. */
  readonly passwordFile: string;
  /** Waits until no session is left: one that was cut writes what it has received first. */
  idle(): Promise<void>;
  /** Ends it with all its sessions, and starts it at the same port. */
  restart(): Promise<void>;
  /** Ends it with all its sessions. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** Gives a path to the server's user. */
  give(path: string): Promise<void>;
}

const password = 'correct horse';
/** Of Debian's user `ftp`, whom the vsftpd package makes. */
const account = 'ftp';

/** Starts a server of Debian's on 127.0.0.1. Needs root. */
export async function startFtpServer(options: FtpServerOptions): Promise<FtpServer> {
  const state = await mkdtemp(join(tmpdir(), `${options.kind}-`));
  await chmod(state, 0o755);
  const [, , uid = '', gid = ''] = (await runOrThrow('getent', ['passwd', account])).split(':');
  const give = (path: string): Promise<void> => chown(path, Number(uid), Number(gid));
  const folder = options.folder ?? join(state, 'files');
  await mkdir(join(folder, 'pub'), { recursive: true });
  await give(join(folder, 'pub'));
  await writeFile(join(state, 'password'), `${password}\n`, { mode: 0o600 });
  const ca = await makeCertificates(state);
  const host = options.host ?? '127.0.0.1';
  const context: Context = { ...options, state, folder, host, uid, gid };
  const start = async (port: number): ReturnType<typeof startServerProcess> => startServerProcess(await COMMANDS[options.kind](context, port), host, port, join(state, 'log'));
  // Somebody may take the port in between.
  let running = await start(await freePort(host)).catch(async () => start(await freePort(host)));
  return {
    port: running.port,
    user: options.kind === 'vsftpd' ? 'ftp' : 'release',
    password, folder, ca, give,
    passwordFile: join(state, 'password'),
    idle: () => running.idle(),
    kill: () => running.kill(),
    async restart() {
      await running.kill();
      running = await start(running.port);
    },
    async stop() {
      await running.kill();
      await rm(state, { recursive: true, force: true });
    },
  };
}

interface Context extends FtpServerOptions {
  readonly state: string;
  readonly folder: string;
  readonly host: string;
  readonly uid: string;
  readonly gid: string;
}

const COMMANDS: Readonly<Record<FtpServerKind, (context: Context, port: number) => Promise<readonly string[]>>> = { vsftpd, proftpd, 'pure-ftpd': pureFtpd };

/** Its anonymous user with a list of passwords: a login that needs no account of the machine. */
async function vsftpd({ state, folder, host, tls = 'none', sessionReuse = true, tlsVersion, passivePort, lines = [] }: Context, port: number): Promise<readonly string[]> {
  const config = join(state, 'vsftpd.conf');
  await mkdir(join(state, 'empty'), { recursive: true });
  await writeFile(join(state, 'passwords'), `${password}\n`);
  await writeFile(config, [
    ...(host.includes(':') ? ['listen=NO', 'listen_ipv6=YES', `listen_address6=${host}`] : ['listen=YES', `listen_address=${host}`]), 'background=NO', `listen_port=${port}`, 'pasv_address=127.0.0.1', 'seccomp_sandbox=NO',
    `secure_chroot_dir=${join(state, 'empty')}`, `vsftpd_log_file=${join(state, 'transfers')}`,
    'anonymous_enable=YES', 'local_enable=NO', 'write_enable=YES', 'anon_upload_enable=YES', 'anon_mkdir_write_enable=YES',
    'anon_other_write_enable=YES', 'anon_world_readable_only=NO', 'anon_umask=022', `anon_root=${folder}`, 
    'secure_email_list_enable=YES', `email_password_file=${join(state, 'passwords')}`, 'utf8_filesystem=YES', 'delay_failed_login=0',
    ...(passivePort === undefined ? [] : [`pasv_min_port=${passivePort}`, `pasv_max_port=${passivePort}`]),
    ...(tls === 'none' ? [] : [
      'ssl_enable=YES', 'allow_anon_ssl=YES', 'force_anon_logins_ssl=YES', 'force_anon_data_ssl=YES', `implicit_ssl=${tls === 'implicit' ? 'YES' : 'NO'}`,
      `require_ssl_reuse=${sessionReuse ? 'YES' : 'NO'}`, `rsa_cert_file=${join(state, 'server.pem')}`, 'ssl_ciphers=HIGH', 'strict_ssl_read_eof=YES',
      ...(tlsVersion === '1.2' ? ['ssl_tlsv1_3=NO'] : []),
    ]),
    ...lines, '',
  ].join('\n'));
  return ['/usr/sbin/vsftpd', config];
}

async function proftpd({ state, folder, host, uid, gid, tls = 'none', sessionReuse = true, tlsVersion, passivePort, lines = [] }: Context, port: number): Promise<readonly string[]> {
  const config = join(state, 'proftpd.conf');
  await writeFile(join(state, 'users'), `release:${await passwordHash()}:${uid}:${gid}::${folder}:/bin/sh\n`, { mode: 0o600 });
  await writeFile(join(state, 'groups'), `release:x:${gid}:\n`, { mode: 0o600 });
  await writeFile(config, [
    `ModulePath ${unpacked}/usr/lib/proftpd`, 'LoadModule mod_digest.c', 'LoadModule mod_tls.c',
    'ServerType standalone', `Port ${port}`, `DefaultAddress ${host}`, 'UseIPv6 off', 'UseReverseDNS off', 'User nobody', 'Group nogroup',
    `ScoreboardFile ${state}/scoreboard`, `PidFile ${state}/pid`, `SystemLog ${state}/system.log`, 'TransferLog none', 'WtmpLog off', 'DelayEngine off',
    `AuthOrder mod_auth_file.c`, `AuthUserFile ${state}/users`, `AuthGroupFile ${state}/groups`, 'RequireValidShell off', 'DefaultRoot ~',
    'AllowOverwrite on', 'AllowStoreRestart on', 'Umask 022', 'UseSendfile on',
    ...(host === '127.0.0.1' ? [] : ['MasqueradeAddress 127.0.0.1']),
    // It takes no range of one.
    ...(passivePort === undefined ? [] : [`PassivePorts ${passivePort} ${passivePort + 1}`]),
    ...(tls === 'none' ? [] : [
      'TLSEngine on', 'TLSRequired on', `TLSRSACertificateFile ${state}/server.pem`, `TLSRSACertificateKeyFile ${state}/server.pem`, `TLSLog ${state}/tls.log`,
      `TLSProtocol ${tlsVersion === '1.2' ? 'TLSv1.2' : tlsVersion === '1.3' ? 'TLSv1.3' : 'TLSv1.2 TLSv1.3'}`,
      `TLSOptions ${[...(sessionReuse ? [] : ['NoSessionReuseRequired']), ...(tls === 'implicit' ? ['UseImplicitSSL'] : [])].join(' ') || 'StdEnvVars'}`,
    ]),
    ...lines, '',
  ].join('\n'));
  return [`${unpacked}/usr/sbin/proftpd`, '--nodaemon', '--quiet', '--config', config];
}

async function pureFtpd({ state, folder, host, uid, gid, tls = 'none', passivePort }: Context, port: number): Promise<readonly string[]> {
  if (tls === 'implicit') throw new Error('pure-ftpd has no implicit TLS');
  const users = join(state, 'users');
  // Not `pure-pw useradd`: each login with its hashes takes a second.
  await writeFile(users, `release:${await passwordHash()}:${uid}:${gid}::${folder}/./::::::::::::\n`, { mode: 0o600 });
  await runOrThrow(`${unpacked}/usr/bin/pure-pw`, ['mkdb', `${users}.pdb`, '-f', users]);
  return [
    `${unpacked}/usr/sbin/pure-ftpd`, '-S', `${host},${port}`, '-l', `puredb:${users}.pdb`, '-E', '-A', '-H', '-u', '1', '-c', '30', '-C', '30', '-D',
    '-g', `${state}/pid`, '-Y', tls === 'none' ? '0' : '3', '-2', `${state}/server.pem`,
    ...(host === '127.0.0.1' ? [] : ['-P', '127.0.0.1']),
    ...(passivePort === undefined ? [] : ['-p', `${passivePort}:${passivePort}`]),
  ];
}

async function passwordHash(): Promise<string> {
  return (await runOrThrow('openssl', ['passwd', '-1', '-stdin'], { input: password })).trim();
}

/** An authority, and a certificate of it for `127.0.0.1` and `localhost`; gives the path of the authority's. */
async function makeCertificates(state: string): Promise<string> {
  const file = (name: string): string => join(state, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  await runOrThrow('openssl', ['req', '-x509', ...key, '-subj', '/CN=test authority', '-keyout', file('ca.key'), '-out', file('ca.pem')]);
  await runOrThrow('openssl', [
    'req', '-x509', ...key, '-subj', '/CN=localhost', '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-addext', 'subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost',
    '-addext', 'basicConstraints=critical,CA:FALSE', '-keyout', file('server.key'), '-out', file('server.crt'),
  ]);
  await writeFile(file('server.pem'), `${await readFile(file('server.key'), 'utf8')}${await readFile(file('server.crt'), 'utf8')}`, { mode: 0o600 });
  return file('ca.pem');
}

/** Puts a file into the server's folder, with the folders above it, all of the server's user. */
export async function plantFile(server: FtpServer, path: string, bytes: Uint8Array): Promise<void> {
  const target = join(server.folder, path);
  const made = await mkdir(dirname(target), { recursive: true });
  const first = made?.length ?? Infinity;
  for (let at = dirname(target); at.length >= first; at = dirname(at)) await server.give(at);
  await writeFile(target, bytes);
  await server.give(target);
}
