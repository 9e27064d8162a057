import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import test from 'ava';
import { freePort } from '../helpers/free-port.js';
import { docker, startDockerd, type Dockerd } from '../helpers/dockerd.js';
import type { Moved } from '../helpers/facts.js';
import { createWorkspace, type Workspace } from '../helpers/imgkit.js';
import { runOrThrow } from '../helpers/run.js';
import { startSshd, type Sshd } from '../helpers/sshd.js';

// An engine that is not on this machine: over TLS with client certificates, and through ssh.
const NAME = 'imgkit/far:1.0';

let work: Workspace;
let engine: Dockerd;
let sshd: Sshd;
let port: number;
let imageId: string;

test.before(async () => {
  work = await createWorkspace();
  await makeCertificates();
  port = await freePort();
  const file = (name: string): string => work.path(`certificates/${name}`);
  [engine, sshd] = await Promise.all([
    startDockerd(['--host', `tcp://127.0.0.1:${port}`, '--tlsverify', '--tlscacert', file('ca.pem'), '--tlscert', file('server.pem'), '--tlskey', file('server-key.pem')]),
    startSshd(),
  ]);
  await mkdir(work.path('empty'));
  await writeFile(work.path('empty/hello'), 'far\n');
  await runOrThrow('tar', ['-cf', work.path('far.tar'), '-C', work.path('empty'), '.']);
  await docker(engine.host, ['import', work.path('far.tar'), NAME]);
  imageId = (await docker(engine.host, ['image', 'inspect', '--format', '{{.Id}}', NAME])).trim();
});

test.after.always(async () => {
  await Promise.all([engine?.stop(), sshd?.stop()]);
  await work?.remove();
});

test.serial('tcp with TLS: list, save and load with the files of DOCKER_CERT_PATH', async (t) => {
  const env = { DOCKER_HOST: `tcp://127.0.0.1:${port}`, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: work.path('certificates') };
  t.regex(await work.ok(['list', 'docker-daemon:'], { env }), /imgkit\/far:1\.0/);
  const saved = JSON.parse(await work.ok(['save', `docker-daemon:${NAME}`, '-o', 'tls.tar', '--json'], { env })) as Moved;
  t.is(saved.images[0]?.imageId, imageId);
  await work.ok(['load', 'tls.tar', '--into', 'docker-daemon:imgkit/back:1.0'], { env });
  t.is((await docker(engine.host, ['image', 'inspect', '--format', '{{.Id}}', 'imgkit/back:1.0'])).trim(), imageId);
  // The same engine by a context, which brings its own certificates.
  const docked = { DOCKER_CONFIG: work.path('docker') };
  const [ca, cert, key] = ['ca', 'cert', 'key'].map((name) => `${name}=${work.path(`certificates/${name}.pem`)}`);
  await docker(engine.host, ['context', 'create', 'far', '--docker', `host=${env.DOCKER_HOST},${ca},${cert},${key}`], { env: docked });
  t.regex(await work.ok(['list', 'docker-daemon:'], { env: { ...docked, DOCKER_HOST: '', DOCKER_CONTEXT: 'far' } }), /imgkit\/far:1\.0/);
});

test.serial('tcp with TLS: another CA is exit 4, no client certificate exit 5, each with a sentence', async (t) => {
  await mkdir(work.path('other'));
  await runOrThrow('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=other', '-days', '2', '-keyout', work.path('other/ca-key.pem'), '-out', work.path('other/ca.pem')]);
  const at = (folder: string): { env: Record<string, string> } => ({ env: { DOCKER_HOST: `tcp://127.0.0.1:${port}`, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: work.path(folder) } });
  const untrusted = await work.imgkit(['list', 'docker-daemon:'], at('other'));
  t.is(untrusted.code, 4, untrusted.stderr);
  t.regex(untrusted.stderr, /certificate that does not verify: .*ca\.pem\.\n$/);
  await mkdir(work.path('nobody'));
  await runOrThrow('cp', [work.path('certificates/ca.pem'), work.path('nobody/ca.pem')]);
  const nobody = await work.imgkit(['list', 'docker-daemon:'], at('nobody'));
  t.is(nobody.code, 5, nobody.stderr);
  t.regex(nobody.stderr, /^imgkit: The Docker engine at tcp:\/\/127\.0\.0\.1:\d+ cannot be reached: it wants another client certificate: /);
});

test.serial('ssh: save and load through the ssh command; a login that fails says what ssh said', async (t) => {
  // The user of the server may use the engine's socket.
  await chmod(dirname(engine.socket), 0o755);
  await chmod(engine.socket, 0o666);
  await mkdir(work.path('ssh-bin'));
  await writeFile(work.path('known_hosts'), sshd.knownHosts);
  await writeFile(work.path('config'), `Host *\n  IdentityFile ${sshd.key}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${work.path('known_hosts')}\n  BatchMode yes\n`);
  await writeFile(work.path('ssh-bin/ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F '${work.path('config')}' "$@"\n`, { mode: 0o755 });
  const env = (user: string): Record<string, string> => ({ PATH: `${work.path('ssh-bin')}:${process.env['PATH'] ?? ''}`, DOCKER_HOST: `ssh://${user}@127.0.0.1:${sshd.port}${engine.socket}` });
  const saved = JSON.parse(await work.ok(['save', `docker-daemon:${NAME}`, '-o', 'ssh.tar', '--json'], { env: env(sshd.user) })) as Moved;
  t.is(saved.images[0]?.imageId, imageId);
  await work.ok(['load', 'ssh.tar', '--into', 'docker-daemon:imgkit/ssh:1.0'], { env: env(sshd.user) });
  t.is((await docker(engine.host, ['image', 'inspect', '--format', '{{.Id}}', 'imgkit/ssh:1.0'])).trim(), imageId);

  const stranger = await work.imgkit(['list', 'docker-daemon:'], { env: env('nobody') });
  t.is(stranger.code, 5);
  t.regex(stranger.stderr, /Permission denied .*`ssh -p \d+ nobody@127\.0\.0\.1 docker version` must work\./);
});

async function makeCertificates(): Promise<void> {
  const at = (name: string): string => work.path(`certificates/${name}`);
  await mkdir(work.path('certificates'));
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await runOrThrow('openssl', ['req', '-x509', ...key, '-subj', '/CN=test CA', '-days', '2', '-keyout', at('ca-key.pem'), '-out', at('ca.pem')]);
  const issue = async (name: string, extension: string, out: string, outKey: string): Promise<void> => {
    await writeFile(at(`${name}.ext`), `${extension}\n`);
    await runOrThrow('openssl', ['req', ...key, '-subj', `/CN=${name}`, '-keyout', at(outKey), '-out', at(`${name}.csr`)]);
    await runOrThrow('openssl', ['x509', '-req', '-in', at(`${name}.csr`), '-CA', at('ca.pem'), '-CAkey', at('ca-key.pem'), '-CAcreateserial', '-days', '2', '-extfile', at(`${name}.ext`), '-out', at(out)]);
    await chmod(at(outKey), 0o600);
  };
  await issue('server', 'subjectAltName = IP:127.0.0.1\nextendedKeyUsage = serverAuth', 'server.pem', 'server-key.pem');
  await issue('client', 'extendedKeyUsage = clientAuth', 'cert.pem', 'key.pem');
}
