// npm run build && node dist/test/bench/transfers.js [--rounds N] [--mib N] [--only WORD]: one large file to and from real servers on this machine,
// against OpenSSH's sftp and lftp, in turn. Needs root and the packages of .ci/peers.
import { copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startFtpServer } from '../helpers/ftp-servers.js';
import { startSshd } from '../helpers/sshd.js';
import type { Job } from './jobs.js';
import { measure, type Run } from './measure.js';
import { machine, table, type Result } from './report.js';

/** At least 0.9 of the rate of the peer. */
const atMost = 1.11;
const once = join(import.meta.dirname, 'transfer-once.js');
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, mib: { type: 'string', default: '1024' }, only: { type: 'string' } } });

const work = await mkdtemp(join(tmpdir(), 'imgkit-transfers-'));
const [big, got] = [join(work, 'big'), join(work, 'got')];
const sshd = await startSshd();
const ftp = { none: await startFtpServer({ kind: 'vsftpd' }), explicit: await startFtpServer({ kind: 'vsftpd', tls: 'explicit' }) };
try {
  // Bytes that do not compress, made at the rate of the processor's AES.
  await measure(['sh', '-c', `openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null | head -c ${values.mib}M > ${big}`]);
  const results: Result[] = [];
  for (const job of [...(await sshJobs()), ...(await ftpJobs('none', 'ftp')), ...(await ftpJobs('explicit', 'ftpes'))]) {
    if (values.only !== undefined && !job.name.includes(values.only)) continue;
    results.push(await compare(job));
    console.log(table(results.slice(-1)).split('\n').at(-1));
  }
  console.log(`\n${machine()}; ${values.mib} MiB\n\n${table(results)}`);
} finally {
  for (const server of [sshd, ...Object.values(ftp)]) await server.stop();
  await rm(work, { recursive: true, force: true });
}

async function sshJobs(): Promise<readonly Job[]> {
  const [known, batch, there, sent] = [join(work, 'known_hosts'), join(work, 'batch'), join(sshd.home, 'big'), join(sshd.home, 'sent')];
  await writeFile(known, sshd.knownHosts);
  await writeFile(batch, `put ${big} ${sent}\n`);
  await copyFile(big, there);
  const options = [`hostKey=${sshd.fingerprint}`, `sshKey=${sshd.key}`];
  const url = `sftp://${sshd.user}@127.0.0.1:${sshd.port}`;
  const sftp = ['sftp', '-q', '-i', sshd.key, '-P', `${sshd.port}`, '-o', `UserKnownHostsFile=${known}`, '-o', 'IdentitiesOnly=yes'];
  const outputs = [got, sent];
  return [
    { name: 'SFTP upload', against: 'sftp put', ours: [process.execPath, once, 'up', `${url}${sent}`, big, ...options], peer: [...sftp, '-b', batch, `${sshd.user}@127.0.0.1`], atMost, outputs },
    { name: 'SFTP download', against: 'sftp get', ours: [process.execPath, once, 'down', `${url}${there}`, got, ...options], peer: [...sftp, `${sshd.user}@127.0.0.1:${there}`, got], atMost, outputs },
  ];
}

async function ftpJobs(tls: 'none' | 'explicit', scheme: string): Promise<readonly Job[]> {
  const server = ftp[tls];
  const there = join(server.folder, 'pub/big');
  await copyFile(big, there);
  await server.give(there);
  const options = [`ca=${server.ca}`, `passwordFile=${server.passwordFile}`];
  const url = `${scheme}://${server.user}@127.0.0.1:${server.port}/pub`;
  const lftp = (command: string): readonly string[] => ['lftp', '-u', `${server.user},${server.password}`, '-e', `set ssl:ca-file ${server.ca}; set ftp:ssl-allow ${tls !== 'none'}; set ftp:ssl-force ${tls !== 'none'}; set ftp:ssl-protect-data true; set xfer:clobber true; ${command} && exit 0; exit 1`, `ftp://127.0.0.1:${server.port}`];
  const outputs = [got, join(server.folder, 'pub/sent')];
  const title = tls === 'none' ? 'FTP' : 'FTP over TLS';
  return [
    { name: `${title} upload`, against: 'lftp put', ours: [process.execPath, once, 'up', `${url}/sent`, big, ...options], peer: lftp(`put ${big} -o /pub/sent`), atMost, outputs },
    { name: `${title} download`, against: 'lftp get', ours: [process.execPath, once, 'down', `${url}/big`, got, ...options], peer: lftp(`get /pub/big -o ${got}`), atMost, outputs },
  ];
}

/** Ours and the peer's in turn, after one uncounted run of each. Every run must have moved all of the file. */
async function compare(job: Job): Promise<Result> {
  const ours: Run[] = [];
  const peer: Run[] = [];
  const { size } = await stat(big);
  for (let round = 0; round <= Number(values.rounds); round += 1) {
    for (const [command, runs] of [[job.ours, ours], [job.peer, peer]] as const) {
      const run = await measure(command);
      const moved = await Promise.all(job.outputs.map(async (path) => stat(path).then((found) => found.size, () => 0)));
      if (Math.max(...moved) !== size) throw new Error(`${command.join(' ')}: ${Math.max(...moved)} bytes instead of ${size}`);
      for (const path of job.outputs) await rm(path, { force: true });
      if (round > 0) runs.push(run);
    }
  }
  return { job, ours, peer };
}
