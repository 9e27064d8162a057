import test from 'ava';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkOptions } from '../../src/network/network-options.js';
import { openFtpTransport } from '../../src/transport/ftp/ftp-transport.js';
import type { Transport } from '../../src/transport/transport.js';
import { collect } from '../content/bytes.js';
import type { TransportHarness } from '../contract/transport-harness.js';
import { transportContract } from '../contract/transport-suite.js';
import { plantFile, startFtpServer, type FtpServer, type FtpServerOptions } from '../helpers/ftp-servers.js';

const VARIANTS: readonly (readonly [name: string, scheme: string, options: FtpServerOptions])[] = [
  ['vsftpd', 'ftp', { kind: 'vsftpd' }],
  ['vsftpd, explicit TLS', 'ftpes', { kind: 'vsftpd', tls: 'explicit' }],
  ['vsftpd, implicit TLS', 'ftps', { kind: 'vsftpd', tls: 'implicit' }],
  ['proftpd, explicit TLS', 'ftpes', { kind: 'proftpd', tls: 'explicit' }],
  ['pure-ftpd, explicit TLS', 'ftpes', { kind: 'pure-ftpd', tls: 'explicit' }],
];

for (const [name, scheme, options] of VARIANTS) {
  transportContract(test, name, {
    start: async () => harness(await startFtpServer(options), scheme),
    abilities: { readRange: true, append: true, list: true, rename: 'replace', hash: options.kind === 'proftpd', partial: 'after-close' },
    // It strips what it takes for the end of the line.
    impossibleNames: options.kind === 'pure-ftpd' ? [' leading and trailing '] : [],
  });
}

for (const kind of ['vsftpd', 'proftpd', 'pure-ftpd'] as const) {
  test(`${kind}: links are listed as what they lead to, and read`, async (t) => {
    const server = await startFtpServer({ kind });
    const transport = await open(server, 'ftp');
    t.teardown(async () => {
      await transport.close();
      await server.stop();
    });
    const bytes = Buffer.from('the newest');
    await plantFile(server, '/pub/2/app.tar', bytes);
    await symlink('2', join(server.folder, 'pub/current'));
    await symlink('2/app.tar', join(server.folder, 'pub/latest.tar'));
    await symlink('1/app.tar', join(server.folder, 'pub/gone.tar'));
    const entries = (await transport.list('/pub')).map(({ name, kind: what, size }) => [name, what, size]).toSorted();
    // proftpd leaves out what leads nowhere.
    t.deepEqual(entries.filter(([, what]) => what !== 'other'), [['2', 'folder', undefined], ['current', 'folder', undefined], ['latest.tar', 'file', bytes.length]]);
    t.deepEqual(await collect(transport.read('/pub/latest.tar')), bytes);
  });
}

function open(server: FtpServer, scheme: string, network: NetworkOptions = {}): Promise<Transport> {
  return openFtpTransport(`${scheme}://${server.user}@127.0.0.1:${server.port}/`, { ca: server.ca, passwordFile: server.passwordFile, ...network });
}

async function harness(server: FtpServer, scheme: string): Promise<TransportHarness> {
  return {
    folder: '/pub',
    open: () => open(server, scheme),
    plant: (path, bytes) => plantFile(server, path, bytes),
    readBack: (path) => readFile(join(server.folder, path)).catch(() => undefined),
    stop: () => server.stop(),
  };
}
