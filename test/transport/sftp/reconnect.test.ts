import test from 'ava';
import type { HostileOptions } from '../../helpers/hostile-sftp.js';
import { startHostileSftp } from '../../helpers/hostile-sftp.js';
import { makeScratch } from '../../helpers/scratch.js';
import { forgetThePerson } from '../../helpers/sftp-client.js';
import { openSftpTransport } from '../../../src/transport/sftp/sftp-transport.js';
import { startFaultProxy } from '../../faults/tcp-proxy.js';

const scratch = makeScratch();
forgetThePerson(scratch);
test.after.always(() => scratch.remove());

const serve: HostileOptions['serve'] = (sftp) => sftp.on('OPENDIR', (id) => sftp.handle(id, Buffer.from('h'))).on('READDIR', (id) => sftp.status(id, 1)).on('CLOSE', (id) => sftp.status(id, 0));

for (const how of ['pinned', 'known_hosts'] as const) {
  test(`a server that comes back with another host key is refused before it is shown a password (${how})`, async (t) => {
    const logins: string[] = [];
    const login = (who: string): HostileOptions['login'] => (context) => {
      logins.push(`${who} ${context.method}`);
      if (context.method === 'password') context.accept();
      else context.reject(['password']);
    };
    const own = await startHostileSftp({ serve, login: login('own') });
    const impostor = await startHostileSftp({ serve, login: login('impostor'), hostKey: 'of its own' });
    const portOf = (url: string): number => Number(new URL(url).port);
    const target = { port: portOf(own.url) };
    const proxy = await startFaultProxy({ target });
    t.teardown(async () => {
      await proxy.close();
      await Promise.all([own.close(), impostor.close()]);
    });
    const network = how === 'pinned' ? { hostKey: own.fingerprint } : { knownHosts: await scratch.write('known', `[127.0.0.1]:${proxy.port} ${own.publicKey}\n`) };
    const transport = await openSftpTransport(`sftp://me@127.0.0.1:${proxy.port}`, { ...network, askPassword: async () => 'right' });
    t.teardown(() => transport.close());
    t.deepEqual(await transport.list('/'), []);
    target.port = portOf(impostor.url);
    proxy.dropAll();
    // The first call may be the one that notices that the connection is gone.
    await t.throwsAsync(transport.list('/').catch((error: unknown) => ((error as { code: string }).code === 'network-failed' ? transport.list('/') : Promise.reject(error))), { code: 'host-untrusted' });
    t.deepEqual(logins.filter((each) => each.startsWith('impostor')), []);
    target.port = portOf(own.url);
    t.deepEqual(await transport.list('/'), [], 'and the right one is believed again');
  });
}
