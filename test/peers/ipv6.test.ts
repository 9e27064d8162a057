import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { copy, fetch, send, type NetworkOptions } from '../../src/index.js';
import { ociParts } from '../helpers/archive-parts.js';
import { startDockerRegistry } from '../helpers/docker-registry.js';
import { freePort } from '../helpers/free-port.js';
import { startFtpServer } from '../helpers/ftp-servers.js';
import { image, layer, pack } from '../helpers/image-builder.js';
import { startNginx } from '../helpers/nginx.js';
import { runOrThrow } from '../helpers/run.js';
import { makeScratch } from '../helpers/scratch.js';
import { startSshd } from '../helpers/sshd.js';
import { makeAuthority } from '../network/certificates.js';

const scratch = makeScratch();
const bytes = randomBytes(700_001);
const local = scratch.writeNow('file.tar', bytes);
process.env['HOME'] = scratch.path('home');
test.after.always(() => scratch.remove());

test.before((t) => {
  const has = Object.values(networkInterfaces()).flat().some((each) => each?.address === '::1');
  t.true(has, 'this machine has no address ::1, so nothing here can be tested: let it have one (sysctl net.ipv6.conf.lo.disable_ipv6=0)');
});

/** There and back, the folder listed on the way by the look for what is there. */
async function shipped(t: ExecutionContext, url: string, network: NetworkOptions, folder: string): Promise<void> {
  const { deliveries: [delivery] } = await send({ files: [local], to: [url], network });
  t.is(delivery?.status, 'sent', JSON.stringify(delivery));
  t.is(delivery?.url, `${url}file.tar`.replace(/\/\/.*@/, '//'));
  t.true((await readFile(join(folder, 'file.tar'))).equals(bytes));
  const back = await fetch({ url: `${url}file.tar`, output: scratch.path(`back-${randomBytes(4).toString('hex')}`), network });
  t.true((await readFile(back.path)).equals(bytes));
}

test('SFTP to [::1]: the host is known as ssh-keyscan writes it, and an unknown one is named with brackets', async (t) => {
  const sshd = await startSshd({ config: ['ListenAddress ::1'] });
  try {
    const url = `sftp://${sshd.user}@[::1]:${sshd.port}${sshd.home}/`;
    const scanned = await runOrThrow('ssh-keyscan', ['-p', `${sshd.port}`, '-t', 'ed25519', '::1']);
    t.regex(scanned, new RegExp(String.raw`^\[::1\]:${sshd.port} ssh-ed25519 `, 'm'));
    const knownHosts = await scratch.write('known_hosts', scanned);
    await shipped(t, url, { sshKey: sshd.key, knownHosts }, sshd.home);
    const { deliveries: [refused] } = await send({ files: [local], to: [url], network: { sshKey: sshd.key, knownHosts: await scratch.write('nobody', sshd.knownHosts) } });
    t.is(refused?.error?.code, 'host-untrusted', 'what is known of 127.0.0.1 says nothing of ::1');
    t.regex(refused?.error?.message ?? '', new RegExp(String.raw`^sftp://\w+@\[::1\]:${sshd.port}: .*ssh-keyscan -p ${sshd.port} ::1`));
  } finally {
    await sshd.stop();
  }
});

for (const [scheme, tls] of [['ftp', 'none'], ['ftpes', 'explicit']] as const) {
  test(`${scheme} to [::1]: the data goes by EPSV, and the certificate is for the address`, async (t) => {
    const server = await startFtpServer({ kind: 'vsftpd', tls, host: '::1' });
    try {
      await shipped(t, `${scheme}://${server.user}@[::1]:${server.port}/pub/`, { ca: server.ca, passwordFile: server.passwordFile }, join(server.folder, 'pub'));
    } finally {
      await server.stop();
    }
  });
}

test('HTTP and HTTPS to [::1]', async (t) => {
  const authority = await makeAuthority();
  const ca = await scratch.write('ca.pem', authority.ca);
  for (const tls of [undefined, await authority.issue()]) {
    const port = await freePort('::1');
    const nginx = await startNginx({ ...(tls && { tls }), extra: `listen [::1]:${port}${tls === undefined ? '' : ' ssl'};` });
    try {
      await shipped(t, `${tls === undefined ? 'http' : 'https'}://[::1]:${port}/`, { ca }, nginx.root);
    } finally {
      await nginx.stop();
    }
  }
});

test('a registry at [::1]', async (t) => {
  const registry = await startDockerRegistry();
  const relay = createServer((client) => {
    const upstream = connect(Number(registry.host.split(':')[1]), '127.0.0.1');
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) from.on('error', () => to.destroy()).pipe(to);
  });
  await new Promise<void>((resolve) => relay.listen(0, '::1', resolve));
  try {
    const host = `[::1]:${(relay.address() as AddressInfo).port}`;
    const app = image('app', { layers: [layer('base', { gzip: true })] });
    const archive = await scratch.write('app.tar', pack(ociParts([{ document: app, name: 'app:1' }])));
    const network = { insecureRegistries: [host] };
    await copy({ from: archive, to: `docker://${host}/team/app:1`, network });
    const { images } = await copy({ from: `docker://${host}/team/app:1`, to: `oci:${scratch.path('pulled')}`, network });
    t.is(String(images[0]?.digest), app.descriptor.digest);
  } finally {
    relay.close();
    await registry.stop();
  }
});
