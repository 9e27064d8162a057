import test from 'ava';
import { collect, sameBytes } from '../../content/bytes.js';
import { chunked, noise } from '../../contract/transport-harness.js';
import type { FakeAnswer, FakeSession } from './fake-ftp-server.js';
import { openFake } from './open-fake.js';

test('a listing without an end is stopped', async (t) => {
  const { transport } = await openFake(t, {
    MLSD: async (_, { say, data }) => {
      say('150 listing');
      const socket = await data();
      const line = Buffer.from('type=file;size=1;modify=20240102030405; name\r\n'.repeat(20_000));
      const more = (): void => { while (!socket.destroyed && socket.write(line)) { /* until the client no longer takes it */ } };
      socket.on('drain', more);
      more();
    },
  }, { features: ['SIZE', 'MLST type*;size*;modify*;'] });
  await t.throwsAsync(transport.list('/pub'), { code: 'limit-exceeded', message: /lists more than 100000 names/ });
  t.is((await transport.stat('/pub'))?.kind, undefined, 'the transport works on, on a new connection');
});

test('more names than may be are refused, and odd names are left out', async (t) => {
  const listing = (lines: readonly string[]) => ({ MLSD: async (_: string, { say, data }: { say(...lines: readonly string[]): void; data(): Promise<NodeJS.WritableStream> }) => {
    say('150 listing');
    (await data()).end(lines.map((line) => `${line}\r\n`).join(''), () => say('226 done'));
  } });
  const features = ['MLST type*;size*;modify*;'];
  const names = ['a.tar', '../../etc/passwd', '..', '.', 'sub/name', 'bell\u0007', ' leading', ''];
  const { transport } = await openFake(t, listing(['type=cdir; .', ...names.map((name) => `type=file;size=7;modify=20240102030405; ${name}`), 'nonsense', 'type=dir; folder', 'Type=OS.unix=symlink; link', 'type=file;size=-1; minus', 'type=file;size=99999999999999999999; huge']), { features });
  t.deepEqual(await transport.list('/pub'), [
    { name: 'a.tar', kind: 'file', size: 7, modified: new Date('2024-01-02T03:04:05Z') },
    { name: ' leading', kind: 'file', size: 7, modified: new Date('2024-01-02T03:04:05Z') },
    { name: 'folder', kind: 'folder' },
    { name: 'link', kind: 'other' },
    { name: 'minus', kind: 'file' },
    { name: 'huge', kind: 'file' },
  ]);
  const { transport: full } = await openFake(t, listing(Array.from({ length: 100_001 }, (_, index) => `type=file;size=1; ${index}`)), { features });
  await t.throwsAsync(full.list('/pub'), { code: 'limit-exceeded' });
});

test('LIST is read where there is no MLSD', async (t) => {
  const { transport, server } = await openFake(t, {
    LIST: async (_, { say, data }) => {
      say('150 listing');
      (await data()).end(['drwxr-xr-x 2 0 0 4096 Jan 02 03:04 sub', '-rw-r--r-- 1 0 0 12 Jan 02 03:04 a  b.tar', '-rw-r--r-- 1 0 0 12 Jan 02 03:04 ../x', '-rw-r--r-- 1 0 0 12 Jan 02 03:04 .hidden', ''].join('\r\n'), () => say('226 done'));
    },
  });
  t.deepEqual(await transport.list('/pub'), [{ name: 'sub', kind: 'folder' }, { name: 'a  b.tar', kind: 'file', size: 12 }, { name: '.hidden', kind: 'file', size: 12 }]);
  t.true(server.commands.includes('LIST -a'), 'no path that could be an option or a pattern');
});

test('links are followed in both kinds of listings, as over SFTP', async (t) => {
  const listing = (lines: readonly string[]): FakeAnswer => async (_, { say, data }) => {
    say('150 listing');
    (await data()).end(lines.map((line) => `${line}\r\n`).join(''), () => say('226 done'));
  };
  const CWD: FakeAnswer = (path, { say }) => say(path === '/pub' || path === '/pub/current' ? '250 ok' : '550 no such folder');
  const LIST = listing(['current -> 2', 'latest.tar -> app-2.tar', 'gone.tar -> app-1.tar'].map((names) => `lrwxrwxrwx 1 0 0 4 Jan 02 03:04 ${names}`));
  const MLSD = listing(['current', 'latest.tar', 'gone.tar'].map((name) => `type=OS.unix=symlink;size=4;UNIX.mode=0777; ${name}`));
  // As proftpd does.
  const MLST: FakeAnswer = (path, { say }) => {
    const type = new Map([['/pub/latest.tar', 'file'], ['/pub/current', 'dir']]).get(path);
    say(...(type === undefined ? ['550 no such file'] : ['250-Start of list', ` modify=20240102030405;size=4;type=${type};UNIX.mode=0777; ${path}`, '250 End']));
  };
  for (const [answers, features] of [[{ CWD, LIST }, ['SIZE', 'MDTM']], [{ CWD, MLSD, MLST }, ['SIZE', 'MDTM', 'MLST type*;size*;']]] as const) {
    const { transport, server } = await openFake(t, answers, { features });
    const bytes = noise(3000);
    server.files.set('/pub/latest.tar', bytes);
    const found = await transport.list('/pub');
    t.deepEqual(found.map(({ name, kind, size }) => [name, kind, size]), [['current', 'folder', undefined], ['latest.tar', 'file', 3000], ['gone.tar', 'other', undefined]]);
    t.deepEqual(await collect(transport.read('/pub/latest.tar')), bytes);
  }
});

test('PASV to another host is refused, and nothing is connected', async (t) => {
  const { transport, server } = await openFake(t, { EPSV: (_, { say }) => say('500 unknown'), PASV: (_, { say }) => say('227 Entering Passive Mode (10,1,2,3,4,5)') });
  server.files.set('/pub/a', noise(10));
  await t.throwsAsync(collect(transport.read('/pub/a')), { code: 'host-untrusted', message: /another host \(10\.1\.2\.3\)/ });
});

test('PASV to this host is used where there is no EPSV', async (t) => {
  const { transport, server } = await openFake(t, { EPSV: (_, { say }) => say('500 unknown') });
  const bytes = noise(100_000);
  server.files.set('/pub/a', bytes);
  sameBytes(t, await collect(transport.read('/pub/a')), bytes);
  sameBytes(t, await collect(transport.read('/pub/a', { offset: 50_000, length: 10 })), bytes.subarray(50_000, 50_010));
});

for (const [what, answer] of [['EPSV', '229 (|||0|)'], ['EPSV', '229 (|||99999|)'], ['EPSV', '229 nothing']] as const) {
  test(`a nonsensical answer to ${what}: ${answer}`, async (t) => {
    const { transport, server } = await openFake(t, { [what]: (_, { say }) => say(answer), PASV: (_, { say }) => say('227 (127,0,0,1,999,1)') });
    server.files.set('/pub/a', noise(10));
    await t.throwsAsync(collect(transport.read('/pub/a')), { code: 'network-failed' });
  });
}

test('a server that lies about the size, either way', async (t) => {
  for (const claimed of [99, 101]) {
    const { transport, server } = await openFake(t, { SIZE: (_, { say }) => say(`213 ${claimed}`) });
    server.files.set('/pub/a', noise(100));
    await t.throwsAsync(collect(transport.read('/pub/a')), { code: 'network-failed', message: /ended at byte 100/ });
  }
});

test('226 before the last byte is not believed, nor before the first', async (t) => {
  for (const sent of [0, 60_000]) {
    const { transport, server } = await openFake(t, {
      RETR: async (_, { say, data }) => {
        say('150 coming', '226 all sent, believe me');
        (await data()).end(noise(sent));
      },
    });
    server.files.set('/pub/a', noise(100_000));
    await t.throwsAsync(collect(transport.read('/pub/a')), { code: 'network-failed', message: new RegExp(`ended at byte ${sent} and not at 100000`) });
  }
});

test('a data connection that breaks, and the server says nothing of it: what is asked next does not suffer', async (t) => {
  const broken = async (_: string, { say, data }: FakeSession): Promise<void> => {
    say('150 coming');
    (await data()).resetAndDestroy();
  };
  const { transport, server } = await openFake(t, { LIST: broken, RETR: broken });
  server.files.set('/pub/a', noise(10));
  await t.throwsAsync(transport.list('/pub'), { code: 'network-failed' });
  t.is((await transport.stat('/pub/a'))?.size, 10);
  await t.throwsAsync(collect(transport.read('/pub/a')), { code: 'network-failed' });
  t.is((await transport.stat('/pub/a'))?.size, 10);
});

test('226 before all bytes, which come in the end, is fine', async (t) => {
  const bytes = noise(300_000);
  const { transport, server } = await openFake(t, {
    RETR: async (_, { say, data }) => {
      say('150 coming', '226 sent');
      (await data()).end(bytes);
    },
  });
  server.files.set('/pub/a', bytes);
  sameBytes(t, await collect(transport.read('/pub/a')), bytes);
});

test('an upload of which the server keeps less than it confirms', async (t) => {
  const { transport, server } = await openFake(t, {
    STOR: async (path, { say, data }) => {
      say('150 go on');
      let size = 0;
      for await (const part of (await data()) as AsyncIterable<Buffer>) size += part.length;
      server.files.set(path, noise(size - 1));
      say('226 stored');
    },
  });
  await t.throwsAsync(transport.write('/pub/a', chunked(noise(1000)), { size: 1000 }), { code: 'network-failed', message: /has 999 bytes after 1000 were sent/ });
});

for (const [code, expected] of [['452 Insufficient storage space', 'remote-full'], ['552 Quota exceeded', 'remote-full'], ['451 Failure writing to local file.', 'remote-full'], ['550 Permission denied', 'remote-refused'], ['426 gone', 'network-failed']] as const) {
  test(`an upload that ends with ${code}`, async (t) => {
    const { transport } = await openFake(t, {
      STOR: async (_, { say, data }) => {
        say('150 go on');
        (await data()).once('data', () => say(code)).resume();
      },
    });
    const slowly = async function* (): AsyncGenerator<Uint8Array> {
      for (let count = 0; count < 100; count += 1) {
        yield noise(10_000);
        await new Promise((resolve) => { setTimeout(resolve, 1); });
      }
    };
    await t.throwsAsync(transport.write('/pub/a', slowly()), { code: expected });
    t.is(await transport.stat('/pub/other'), undefined, 'and works on');
  });
}

test('a reply without an end, in one line or many', async (t) => {
  for (const piece of ['x'.repeat(10_000), '213-more and more\r\n'.repeat(1000)]) {
    const { transport } = await openFake(t, {
      SIZE: (_, { control }) => {
        const more = (): void => { while (!control.destroyed && control.write(piece)) { /* go on */ } };
        control.on('drain', more);
        more();
      },
    });
    await t.throwsAsync(transport.stat('/pub/a'), { code: 'network-failed', message: /reply without an end/ });
  }
});

test('endless preliminary replies', async (t) => {
  const { transport, server } = await openFake(t, { RETR: (_, { say }) => say(...Array.from({ length: 1000 }, () => '150 soon')) });
  server.files.set('/pub/a', noise(10));
  await t.throwsAsync(collect(transport.read('/pub/a')), { code: 'network-failed' });
});

test('replies that arrive byte by byte are read whole', async (t) => {
  const { transport } = await openFake(t, {
    SIZE: async (_, { control }) => {
      for (const byte of '213 123456789\r\n') {
        control.write(byte);
        await new Promise((resolve) => { setTimeout(resolve, 2); });
      }
    },
  });
  t.is((await transport.stat('/pub/a'))?.size, 123_456_789);
});

test('a silent server: at the greeting, at a command, in a transfer', async (t) => {
  const { transport: greeting } = await openFake(t, { GREETING: () => undefined }, { connectTimeout: 200, idleTimeout: 60_000 });
  await t.throwsAsync(greeting.stat('/pub/a'), { code: 'network-timeout', message: /no connection within 0\.2 s/ });
  const slow = { connectTimeout: 60_000, idleTimeout: 200 };
  const { transport: command } = await openFake(t, { SIZE: () => undefined }, slow);
  await t.throwsAsync(command.stat('/pub/a'), { code: 'network-timeout' });
  const { transport: download, server } = await openFake(t, { RETR: async (_, { say, data }) => { say('150 coming'); (await data()).write('x'); } }, slow);
  server.files.set('/pub/a', noise(10));
  await t.throwsAsync(collect(download.read('/pub/a')), { code: 'network-timeout' });
  const { transport: upload } = await openFake(t, { STOR: (_, { say }) => say('150 go on') }, slow);
  await t.throwsAsync(upload.write('/pub/a', chunked(noise(64 * 1024 * 1024), 1024 * 1024)), { code: 'network-timeout' });
});
