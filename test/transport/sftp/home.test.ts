import test from 'ava';
import type { Attributes } from 'ssh2';
import { openSftpTransport } from '../../../src/transport/sftp/sftp-transport.js';
import { startHostileSftp } from '../../helpers/hostile-sftp.js';
import { makeScratch } from '../../helpers/scratch.js';
import { forgetThePerson } from '../../helpers/sftp-client.js';

const scratch = makeScratch();
forgetThePerson(scratch);
test.after.always(() => scratch.remove());

const file: Attributes = { size: 1, mode: 0o100644, uid: 0, gid: 0, atime: 1, mtime: 1 };

for (const [home, places] of [['/home/me', ['/home/me/pub/a b', '/home/me', '/home/me/']], ['/', ['/pub/a b', '/', '/']]] as const) {
  test(`/~/ is the folder of the user, here ${home}; another ~ is a name like any other`, async (t) => {
    const asked: string[] = [];
    const server = await startHostileSftp({
      serve: (sftp) => sftp.on('REALPATH', (id) => sftp.name(id, [{ filename: home, longname: '', attrs: file }])).on('STAT', (id, path) => {
        asked.push(path);
        sftp.attrs(id, file);
      }),
    });
    const transport = await openSftpTransport(server.url, { hostKey: server.fingerprint, askPassword: async () => 'right' });
    t.teardown(async () => {
      await transport.close();
      await server.close();
    });
    for (const path of ['/~/pub/a b', '/~', '/~/', '/~me/x', '/x/~/y']) await transport.stat(path);
    t.deepEqual(asked, [...places, '/~me/x', '/x/~/y']);
  });
}

test('a server that calls something else its folder', async (t) => {
  const server = await startHostileSftp({ serve: (sftp) => sftp.on('REALPATH', (id) => sftp.name(id, [{ filename: 'home\r\n', longname: '', attrs: file }])) });
  const transport = await openSftpTransport(server.url, { hostKey: server.fingerprint, askPassword: async () => 'right' });
  t.teardown(async () => {
    await transport.close();
    await server.close();
  });
  await t.throwsAsync(transport.stat('/~/x'), { code: 'location-invalid' });
});
