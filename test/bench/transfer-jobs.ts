import { link, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { startFtpServer } from '../helpers/ftp-servers.js';
import { startNginx } from '../helpers/nginx.js';
import { startSshd } from '../helpers/sshd.js';
import type { Beside, Job } from './jobs.js';
import type { BenchPlaces } from './layer-jobs.js';

const root = resolve(import.meta.dirname, '../../..');
/** At least 0.9 of the peer's rate. */
const atMost = 1 / 0.9;
const mostPeakMb = 150;

/**
 * The docker archive to and from hosts. First its bytes alone, as sftp and lftp move them, by the transport without the command around it; then
 * `send` and `fetch` as users have them, which prove what arrived and sync it, so the peers are followed by what does that. Needs root.
 */
export function transferJobs({ image, work, cli }: BenchPlaces): readonly Job[] {
  const [big, got, sums] = [join(image, 'docker.tar'), join(work, 'got.tar'), join(work, 'docker.tar.sha256')];
  const outputs = [got];
  const needs = { file: sums, made: ['bash', '-ec', `cd ${image}; sha256sum docker.tar >${sums}`] };
  const shell = (script: string): readonly string[] => ['bash', '-ec', script];
  // Bundled with what it uses, in parts that are read when they are needed, as the command is: two hundred modules take 0.2 s to load.
  const bundle = join(import.meta.dirname, 'transfer-once');
  const [bundled, banner] = [join(bundle, 'transfer-once.mjs'), `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); const __dirname = import.meta.dirname;`];
  const alone = { file: bundled, made: [join(root, 'node_modules/.bin/esbuild'), join(import.meta.dirname, 'transfer-once.js'), '--bundle', '--splitting', '--platform=node', '--format=esm', '--external:*.node', `--banner:js=${banner}`, '--log-level=error', '--out-extension:.js=.mjs', `--outdir=${bundle}`] };
  // The server is known when it runs: its names are variables. exec, so that the memory is that of the command.
  const once = (...words: string[]): readonly string[] => shell(`exec ${process.execPath} ${bundled} ${words.join(' ')} $OPTIONS`);
  const imgkit = (...words: string[]): readonly string[] => shell(`exec ${process.execPath} ${cli} ${words.join(' ')} $WORDS --quiet --progress none`);
  const lftp = (command: string): readonly string[] => shell(`lftp -u "$LOGIN" -e "$SETTINGS; ${command} && exit 0; exit 1" "$HOST"`);
  const [sftp, ssh] = ['sftp -q $SSH', 'ssh $SSH'];
  const check = `echo "$(cut -c1-64 ${sums})  ${got}" | sha256sum --quiet -c; sync ${got}`;
  const overSftp = { beside: () => besideSftp(work, big, sums), needs, outputs, atMost, mostPeakMb };
  const aloneOverSftp = { ...overSftp, beside: () => besideSftp(work, big), needs: alone };
  const aloneOverFtps = { beside: () => besideFtps(big), needs: alone, outputs, atMost, mostPeakMb };
  const overHttp = { beside: () => besideHttp(big, sums), needs, outputs, mostPeakMb };
  return [
    { ...aloneOverSftp, name: 'SFTP upload, the bytes alone', ours: once('up', '$URL/sent.tar', big), peer: shell(`echo "put -f ${big} $FOLDER/sent.tar" | ${sftp} -b - "$LOGIN"`), against: 'sftp put -f, which syncs as we do' },
    { ...aloneOverSftp, name: 'SFTP download, the bytes alone', ours: once('down', '$URL/docker.tar', got), peer: shell(`${sftp} "$LOGIN:$FOLDER/docker.tar" ${got}`), against: 'sftp get' },
    { ...aloneOverFtps, name: 'FTPS upload, the bytes alone', ours: once('up', '$URL/sent.tar', big), peer: lftp(`put ${big} -o /pub/sent.tar`), against: 'lftp put' },
    { ...aloneOverFtps, name: 'FTPS download, the bytes alone', ours: once('down', '$URL/docker.tar', got), peer: lftp(`get /pub/docker.tar -o ${got}`), against: 'lftp get' },
    { ...overSftp, name: 'send over SFTP, proven at both ends', ours: imgkit('send', big, '$URL/sent.tar'), peer: shell(`sha256sum ${big}; echo "put -f ${big} $FOLDER/sent.tar" | ${sftp} -b - "$LOGIN"; ${ssh} "$LOGIN" "sha256sum $FOLDER/sent.tar"`), against: 'sha256sum, sftp put -f, sha256sum there' },
    { ...overSftp, name: 'fetch over SFTP, proven and synced', ours: imgkit('fetch', '$URL/docker.tar', '-o', got), peer: shell(`${sftp} "$LOGIN:$FOLDER/docker.tar" ${got}; ${check}`), against: 'sftp get, sha256sum -c, sync' },
    { ...overHttp, name: 'fetch over HTTP, proven and synced', ours: imgkit('fetch', '$URL/docker.tar', '-o', got), peer: shell(`curl -sf -o ${got} "$URL/docker.tar"; ${check}`), against: 'curl, sha256sum -c, sync' },
  ];
}

async function besideSftp(work: string, ...files: readonly string[]): Promise<Beside> {
  const sshd = await startSshd();
  const known = join(work, 'known_hosts');
  await writeFile(known, sshd.knownHosts);
  await lay(files, sshd.home);
  return {
    env: {
      URL: sshd.url().replace(/\/$/, ''), LOGIN: `${sshd.user}@127.0.0.1`, FOLDER: sshd.home,
      SSH: `-i ${sshd.key} -o Port=${sshd.port} -o UserKnownHostsFile=${known} -o IdentitiesOnly=yes`,
      OPTIONS: `hostKey=${sshd.fingerprint} sshKey=${sshd.key}`, WORDS: `--host-key ${sshd.fingerprint} --ssh-key ${sshd.key}`,
    },
    clean: () => removeSent(sshd.home),
    close: () => sshd.stop(),
  };
}

async function besideFtps(...files: readonly string[]): Promise<Beside> {
  const server = await startFtpServer({ kind: 'vsftpd', tls: 'explicit' });
  const pub = join(server.folder, 'pub');
  await lay(files, pub);
  return {
    env: {
      URL: `ftpes://${server.user}@127.0.0.1:${server.port}/pub`, OPTIONS: `ca=${server.ca} passwordFile=${server.passwordFile}`,
      HOST: `ftp://127.0.0.1:${server.port}`, LOGIN: `${server.user},${server.password}`,
      SETTINGS: `set ssl:ca-file ${server.ca}; set ftp:ssl-force true; set ftp:ssl-protect-data true; set xfer:clobber true`,
    },
    clean: () => removeSent(pub),
    close: () => server.stop(),
  };
}

async function besideHttp(...files: readonly string[]): Promise<Beside> {
  const nginx = await startNginx();
  await lay(files, nginx.root);
  return { env: { URL: nginx.origin, WORDS: '' }, clean: () => Promise.resolve(), close: () => nginx.stop() };
}

/** A second name in the folder of a server, which only reads it, costs nothing. */
export async function lay(files: readonly string[], folder: string): Promise<void> {
  for (const file of files) await link(file, join(folder, basename(file)));
}

async function removeSent(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (name.includes('sent.tar')) await rm(join(folder, name));
}
