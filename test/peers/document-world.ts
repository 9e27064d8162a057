import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeImage } from '../../samples/make-image.js';
import { startDockerRegistry } from '../helpers/docker-registry.js';
import { startDockerd } from '../helpers/dockerd.js';
import { startFtpServer } from '../helpers/ftp-servers.js';
import { createWorkspace, fileSha256, type Workspace } from '../helpers/imgkit.js';
import { startNginx } from '../helpers/nginx.js';
import { runOrThrow, type RunResult } from '../helpers/run.js';
import { startSshd, type Sshd } from '../helpers/sshd.js';

/** The hosts that documents speak of, and the files that lie about when somebody types their lines. */
export interface DocumentWorld {
  readonly folder: string;
  /** Archives, keys and a trust folder; to be copied. */
  readonly base: string;
  /** A line with the hosts of this world in place of the examples. */
  here(line: string): string;
  /** Runs a block in a shell; the drops hold then what they held at first, or nothing when it sends something there. */
  run(script: string, cwd: string): Promise<RunResult>;
  close(): Promise<void>;
}

const PASSWORD = 'hunter2 hunter3';

export async function openDocumentWorld(): Promise<DocumentWorld> {
  const work = await createWorkspace();
  const [sshd, ftp, registry, engine] = await Promise.all([startSshd(), startFtpServer({ kind: 'vsftpd', tls: 'implicit' }), startDockerRegistry({ login: { user: 'ci', password: PASSWORD }, tls: true }), startDockerd()]);
  const certificate = (name: string): Promise<string> => readFile(join(dirname(ftp.ca), name), 'utf8');
  const web = await startNginx({ tls: { cert: await certificate('server.crt'), key: await certificate('server.key') } });
  const close = async (): Promise<void> => {
    for (const server of [web, engine, registry, ftp, sshd]) await server.stop();
    await work.remove();
  };
  try {
    const home = work.path('user');
    const base = work.path('base');
    await mkdir(join(home, '.ssh'), { recursive: true });
    await mkdir(base);
    await copyFile(sshd.key, join(home, '.ssh/id_ed25519'));
    await writeFile(join(home, '.ssh/known_hosts'), sshd.knownHosts);
    await writeFile(join(home, '.netrc'), `machine localhost login ${ftp.user} password "${ftp.password}"\n`, { mode: 0o600 });
    await writeFile(work.path('ca.pem'), `${await certificate('ca.pem')}${await readFile(registry.ca ?? '', 'utf8')}`);
    // `ssh host COMMAND`: a host that has imgkit too. Only its name is looked at.
    await writeFile(work.path('bin/ssh'), '#!/bin/sh\n[ "$1" = host ] && shift && exec "$@"\nexec /usr/bin/ssh "$@"\n', { mode: 0o755 });
    const env = { HOME: home, DOCKER_HOST: engine.host, DOCKER_CONFIG: undefined, XDG_RUNTIME_DIR: undefined, SSH_AUTH_SOCK: undefined, NODE_EXTRA_CA_CERTS: work.path('ca.pem') };
    const shell = (script: string, cwd: string): Promise<RunResult> => work.shell(`set -eu\n${script}`, { cwd, env });
    await fillBase(work, base, shell, registry.host);
    await copyFile(join(dirname(ftp.ca), 'ca.pem'), join(base, 'drop-ca.pem'));
    const [recipient = ''] = /age1[0-9a-z]+/.exec(await readFile(join(base, 'keys/site.agepub'), 'utf8')) ?? [];
    const hosts: readonly (readonly [RegExp, string])[] = [
      [/sftp:\/\/(?:release@)?drop\.example\//g, sshd.url('/')],
      [/sftp:\/\/b\/pub\//g, sshd.url('/b/')],
      [/ftps:\/\/drop\//g, `ftps://localhost:${ftp.port}/`],
      [/https:\/\/(?:dav|drop\.example)\//g, `${web.origin}/`],
      [/(?:registry|a)\.example(?::5000)?(?=\/)|registry\.example:5000|ghcr\.io/g, registry.host],
      [/(?:mirror(?:\.example)?:5000|b\.example)(?=\/)/g, registry.host.replace('127.0.0.1', 'localhost')],
      [/ssh-keyscan drop\.example/g, `ssh-keyscan -p ${sshd.port} 127.0.0.1`],
      [/SHA256:47DEQ[\w+/]+/g, sshd.fingerprint],
      [/sha256:4f53\.\.\./g, await fileSha256(join(base, 'app.tar'))],
      [/age1\.\.\./g, recipient],
      [/\/etc\/imgkit\//g, ''],
      [/\/srv\//g, 'srv-'],
      // It would go on for ever.
      [/^(imgkit watch \S+)(?: --every \w+)?(?!.*--once)/g, '$1 --once'],
    ];
    return {
      folder: work.folder, base, close,
      here: (line) => hosts.reduce((text, [example, real]) => text.replaceAll(example, real), line),
      async run(script, cwd) {
        await writeFile(join(home, '.docker/config.json'), await readFile(work.path('logins.json')));
        const files = /-o sftp:|imgkit send/.test(script) ? [] : ['app.tar', 'app-1.9.6.tar'].flatMap((name) => ['', '.sha256', '.sha256.sig'].map((suffix) => `${name}${suffix}`));
        await fillDrop(sshd, ['pub', 'b'], base, files);
        await rm(web.root, { recursive: true, force: true });
        await mkdir(join(web.root, 'pub'), { recursive: true });
        for (const name of ['app.tar', 'app.tar.sha256']) await copyFile(join(base, name), join(web.root, name));
        return shell(script, cwd);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function fillDrop(sshd: Sshd, folders: readonly string[], base: string, files: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const path = join(sshd.home, folder);
    await rm(path, { recursive: true, force: true });
    await mkdir(path);
    for (const file of files) await copyFile(join(base, file), join(path, file));
    await runOrThrow('chown', ['-R', sshd.user, path]);
  }
}

/** What the reader of a document has made or been given before. */
async function fillBase(work: Workspace, base: string, shell: (script: string, cwd: string) => Promise<RunResult>, registry: string): Promise<void> {
  await makeImage({ output: join(base, 'hello.tar') });
  await makeImage({ output: join(base, 'newer.tar'), version: '1.3.0' });
  await writeFile(join(base, 'pw'), 'correct horse\n', { mode: 0o600 });
  await writeFile(join(base, 'token-file'), `${PASSWORD}\n`, { mode: 0o600 });
  const { code, stderr } = await shell(`
for name in ${registry} ${registry.replace('127.0.0.1', 'localhost')}; do imgkit login $name -u ci --password-stdin < token-file; done
cp "$HOME/.docker/config.json" ${work.path('logins.json')}
imgkit load hello.tar; imgkit tag hello:1.2.0 app:1.9.6; imgkit tag hello:1.2.0 app:1
imgkit save app:1.9.6 -o app.tar
imgkit copy app.tar docker-daemon:app:1.9.6
for tag in 1.9 1.9.6; do imgkit copy app.tar docker://${registry}/app:$tag; done
imgkit load newer.tar; imgkit save hello:1.2.0 hello:1.3.0 -o many.tar
cp app.tar app-1.9.6.tar
imgkit keygen --type ssh --name release -o keys
imgkit keygen --type ssh --name owner -o keys
imgkit keygen --type ssh --name other -o keys
imgkit keygen --type age --name site -o keys
imgkit keygen --type cosign --name image -o keys
imgkit keygen --type x509 --new-ca --name ca -o keys
imgkit keygen --type x509 --name signer --ca keys/ca.crt --ca-key keys/ca.key -o keys
openssl pkcs12 -export -inkey keys/signer.key -in keys/signer.crt -certfile keys/ca.crt -passout file:pw -out keys/release.p12; chmod 600 keys/release.p12
cp keys/image.* .; cp keys/other.pub release.pub
imgkit trust add trust keys/owner.pub --identity owner@acme.example --as-owner
imgkit trust add trust keys/release.pub --identity release@example.org
imgkit sign trust/trust.json --key keys/owner
imgkit sign app.tar --key keys/release; imgkit sign app.tar --key image.key; imgkit sign app-1.9.6.tar --key keys/release
ssh-keygen -y -f "$HOME/.ssh/id_ed25519" > receiver.pub
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem; openssl pkey -in key.pem -pubout -out pub.pem
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=receiver -keyout receiver.key -out receiver.crt; cp receiver.key me.key; cp receiver.crt me.pem; chmod 600 me.key receiver.key key.pem
`, base);
  if (code !== 0) throw new Error(`what the documents begin with could not be made:\n${stderr}`);
}
