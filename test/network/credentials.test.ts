import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { findPassword } from '../../src/network/credentials.js';
import { findNetrcEntry, parseNetrc } from '../../src/network/netrc.js';
import { tempFolder } from '../content/temp.js';
import { cleanEnvironment } from './open-client.js';

const WHERE = { scheme: 'sftp', host: 'drop.example', port: 22, user: 'release' };

async function secret(t: ExecutionContext, text: string, mode = 0o600): Promise<string> {
  const path = join(await tempFolder(t), 'secret');
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

test.beforeEach(() => {
  cleanEnvironment();
  process.env['HOME'] = '/nonexistent/home';
});

test.serial('the order: file, environment, netrc, person', async (t) => {
  const passwordFile = await secret(t, 'from file\nsecond line\n');
  const netrc = await secret(t, 'machine drop.example login release password from-netrc');
  const askPassword = async (question: string): Promise<string> => `${question}!`;
  process.env['IMGKIT_PASSWORD'] = 'from environment';
  process.env['NETRC'] = netrc;
  t.deepEqual(await findPassword(WHERE, { passwordFile, askPassword }), { user: 'release', password: 'from file' });
  t.deepEqual(await findPassword(WHERE, { askPassword }), { user: 'release', password: 'from environment' });
  delete process.env['IMGKIT_PASSWORD'];
  t.deepEqual(await findPassword(WHERE, { askPassword }), { user: 'release', password: 'from-netrc' });
  delete process.env['NETRC'];
  t.deepEqual(await findPassword(WHERE, { askPassword }), { user: 'release', password: 'Password of release at sftp://drop.example:22: !' });
  t.is(await findPassword(WHERE, {}), undefined);
  t.is(await findPassword({ ...WHERE, user: undefined }, { askPassword }), undefined);
  t.is(await findPassword(WHERE, { askPassword: async () => undefined }), undefined);
});

test.serial('~/.netrc is found, and names the user where nobody did', async (t) => {
  const home = (process.env['HOME'] = await tempFolder(t));
  await writeFile(join(home, '.netrc'), 'machine DROP.example login robot password p', { mode: 0o600 });
  t.deepEqual(await findPassword({ ...WHERE, user: undefined }, {}), { user: 'robot', password: 'p' });
  t.is(await findPassword(WHERE, {}), undefined);
  for (const host of ['drop.example.evil', 'sub.drop.example', 'drop.exampl', 'xdrop.example']) t.is(await findPassword({ scheme: 'https', host }, {}), undefined);
});

for (const mode of [0o644, 0o640, 0o604, 0o660]) {
  test.serial(`a password file of mode ${mode.toString(8)} is refused`, async (t) => {
    await t.throwsAsync(findPassword(WHERE, { passwordFile: await secret(t, 'x', mode) }), { code: 'key-exposed', message: /chmod 600/ });
  });
}

test.serial('a netrc that others can read is refused when it has the password, and only then', async (t) => {
  process.env['NETRC'] = await secret(t, 'machine drop.example login release password topsecret', 0o644);
  const error = await t.throwsAsync(findPassword(WHERE, {}), { code: 'key-exposed' });
  t.false(error?.message.includes('topsecret'));
  t.is(await findPassword({ ...WHERE, host: 'other.example' }, {}), undefined);
});

test.serial('files that are not there, empty, endless', async (t) => {
  await t.throwsAsync(findPassword(WHERE, { passwordFile: '/nonexistent/password' }), { code: 'file-not-found' });
  await t.throwsAsync(findPassword(WHERE, { passwordFile: await secret(t, '\nsecond') }), { code: 'usage' });
  await t.throwsAsync(findPassword(WHERE, { passwordFile: '/dev/zero' }), { code: 'key-malformed' });
  t.deepEqual(await findPassword(WHERE, { passwordFile: await secret(t, ' spaces stay \r\n') }), { user: 'release', password: ' spaces stay ' });
  process.env['NETRC'] = '/nonexistent/netrc';
  await t.throwsAsync(findPassword(WHERE, {}), { code: 'file-not-found' });
});

test('netrc: layouts, quotes, comments, macros, default', (t) => {
  const entries = parseNetrc(`
# machine commented.example login no password no
machine a.example
  login anna
  password "with space \\"quoted\\" \\\\ end"
machine b.example login ben account x password pass#word
macdef init
machine in-macro.example login no password no

machine c.example password only
default login anonymous password me@here
machine after.example login l password p`);
  const find = (host: string, user?: string): unknown => findNetrcEntry(entries, host, user);
  t.like(find('a.example'), { login: 'anna', password: 'with space "quoted" \\ end' });
  t.like(find('B.Example', 'ben'), { login: 'ben', password: 'pass#word' });
  t.is(find('b.example', 'other'), undefined);
  t.like(find('c.example', 'anyone'), { password: 'only' });
  t.like(find('unknown.example'), { login: 'anonymous' });
  t.like(find('commented.example'), { login: 'anonymous' });
  t.like(find('in-macro.example'), { login: 'anonymous' });
  t.like(find('after.example'), { login: 'l' });
  const lax = parseNetrc('machine b.example login ben password p\ndefault password q');
  t.like(findNetrcEntry(lax, 'c.example', 'other'), { password: 'q' });
  t.is(findNetrcEntry(lax, 'b.example', 'other'), undefined, 'a host with entries of its own has no other');
  for (const nonsense of ['', 'machine', 'login x password y', 'machine a login', '"', 'password p machine']) t.is(findNetrcEntry(parseNetrc(nonsense), 'a', undefined), undefined);
});
