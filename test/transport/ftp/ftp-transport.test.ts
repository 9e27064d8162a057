import test from 'ava';
import { collect, sameBytes } from '../../content/bytes.js';
import { ImgkitError } from '../../../src/errors.js';
import { openFtpTransport } from '../../../src/transport/ftp/ftp-transport.js';
import { chunked, noise } from '../../contract/transport-harness.js';
import { openFake } from './open-fake.js';

test('plain FTP warns once, and never shows the password', async (t) => {
  const warnings: string[] = [];
  const { transport, server } = await openFake(t, { PASS: (password, { say }) => say(`530 what is ${password}?`) }, { onWarning: (sentence) => warnings.push(sentence) });
  const error = await t.throwsAsync(transport.stat('/pub/a'), { code: 'login-failed' });
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? '', /everybody on the way can read/);
  t.deepEqual(server.commands.filter((line) => line.startsWith('PASS')), ['PASS open sesame']);
  t.notRegex(JSON.stringify([error?.message, String((error as ImgkitError).cause), error?.stack, (error as ImgkitError).details, transport.origin]), /sesame/);
});

test('without a user it is anonymous, and a password that was named for somebody stays here', async (t) => {
  const { transport, server } = await openFake(t, {}, { user: '' });
  t.is(await transport.stat('/pub/a'), undefined);
  t.deepEqual(server.commands.filter((line) => /^(?:USER|PASS)/.test(line)), ['USER anonymous', 'PASS anonymous@']);
});

test('TLS that is asked for and not offered: no login is sent', async (t) => {
  const { server } = await openFake(t, { AUTH: (_, { say }) => say('502 no such thing') });
  for (const scheme of ['ftpes', 'ftps']) {
    server.commands.length = 0;
    const transport = await openFtpTransport(server.url().replace('ftp', scheme), { connectTimeout: 5000 });
    await t.throwsAsync(transport.stat('/pub/a'), { code: 'remote-refused', message: /offers no TLS/ }, scheme);
    t.deepEqual(server.commands.filter((line) => /^(?:USER|PASS|OPTS)/.test(line)), []);
    await transport.close();
  }
});

test('operations wait for their turn', async (t) => {
  const { transport, server } = await openFake(t);
  const bytes = noise(200_000);
  await transport.write('/pub/a', chunked(bytes), { size: bytes.length });
  const [stat, body, part] = await Promise.all([transport.stat('/pub/a'), collect(transport.read('/pub/a')), collect(transport.read('/pub/a', { offset: 199_990 })), transport.remove('/pub/b')]);
  t.is(stat?.size, 200_000);
  t.deepEqual(stat?.modified, new Date('2024-01-02T03:04:05Z'));
  sameBytes(t, body, bytes);
  sameBytes(t, part, bytes.subarray(199_990));
  t.is(server.connections, 1);
});

test('who gives up waiting lets nobody in before their turn', async (t) => {
  const { transport, server } = await openFake(t);
  server.files.set('/pub/a', noise(3_000_000));
  const reading = transport.read('/pub/a')[Symbol.asyncIterator]();
  await reading.next();
  const abort = new AbortController();
  const waiting = transport.stat('/pub/a', { signal: abort.signal });
  const behind = transport.stat('/pub/a');
  abort.abort();
  await t.throwsAsync(waiting, { code: 'interrupted' });
  let size = 0;
  for (let next = await reading.next(); next.done !== true; next = await reading.next()) size += next.value.length;
  t.true(size > 0);
  t.is((await behind)?.size, 3_000_000);
});

test('a connection that died is made anew, without asking for the password again', async (t) => {
  let asked = 0;
  const { transport, server } = await openFake(t, {
    MKD: (_, { control }) => control.destroy(),
  }, { passwordFile: undefined, askPassword: async () => { asked += 1; return 'typed'; } });
  const home = process.env['NETRC'];
  process.env['NETRC'] = '/dev/null';
  t.teardown(() => { if (home === undefined) delete process.env['NETRC']; else process.env['NETRC'] = home; });
  server.files.set('/pub/a', noise(10));
  await t.throwsAsync(transport.makeFolder('/pub/new/folder'), { code: 'network-failed' });
  t.is((await transport.stat('/pub/a'))?.size, 10);
  t.is(server.connections, 2);
  t.is(asked, 1);
});

test('reading slowly holds the server back, and is no time-out', async (t) => {
  let sent = 0;
  const { transport } = await openFake(t, {
    RETR: async (_, { say, data }) => {
      say('150 coming');
      const socket = await data();
      const chunk = noise(64 * 1024);
      for (; sent < 40_000_000 && !socket.destroyed; sent += chunk.length) if (!socket.write(chunk)) await new Promise((resolve) => { socket.once('drain', resolve).once('close', resolve); });
      socket.end(() => say('226 done'));
    },
    SIZE: (_, { say }) => say('213 40000000'),
  }, { idleTimeout: 300 });
  let chunks = 0;
  for await (const chunk of transport.read('/pub/a')) {
    t.true(chunk.length > 0);
    await new Promise((resolve) => { setTimeout(resolve, 700); });
    if ((chunks += 1) === 3) break;
  }
  t.true(sent < 30_000_000, 'what nobody read was not sent');
});

test('paths that are no paths', async (t) => {
  const { transport, server } = await openFake(t);
  for (const path of ['/a\r\nDELE /b', '/a\nb', '/a\0b', 'relative']) await t.throwsAsync(transport.stat(path), { code: 'location-invalid' });
  t.is(server.connections, 0);
});

test('an aborted transfer ends at once', async (t) => {
  const { transport, server } = await openFake(t, { RETR: (_, { say }) => say('150 coming, maybe') });
  server.files.set('/pub/a', noise(10));
  const abort = new AbortController();
  const reading = collect(transport.read('/pub/a', { signal: abort.signal }));
  setTimeout(() => abort.abort(), 50);
  await t.throwsAsync(reading, { code: 'interrupted' });
  t.is((await transport.stat('/pub/a'))?.size, 10);
});

test('a hash that the server computes', async (t) => {
  const digest = 'a'.repeat(64);
  const hashing = (reply: string) => ({ HASH: (_: string, { say }: { say(line: string): void }) => say(reply), XSHA256: (_: string, { say }: { say(line: string): void }) => say(`250 ${digest.toUpperCase()}`) });
  const cases: readonly (readonly [features: readonly string[], reply: string, expected: string | undefined])[] = [
    [['HASH SHA-1;SHA-256*'], `213 SHA-256 0-9 ${digest} /pub/a`, `sha256:${digest}`],
    [['HASH SHA-1;SHA-256*'], `213 SHA-1 0-9 ${'b'.repeat(40)} /pub/a`, undefined],
    [['HASH SHA-1;SHA-256*'], '556 too large', undefined],
    [['HASH SHA-1;SHA-256*'], `213 SHA-256 0-9 ${digest}00 /pub/a`, undefined],
    [['HASH SHA-1*'], 'not asked', undefined],
    [['XSHA256'], 'not asked', `sha256:${digest}`],
    // As proftpd says it.
    [['HASH SHA-1;SHA-256*', 'XSHA256'], `213-Computing SHA-256 digest\r\n213 SHA-256 0-9 ${'c'.repeat(64)} /pub/a`, `sha256:${'c'.repeat(64)}`],
  ];
  for (const [features, reply, expected] of cases) {
    const { transport, server } = await openFake(t, hashing(reply), { features });
    server.files.set('/pub/a', noise(10));
    t.is(await transport.hash('/pub/a'), expected as never, reply);
  }
});

test('a name with spaces is quoted for XSHA256; one that holds quotes too cannot be asked for', async (t) => {
  const asked: string[] = [];
  const { transport, server } = await openFake(t, { XSHA256: (path: string, { say }) => { asked.push(path); say(`250 ${'a'.repeat(64)}`); } }, { features: ['XSHA256'] });
  for (const [path, expected] of [['/pub/a b', `sha256:${'a'.repeat(64)}`], ['/pub/"a"', `sha256:${'a'.repeat(64)}`], ['/pub/a "b"', undefined]] as const) {
    server.files.set(path, noise(10));
    t.is(await transport.hash(path), expected as never, path);
  }
  t.deepEqual(asked, ['"/pub/a b"', '/pub/"a"']);
});
