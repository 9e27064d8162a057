import test from 'ava';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkOptions } from '../../src/network/network-options.js';
import { openFtpTransport } from '../../src/transport/ftp/ftp-transport.js';
import type { Transport } from '../../src/transport/transport.js';
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
