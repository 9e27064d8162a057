import { writeFile } from 'node:fs/promises';
import type { IncomingMessage, RequestListener } from 'node:http';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { NetworkOptions } from '../../../src/network/network-options.js';
import { tempFolder } from '../../content/temp.js';
import { collect } from '../../content/bytes.js';
import { chunked, noise } from '../../contract/transport-harness.js';
import { serve } from '../../network/http-server.js';
import { cleanEnvironment } from '../../network/open-client.js';
import { openFor } from './open-transport.js';

cleanEnvironment();
process.env['HOME'] = '/nonexistent/home';

const RIGHT = `Basic ${Buffer.from('release:pässword:').toString('base64')}`;

async function passwordFile(t: ExecutionContext, password = 'pässword:'): Promise<NetworkOptions> {
  const path = join(await tempFolder(t), 'password');
  await writeFile(path, `${password}\n`, { mode: 0o600 });
  return { passwordFile: path };
}

const guarded = (listener: RequestListener): RequestListener => (request, response) => {
  if (request.headers.authorization === RIGHT) listener(request, response);
  else request.resume().on('end', () => response.writeHead(401, { 'www-authenticate': 'Basic realm="drop", charset="UTF-8"' }).end());
};
const logins = (requests: readonly IncomingMessage[]): readonly (string | undefined)[] => requests.map(({ headers }) => headers.authorization);

test('the password is sent when it is asked for, and from then on', async (t) => {
  const server = await serve(t, guarded((_, response) => response.end('hello')));
  const warnings: string[] = [];
  const transport = await openFor(t, server.origin.replace('//', '//release@'), { ...(await passwordFile(t)), onWarning: (sentence) => warnings.push(sentence) });
  t.is((await collect(transport.read('/a'))).toString(), 'hello');
  t.is((await collect(transport.read('/b'))).toString(), 'hello');
  t.deepEqual(logins(server.requests), [undefined, RIGHT, RIGHT]);
  t.is(transport.origin, server.origin.replace('//', '//release@'));
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? '', /everybody on the way can read it/);
});

test('an upload carries the login from the start: its body cannot be sent twice', async (t) => {
  const server = await serve(t, guarded((request, response) => request.resume().on('end', () => response.writeHead(request.method === 'PUT' ? 201 : 404).end())));
  const transport = await openFor(t, server.origin.replace('//', '//release@'), await passwordFile(t));
  await transport.write('/file', chunked(noise(1000)), { size: 1000 });
  t.deepEqual(server.requests.map(({ method }) => method), ['PUT', 'HEAD']);
  t.deepEqual(logins(server.requests), [RIGHT, RIGHT]);
});

test('a wrong password is tried once, and not printed', async (t) => {
  const server = await serve(t, guarded((_, response) => response.end()));
  const transport = await openFor(t, server.origin.replace('//', '//release@'), await passwordFile(t, 'wrong-one'));
  const error = await t.throwsAsync(collect(transport.read('/a')), { code: 'login-failed', message: /refuses the login of "release"/ });
  t.false(error?.message.includes('wrong-one'));
  t.is(server.requests.length, 2);
  await t.throwsAsync(transport.write('/a', chunked(noise(10)), { size: 10 }), { code: 'login-failed' });
});

test('a server that always wants another login is no loop', async (t) => {
  const server = await serve(t, (_, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="again"' }).end());
  await t.throwsAsync(collect((await openFor(t, server.origin.replace('//', '//release@'), await passwordFile(t))).read('/a')), { code: 'login-failed' });
  t.is(server.requests.length, 2);
});

test('no login, and one of a kind that is not known', async (t) => {
  const server = await serve(t, (request, response) => response.writeHead(401, { 'www-authenticate': request.url === '/digest' ? 'Digest realm="x", qop="auth"' : 'Basic realm="x"' }).end());
  const transport = await openFor(t, server.origin);
  await t.throwsAsync(collect(transport.read('/a')), { code: 'login-failed', message: /USER@.*--password-file/ });
  await t.throwsAsync(collect(transport.read('/digest')), { code: 'login-failed', message: /kind Digest/ });
});

test('a login stays with its origin when the server redirects', async (t) => {
  const other = await serve(t, (_, response) => response.end('hello'));
  const own = await serve(t, guarded((_, response) => response.writeHead(302, { location: `${other.origin}/there` }).end()));
  const transport = await openFor(t, own.origin.replace('//', '//release@'), await passwordFile(t));
  t.is((await collect(transport.read('/a'))).toString(), 'hello');
  t.deepEqual(logins(other.requests), [undefined]);
});

test('another origin that asks for a password gets none', async (t) => {
  const other = await serve(t, (_, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="give it to me"' }).end());
  const own = await serve(t, (_, response) => response.writeHead(302, { location: `${other.origin}/there` }).end());
  const transport = await openFor(t, own.origin.replace('//', '//release@'), await passwordFile(t));
  await t.throwsAsync(collect(transport.read('/a')), { code: 'login-failed', message: new RegExp(`it redirects to ${other.origin}/there, which wants a login`) });
  t.deepEqual(logins(other.requests).filter((login) => login !== undefined), []);
});

test('a password in the URL is refused without repeating it', async (t) => {
  const error = await t.throwsAsync(openFor(t, 'https://release:topsecret@drop.example/'), { code: 'location-invalid' });
  t.false(error?.message.includes('topsecret'));
  await t.throwsAsync(openFor(t, 'https://%ff@drop.example/'), { code: 'location-invalid', message: /user name of the URL/ });
});
