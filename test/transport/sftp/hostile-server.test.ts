import { randomBytes } from 'node:crypto';
import test from 'ava';
import type { Attributes, SFTPWrapper } from 'ssh2';
import type { NetworkOptions } from '../../../src/network/network-options.js';
import { connectSftp } from '../../../src/transport/sftp/connect.js';
import { listFolder } from '../../../src/transport/sftp/list-folder.js';
import { parseSftpTarget } from '../../../src/transport/sftp/sftp-target.js';
import { openSftpTransport } from '../../../src/transport/sftp/sftp-transport.js';
import type { Transport } from '../../../src/transport/transport.js';
import { collect } from '../../content/bytes.js';
import { chunked } from '../../contract/transport-harness.js';
import { startHostileSftp, type HostileOptions } from '../../helpers/hostile-sftp.js';
import { forgetThePerson } from '../../helpers/sftp-client.js';
import { makeScratch } from '../../helpers/scratch.js';

const scratch = makeScratch();
forgetThePerson(scratch);
test.after.always(() => scratch.remove());

const HANDLE = Buffer.from('handle');
const attributes = (size: number, mode = 0o100644): Attributes => ({ size, mode, uid: 0, gid: 0, atime: 1, mtime: 1 });

async function against(serve: HostileOptions['serve'], work: (transport: Transport, requests: readonly string[]) => Promise<void>, network: NetworkOptions = {}, login?: HostileOptions['login']): Promise<void> {
  const server = await startHostileSftp({ serve, login });
  const transport = await openSftpTransport(server.url, { hostKey: server.fingerprint, askPassword: async () => 'right', ...network });
  try {
    await work(transport, server.requests);
  } finally {
    await transport.close();
    await server.close();
  }
}

/** A server with one file, which reads give out as `answer` says. */
function withFile(bytes: Buffer, answer: (sftp: SFTPWrapper, id: number, wanted: Buffer) => void): HostileOptions['serve'] {
  return (sftp) => {
    sftp.on('OPEN', (id) => sftp.handle(id, HANDLE)).on('CLOSE', (id) => sftp.status(id, 0)).on('FSTAT', (id) => sftp.attrs(id, attributes(bytes.length)));
    sftp.on('READ', (id, _handle, offset, length) => answer(sftp, id, bytes.subarray(offset, offset + length)));
  };
}

test('names with "/", "..", and control characters are left out of a listing; links that lead nowhere are there', async (t) => {
  const names = ['good.tar', '..', '.', '', 'a/b', '/etc/passwd', '../../up', 'bell\u0007', 'esc\u001b[2J', 'new\nline', 'also good'];
  let told = false;
  await against((sftp) => {
    sftp.on('OPENDIR', (id) => sftp.handle(id, HANDLE)).on('CLOSE', (id) => sftp.status(id, 0)).on('STAT', (id) => sftp.status(id, 2));
    sftp.on('READDIR', (id) => {
      if (told) sftp.status(id, 1);
      else sftp.name(id, [...names.map((filename) => ({ filename, longname: '', attrs: attributes(5) })), { filename: 'link', longname: '', attrs: attributes(5, 0o120777) }]);
      told = true;
    });
  }, async (transport) => {
    t.deepEqual((await transport.list('/drop')).map(({ name, kind }) => [name, kind]), [['good.tar', 'file'], ['also good', 'file'], ['link', 'other']]);
  });
});

test('a listing without an end, with names or without, is ended', async (t) => {
  for (const names of [['a', 'b', 'c'], []]) {
    const server = await startHostileSftp({
      serve: (sftp) => {
        sftp.on('OPENDIR', (id) => sftp.handle(id, HANDLE)).on('CLOSE', (id) => sftp.status(id, 0));
        sftp.on('READDIR', (id) => sftp.name(id, names.map((filename) => ({ filename, longname: '', attrs: attributes(1) }))));
      },
    });
    const session = await connectSftp(parseSftpTarget(server.url), { hostKey: server.fingerprint, askPassword: async () => 'right' });
    await t.throwsAsync(listFolder(session, '/', undefined, 100), { code: 'limit-exceeded', message: /more than 100 names in one folder, or a listing without an end/ });
    t.true(server.requests.filter((name) => name === 'READDIR').length <= 102);
    await session.close();
    await server.close();
  }
});

test('a folder has as many names as there may be in one, and no more', async (t) => {
  const many = Array.from({ length: 3000 }, (_, i) => ({ filename: `${i}`, longname: '', attrs: attributes(1) }));
  let left = 34;
  await against((sftp) => {
    sftp.on('OPENDIR', (id) => sftp.handle(id, HANDLE)).on('CLOSE', (id) => sftp.status(id, 0));
    sftp.on('READDIR', (id) => {
      left -= 1;
      if (left < 0) sftp.status(id, 1);
      else sftp.name(id, many);
    });
  }, async (transport) => {
    await t.throwsAsync(transport.list('/'), { code: 'limit-exceeded', message: /more than 100000 names/ });
  });
});

test('answers that are shorter than asked for are completed', async (t) => {
  const bytes = randomBytes(300_000);
  await against(withFile(bytes, (sftp, id, wanted) => sftp.data(id, wanted.subarray(0, Math.max(1, Math.floor(wanted.length / 3))))), async (transport) => {
    t.true((await collect(transport.read('/file'))).equals(bytes));
    t.true((await collect(transport.read('/file', { offset: 100_000, length: 1000 }))).equals(bytes.subarray(100_000, 101_000)));
  });
});

test('an answer that is longer than asked for is refused', async (t) => {
  const bytes = randomBytes(70_000);
  await against(withFile(bytes, (sftp, id, wanted) => sftp.data(id, Buffer.concat([wanted, Buffer.from('!')]))), async (transport) => {
    await t.throwsAsync(collect(transport.read('/file')), { code: 'network-failed', message: /answers with \d+ bytes where \d+ were asked for/ });
    await t.throwsAsync(collect(transport.read('/file', { offset: 10, length: 100 })), { code: 'network-failed', message: /answers with 101 bytes where 100 were asked for/ });
  });
});

test('a file that ends before its size, a read that is refused', async (t) => {
  const bytes = randomBytes(100_000);
  const cases = [
    [(sftp, id, wanted) => (wanted.length < 31_000 ? sftp.status(id, 1) : sftp.data(id, wanted)), { code: 'network-failed', message: /ends after/ }],
    [(sftp, id) => sftp.status(id, 3), { code: 'remote-refused', message: /may not/ }],
    [(sftp, id) => sftp.status(id, 4, 'disk \u001b[31mfire'), { code: 'remote-refused', message: /disk +\[31mfire/ }],
    [(sftp, id) => sftp.status(id, 0), { code: 'network-failed' }],
  ] as readonly [Parameters<typeof withFile>[1], { readonly code: string; readonly message?: RegExp }][];
  for (const [answer, expected] of cases) {
    await against(withFile(bytes, answer), async (transport) => {
      const error = await t.throwsAsync(collect(transport.read('/file')), expected);
      t.notRegex(error?.message ?? '', /\u001b/);
    });
  }
});

test('a server that closes the connection, or only the channel, in the middle of it', async (t) => {
  const bytes = randomBytes(500_000);
  for (const close of [(sftp: SFTPWrapper) => sftp.end(), undefined]) {
    let count = 0;
    await against((sftp, connection) => withFile(bytes, (_sftp, id, wanted) => {
      if ((count += 1) < 5) sftp.data(id, wanted);
      else if (close === undefined) connection.end();
      else close(sftp);
    })(sftp, connection), async (transport) => {
      await t.throwsAsync(collect(transport.read('/file')), { code: 'network-failed' });
    });
  }
});

test('a server that never answers a request ends with the idle time-out', async (t) => {
  await against((sftp) => sftp.on('STAT', () => undefined), async (transport) => {
    await t.throwsAsync(transport.stat('/x'), { code: 'network-timeout', message: /silent/ });
  }, { idleTimeout: 300 });
});

test('a server that lies about what was written', async (t) => {
  const serve = (size: number): HostileOptions['serve'] => (sftp) => {
    sftp.on('OPEN', (id) => sftp.handle(id, HANDLE)).on('CLOSE', (id) => sftp.status(id, 0)).on('WRITE', (id) => sftp.status(id, 0)).on('FSTAT', (id) => sftp.attrs(id, attributes(size)));
  };
  await against(serve(1000), async (transport, requests) => {
    await transport.write('/file', chunked(randomBytes(1000)));
    t.is(requests.at(-1), 'CLOSE');
  });
  await against(serve(999), async (transport) => {
    await t.throwsAsync(transport.write('/file', chunked(randomBytes(1000))), { code: 'network-failed', message: /holds 999 bytes after writing, not 1000/ });
  });
});

test('a server without extensions: rename to a taken name is refused, whatever it would do itself', async (t) => {
  await against((sftp) => {
    sftp.on('LSTAT', (id, path) => (path === '/taken' || path === '/from' ? sftp.attrs(id, attributes(1)) : sftp.status(id, 2))).on('RENAME', (id) => sftp.status(id, 0));
  }, async (transport, requests) => {
    t.like(await transport.abilities('/'), { rename: 'refuse', hash: false });
    await t.throwsAsync(transport.rename('/from', '/taken', { replace: false }), { code: 'remote-refused', message: /the name is taken/ });
    await t.throwsAsync(transport.rename('/from', '/taken', { replace: true }), { code: 'remote-refused', message: /cannot replace/ });
    t.false(requests.includes('RENAME'));
    await transport.rename('/from', '/free', { replace: true });
  });
});

test('login: questions of the server; questions without an end', async (t) => {
  const asked: string[] = [];
  const login = (endless: boolean): HostileOptions['login'] => (context) => {
    if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
    const again = (answers: readonly string[]): void => {
      if (endless) context.prompt([{ prompt: 'And now?', echo: true }], '', '', again);
      else if (answers.join() === 'right,123456') context.accept();
      else context.reject();
    };
    context.prompt([{ prompt: 'Password:', echo: false }, { prompt: 'Code\u001b[2J:', echo: false }], '', '', again);
    return undefined;
  };
  const network: NetworkOptions = { askPassword: async (question) => { asked.push(question); return question.includes('Code') ? '123456' : 'right'; } };
  const serve: HostileOptions['serve'] = (sftp) => sftp.on('STAT', (id) => sftp.status(id, 2));
  await against(serve, async (transport) => { t.is(await transport.stat('/x'), undefined); }, network, login(false));
  t.regex(asked.at(-1) ?? '', /^sftp:\/\/[^ ]+@127\.0\.0\.1:\d+ asks: Code \[2J: $/);
  await against(serve, async (transport) => { await t.throwsAsync(transport.stat('/x'), { code: 'login-failed', message: /more than 10 questions/ }); }, network, login(true));
});
