import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import type { NetworkOptions } from '../../src/network/network-options.js';
import { openHttpTransport } from '../../src/transport/http/http-transport.js';
import type { TransportHarness } from '../contract/transport-harness.js';
import { transportContract } from '../contract/transport-suite.js';
import { startNginx, type NginxOptions } from '../helpers/nginx.js';
import { makeScratch } from '../helpers/scratch.js';
import { makeAuthority } from '../network/certificates.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

async function harness(options: NginxOptions, network: NetworkOptions = {}, user = ''): Promise<TransportHarness> {
  const nginx = await startNginx(options);
  const folder = '/drop';
  await mkdir(join(nginx.root, folder));
  const url = nginx.origin.replace('://', `://${user}`);
  return {
    folder,
    open: () => openHttpTransport(`${url}${folder}/`, network),
    readBack: (path) => readFile(join(nginx.root, path)).catch(() => undefined),
    async plant(path, bytes) {
      await mkdir(dirname(join(nginx.root, path)), { recursive: true });
      await writeFile(join(nginx.root, path), bytes);
    },
    stop: () => nginx.stop(),
  };
}

const abilities = { readRange: true, append: false, list: true, rename: 'replace', hash: false, partial: 'never' } as const;

transportContract(test, 'nginx', { abilities, start: () => harness({}) });

transportContract(test, 'nginx with TLS and a login', {
  abilities,
  async start() {
    const authority = await makeAuthority();
    const ca = await scratch.write('ca.pem', authority.ca);
    const passwordFile = await scratch.write('password', 'right: horse "battery"\n');
    await chmod(passwordFile, 0o600);
    return harness({ tls: await authority.issue(), login: { user: 'release', password: 'right: horse "battery"' } }, { ca, passwordFile }, 'release@');
  },
});
