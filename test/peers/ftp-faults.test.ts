import { randomInt } from 'node:crypto';
import test from 'ava';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NetworkOptions } from '../../src/network/network-options.js';
import { openFtpTransport } from '../../src/transport/ftp/ftp-transport.js';
import type { Transport } from '../../src/transport/transport.js';
import { collect } from '../content/bytes.js';
import { chunked, noise } from '../contract/transport-harness.js';
import { startFaultProxy, type ConnectionFaults } from '../faults/tcp-proxy.js';
import { plantFile, startFtpServer, type FtpServer, type FtpServerKind, type FtpServerOptions } from '../helpers/ftp-servers.js';
import { runOrThrow } from '../helpers/run.js';
import { makeAuthority } from '../network/certificates.js';
import { startDataProxies } from './data-proxies.js';

const KINDS: readonly FtpServerKind[] = ['vsftpd', 'proftpd', 'pure-ftpd'];
const MIB = 1024 * 1024;
const CUTS = Number(process.env['IMGKIT_CUTS'] ?? 50);

async function withServer(options: FtpServerOptions, work: (server: FtpServer, open: (scheme: string, network?: NetworkOptions, port?: number) => Promise<Transport>) => Promise<void>): Promise<void> {
  const server = await startFtpServer(options);
  const opened: Transport[] = [];
  try {
    await work(server, async (scheme, network = {}, port = server.port) => {
      const transport = await openFtpTransport(`${scheme}://${server.user}@127.0.0.1:${port}/`, { ca: server.ca, passwordFile: server.passwordFile, idleTimeout: 20_000, ...network });
      opened.push(transport);
      return transport;
    });
  } finally {
    for (const transport of opened) await transport.close();
    await server.stop();
  }
}

for (const kind of KINDS) {
  test.serial(`${kind}: a wrong password, a folder that is read-only, a certificate that nobody vouches for`, async (t) => {
    await withServer({ kind, tls: 'explicit' }, async (_, open) => {
      const wrong = await mkdtemp(join(tmpdir(), 'wrong-'));
      t.teardown(() => rm(wrong, { recursive: true }));
      await writeFile(join(wrong, 'password'), 'not this one\n', { mode: 0o600 });
      await t.throwsAsync((await open('ftpes', { passwordFile: join(wrong, 'password') })).stat('/pub'), { code: 'login-failed', message: /^(?!.*not this one)/ });
      await t.throwsAsync((await open('ftpes')).write('/here', chunked(noise(10))), { code: 'remote-refused' });
      await t.throwsAsync((await open('ftpes', { ca: undefined })).stat('/pub'), { code: 'host-untrusted' });
      await t.throwsAsync((await open('ftp')).stat('/pub'), { code: 'login-failed', message: /ftpes:\/\// });
    });
  });

  test.serial(`${kind}: a full disk is called that, and what arrived can be continued`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'small-'));
    await runOrThrow('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=755', 'none', folder]);
    t.teardown(async () => {
      await runOrThrow('umount', [folder]);
      await rm(folder, { recursive: true });
    });
    await withServer({ kind, folder }, async (server, open) => {
      const transport = await open('ftp');
      const bytes = noise(6 * MIB);
      await t.throwsAsync(transport.write('/pub/.a.part', chunked(bytes), { size: bytes.length }), { code: 'remote-full', message: /probably full, so free some space/ });
      const kept = (await transport.stat('/pub/.a.part'))?.size ?? 0;
      t.true(kept > 0);
      await runOrThrow('mount', ['-o', 'remount,size=16m', folder]);
      await transport.write('/pub/.a.part', chunked(bytes.subarray(kept)), { offset: kept, size: bytes.length });
      t.true((await readFile(join(server.folder, 'pub/.a.part'))).equals(bytes));
    });
  });

  test.serial(`${kind}: killed in the middle of an upload, started again, continued`, async (t) => {
    await withServer({ kind }, async (server, open) => {
      const transport = await open('ftp');
      const bytes = noise(4 * MIB);
      const interrupting = async function* (): AsyncGenerator<Uint8Array> {
        for (const [from, to] of [[0, MIB], [MIB, 2 * MIB], [2 * MIB, 4 * MIB]] as const) {
          if (from === 2 * MIB) await server.kill();
          yield* chunked(bytes.subarray(from, to));
        }
      };
      await t.throwsAsync(transport.write('/pub/.a.part', interrupting(), { size: bytes.length }), { code: 'network-failed' });
      await t.throwsAsync(transport.stat('/pub/.a.part'), { code: 'network-unreachable' });
      await server.restart();
      const kept = (await transport.stat('/pub/.a.part'))?.size ?? 0;
      await transport.write('/pub/.a.part', chunked(bytes.subarray(kept)), { offset: kept, size: bytes.length });
      t.true((await readFile(join(server.folder, 'pub/.a.part'))).equals(bytes));
    });
  });
}

test.serial('vsftpd: a certificate that has expired', async (t) => {
  const authority = await makeAuthority();
  const [from, until] = [-3, -1].map((days) => new Date(Date.now() + days * 86_400_000));
  const { cert, key } = await authority.issue({ notBefore: from, notAfter: until });
  const folder = await mkdtemp(join(tmpdir(), 'expired-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'server.pem'), `${key}${cert}`, { mode: 0o600 });
  await writeFile(join(folder, 'ca.pem'), authority.ca);
  await withServer({ kind: 'vsftpd', tls: 'explicit', lines: [`rsa_cert_file=${join(folder, 'server.pem')}`] }, async (_, open) => {
    await t.throwsAsync((await open('ftpes', { ca: join(folder, 'ca.pem') })).stat('/pub'), { code: 'host-untrusted', message: /it has expired.*ask the owner/ });
  });
});

for (const [kind, tls, tlsVersion] of [['vsftpd', 'explicit', undefined], ['vsftpd', 'implicit', undefined], ['proftpd', 'explicit', '1.2'], ['proftpd', 'implicit', '1.3'], ['pure-ftpd', 'explicit', undefined]] as const) {
  test.serial(`ftps:// finds out by itself: ${kind}, ${tls} TLS ${tlsVersion ?? ''}, sessions resumed`, async (t) => {
    await withServer({ kind, tls, tlsVersion }, async (server, open) => {
      const transport = await open('ftps');
      const bytes = noise(100_000);
      for (let round = 0; round < 4; round += 1) {
        await transport.write(`/pub/${round}`, chunked(bytes), { size: bytes.length });
        t.true((await collect(transport.read(`/pub/${round}`))).equals(bytes));
      }
      t.is((await transport.list('/pub')).length, 4);
      t.is((await stat(join(server.folder, 'pub/3'))).size, bytes.length);
    });
  });
}

// ship-cuts.test.ts does the same with vsftpd in clear, as part of whole deliveries.
for (const [kind, tls, scheme, rounds] of [['vsftpd', 'explicit', 'ftpes', CUTS], ['proftpd', 'none', 'ftp', CUTS], ['proftpd', 'explicit', 'ftpes', 10]] as const) {
  // Each with a server of its own: what takes time is waiting.
  test(`${kind}, TLS ${tls}: data connections that break at ${rounds} random places, both ways`, async (t) => {
    let next: ConnectionFaults | undefined;
    // proftpd wants two ports for data.
    const { data, passivePort } = await startDataProxies(2, () => {
      const faults = next;
      next = undefined;
      return faults;
    });
    t.teardown(async () => { for (const proxy of data) await proxy.close(); });
    await withServer({ kind, tls, host: '127.0.0.2', passivePort }, async (server, open) => {
      const control = await startFaultProxy({ target: { host: '127.0.0.2', port: server.port } });
      t.teardown(() => control.close());
      const transport = await open(scheme, {}, control.port);
      const bytes = noise(300_011);
      for (let round = 0; round < rounds; round += 1) {
        const how = round % 2 === 0 ? 'cut' : 'reset';
        const after = randomInt(0, bytes.length);
        await transport.remove('/pub/.a.part');
        next = { up: { after, how } };
        await t.throwsAsync(transport.write('/pub/.a.part', chunked(bytes), { size: bytes.length }), { code: 'network-failed' }, `up, ${how} at ${after}`);
        const kept = (await transport.stat('/pub/.a.part'))?.size ?? 0;
        t.true(kept === 0 || (await readFile(join(server.folder, 'pub/.a.part'))).equals(bytes.subarray(0, kept)), `up, ${how} at ${after}: ${kept} bytes that are a prefix`);
        await transport.write('/pub/.a.part', chunked(bytes.subarray(kept)), { offset: kept, size: bytes.length });
        t.true((await readFile(join(server.folder, 'pub/.a.part'))).equals(bytes), `up, ${how} at ${after}, continued at ${kept}`);

        next = { down: { after, how } };
        const got: Uint8Array[] = [];
        await t.throwsAsync(async () => { for await (const chunk of transport.read('/pub/.a.part')) got.push(chunk); }, { code: 'network-failed' }, `down, ${how} at ${after}`);
        const have = Buffer.concat(got);
        t.true(have.equals(bytes.subarray(0, have.length)));
        const rest = await collect(transport.read('/pub/.a.part', { offset: have.length }));
        t.true(Buffer.concat([have, rest]).equals(bytes));
      }
    });
  });
}

test.serial('vsftpd: what is planted is listed', async (t) => {
  await withServer({ kind: 'vsftpd' }, async (server, open) => {
    await plantFile(server, '/pub/deep/er/file', noise(3));
    t.deepEqual(await (await open('ftp')).list('/pub/deep/er'), [{ name: 'file', kind: 'file', size: 3 }]);
  });
});
