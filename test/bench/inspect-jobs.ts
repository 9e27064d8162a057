import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startFaultProxy } from '../faults/tcp-proxy.js';
import { startNginx } from '../helpers/nginx.js';
import { startSshd } from '../helpers/sshd.js';
import { makeAuthority } from '../network/certificates.js';
import type { Beside, Job } from './jobs.js';
import type { BenchPlaces } from './layer-jobs.js';
import { lay } from './transfer-jobs.js';

/** `inspect` of the docker archive where it lies: less than 1 % of it may travel, counted by a proxy before the server. Needs root. */
export function inspectJobs({ image, work, cli }: BenchPlaces): readonly Job[] {
  const [big, count] = [join(image, 'docker.tar'), join(work, 'bytes-read')];
  const shell = (script: string): readonly string[] => ['bash', '-ec', script];
  const note = shell(`n=$(cat ${count}); all=$(stat -c %s ${big}); echo "reads $n bytes of $all"; [ "$n" -gt 0 ] && [ $((n * 100)) -lt "$all" ]`);
  const job = { ours: shell(`exec ${process.execPath} ${cli} inspect "$URL/docker.tar" $WORDS`), peer: [process.execPath, '-e', '0'], against: 'node -e 0', outputs: [], note };
  return [
    { ...job, name: 'inspect over HTTPS', beside: () => besideHttps(work, big, count) },
    { ...job, name: 'inspect over SFTP', beside: () => besideSftp(big, count) },
  ];
}

async function besideHttps(work: string, big: string, count: string): Promise<Beside> {
  const authority = await makeAuthority();
  const ca = join(work, 'ca.pem');
  await writeFile(ca, authority.ca);
  const nginx = await startNginx({ tls: await authority.issue() });
  await lay([big], nginx.root);
  return counted(nginx.port, count, (port) => ({ URL: `https://localhost:${port}`, WORDS: `--ca ${ca}` }), () => nginx.stop());
}

async function besideSftp(big: string, count: string): Promise<Beside> {
  const sshd = await startSshd();
  await lay([big], sshd.home);
  return counted(sshd.port, count, (port) => ({ URL: `sftp://${sshd.user}@127.0.0.1:${port}${sshd.home}`, WORDS: `--host-key ${sshd.fingerprint} --ssh-key ${sshd.key}` }), () => sshd.stop());
}

/** Writes down, before each run and after the last, how many bytes a run let the server send. */
async function counted(port: number, count: string, env: (port: number) => NodeJS.ProcessEnv, stop: () => Promise<void>): Promise<Beside> {
  const proxy = await startFaultProxy({ target: { port } });
  let [before, connections] = [0, 0];
  return {
    env: env(proxy.port),
    async clean() {
      // The peer's run in between made no connection.
      if (proxy.connections > connections) await writeFile(count, String(proxy.bytes.down - before));
      [before, connections] = [proxy.bytes.down, proxy.connections];
    },
    async close() {
      await proxy.close();
      await stop();
    },
  };
}
