import type { ExecutionContext } from 'ava';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NetworkOptions } from '../../../src/network/network-options.js';
import { openFtpTransport } from '../../../src/transport/ftp/ftp-transport.js';
import type { Transport } from '../../../src/transport/transport.js';
import { startFakeFtpServer, type FakeAnswer, type FakeFtpServer, type FakeIdentities } from './fake-ftp-server.js';

/** A fake server and a transport to it, both closed after the test. */
export async function openFake(t: ExecutionContext, answers: Readonly<Record<string, FakeAnswer>> = {}, options: NetworkOptions & { readonly features?: readonly string[]; readonly user?: string; readonly identities?: FakeIdentities } = {}): Promise<{ readonly server: FakeFtpServer; readonly transport: Transport }> {
  const { features, user, identities, ...network } = options;
  const server = await startFakeFtpServer(answers, features, identities);
  const folder = await mkdtemp(join(tmpdir(), 'fake-ftp-'));
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, 'open sesame\n');
  await chmod(passwordFile, 0o600);
  const transport = await openFtpTransport(server.url(user), { passwordFile, ...network });
  t.teardown(async () => {
    await transport.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { server, transport };
}
