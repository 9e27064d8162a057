import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPrivateKey } from 'node:crypto';
import { Socket } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { RequestListener } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { keepAlert } from '../../src/network/keep-alert.js';
import type { NetworkOptions } from '../../src/network/network-options.js';
import { tempFolder } from '../content/temp.js';
import { makeAuthority, type IssueOptions } from './certificates.js';
import { serve, type TestServer } from './http-server.js';
import { cleanEnvironment, openClient } from './open-client.js';

cleanEnvironment();

const authority = makeAuthority();
const DAY = 86_400_000;

interface Secured {
  readonly server: TestServer;
  readonly folder: string;
  readonly ca: string;
}

async function secured(t: ExecutionContext, issue: IssueOptions = {}, more: object = {}): Promise<Secured> {
  const { ca, issue: make } = await authority;
  const folder = await tempFolder(t);
  await writeFile(join(folder, 'ca.pem'), `# the drop's authority\n${ca}`);
  const server = await serve(t, (_, response) => response.end('hello'), { ...(await make(issue)), ...more });
  return { server, folder, ca: join(folder, 'ca.pem') };
}

async function fetchText(t: ExecutionContext, url: string, network: NetworkOptions, insecure = false): Promise<string> {
  return (await (await openClient(t, network, { insecure })).request({ method: 'GET', url })).text();
}

test('an authority named with ca is trusted, beside the default ones', async (t) => {
  const { server, ca } = await secured(t);
  t.is(await fetchText(t, server.origin, { ca }), 'hello');
  t.is(await fetchText(t, `https://127.0.0.1:${server.port}`, { ca }), 'hello');
});

test('an authority that one client names is nobody to the next, whichever came first', async (t) => {
  const { server, ca } = await secured(t);
  for (const network of [{ ca }, {}, { ca }, {}]) {
    const reading = fetchText(t, server.origin, network);
    if ('ca' in network) t.is(await reading, 'hello');
    else await t.throwsAsync(reading, { code: 'host-untrusted' });
  }
});

test('an unknown authority is refused, and nothing is sent', async (t) => {
  const { server } = await secured(t);
  await t.throwsAsync(fetchText(t, server.origin, {}), { code: 'host-untrusted', message: /certificate is refused.*--ca FILE/ });
  t.is(server.requests.length, 0);
  t.is(await fetchText(t, server.origin, {}, true), 'hello');
});

const BAD: readonly (readonly [title: string, issue: IssueOptions, reason: RegExp])[] = [
  ['expired', { notBefore: new Date(Date.now() - 2 * DAY), notAfter: new Date(Date.now() - DAY) }, /it has expired/],
  ['not valid yet', { notBefore: new Date(Date.now() + DAY), notAfter: new Date(Date.now() + 2 * DAY) }, /not valid yet/],
  ['for another name', { names: ['elsewhere.example'] }, /made for another host name/],
];
for (const [title, issue, reason] of BAD) {
  test(`a certificate that is ${title}`, async (t) => {
    const { server, ca } = await secured(t, issue);
    await t.throwsAsync(fetchText(t, server.origin, { ca }), { code: 'host-untrusted', message: reason });
    t.is(server.requests.length, 0);
  });
}

test('nothing older than TLS 1.2 is spoken', async (t) => {
  const { server, ca } = await secured(t, {}, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
  await t.throwsAsync(fetchText(t, server.origin, { ca }), { code: 'network-failed' });
  t.is(server.requests.length, 0);
});

test('TLS to a server without it', async (t) => {
  const server = await serve(t, (_, response) => response.end());
  await t.throwsAsync(fetchText(t, `https://127.0.0.1:${server.port}`, {}), { code: 'network-failed', message: /does not speak TLS/ });
});

test('a client certificate is shown, and its key must be private', async (t) => {
  const { ca: caText, issue } = await authority;
  const { server, folder, ca } = await secured(t, {}, { requestCert: true, rejectUnauthorized: true, ca: caText });
  const own = await issue({ names: ['client'] });
  const [clientCert, clientKey, keyPassphraseFile] = [join(folder, 'client.pem'), join(folder, 'client.key'), join(folder, 'passphrase')];
  await writeFile(clientCert, own.cert);
  await writeFile(clientKey, own.key, { mode: 0o600 });
  t.is(await fetchText(t, server.origin, { ca, clientCert, clientKey }), 'hello');
  await t.throwsAsync(fetchText(t, server.origin, { ca }), { code: 'login-failed', message: /wants a client certificate: name it with --client-cert/ });

  const locked = createPrivateKey(own.key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' });
  await writeFile(clientKey, locked);
  await writeFile(keyPassphraseFile, 'open sesame\n', { mode: 0o600 });
  t.is(await fetchText(t, server.origin, { ca, clientCert, clientKey, keyPassphraseFile }), 'hello');
  await t.throwsAsync(openClient(t, { ca, clientCert, clientKey }), { code: 'key-refused', message: /--key-passphrase-file/ });
  await writeFile(keyPassphraseFile, 'wrong\n');
  await t.throwsAsync(openClient(t, { ca, clientCert, clientKey, keyPassphraseFile }), { code: 'key-refused' });
  await chmod(clientKey, 0o640);
  await t.throwsAsync(openClient(t, { ca, clientCert, clientKey }), { code: 'key-exposed', message: /chmod 600/ });
});

test('a client certificate is shown to the origin that was named, and to none that it leads to', async (t) => {
  const { ca: caText, issue } = await authority;
  const folder = await tempFolder(t);
  const [ca, clientCert, clientKey] = [join(folder, 'ca.pem'), join(folder, 'client.pem'), join(folder, 'client.key')];
  const me = await issue({ names: ['client'] });
  await writeFile(ca, caText);
  await writeFile(clientCert, me.cert);
  await writeFile(clientKey, me.key, { mode: 0o600 });
  const seen: string[] = [];
  const note = (who: string, answer: RequestListener): RequestListener => (request, response) => {
    seen.push(`${who}${request.url ?? ''} ${String((request.socket as TLSSocket).getPeerCertificate().subject?.CN)}`);
    answer(request, response);
  };
  const tls = { ...(await issue()), requestCert: true, rejectUnauthorized: false, ca: caText };
  const other = await serve(t, note('other', (_, response) => response.end('there')), tls);
  const own = await serve(t, note('own', (request, response) => response.writeHead(302, { location: request.url === '/1' ? '/2' : `${other.origin}/3` }).end()), tls);
  const client = await openClient(t, { ca, clientCert, clientKey });
  t.is(await (await client.request({ method: 'GET', url: `${own.origin}/1` })).text(), 'there');
  t.is(await (await client.request({ method: 'GET', url: `${other.origin}/4` })).text(), 'there');
  t.is(await (await client.request({ method: 'GET', url: `${other.origin}/5`, anonymous: true })).text(), 'there');
  t.deepEqual(seen, ['own/1 client', 'own/2 client', 'other/3 undefined', 'other/4 client', 'other/5 undefined']);
});

test('files that are none', async (t) => {
  const folder = await tempFolder(t);
  const [empty, damaged, key] = [join(folder, 'empty'), join(folder, 'damaged'), join(folder, 'key')];
  const { ca, issue } = await authority;
  const other = await issue();
  await writeFile(empty, 'no certificate here\n');
  await writeFile(damaged, ca.replace(/\n[^\n]{20}/, '\nAAAAAAAAAAAAAAAAAAAA'));
  await writeFile(key, other.key, { mode: 0o600 });
  await t.throwsAsync(openClient(t, { ca: empty }), { code: 'key-malformed' });
  await t.throwsAsync(openClient(t, { ca: damaged }), { code: 'key-malformed' });
  await t.throwsAsync(openClient(t, { ca: join(folder, 'nothing') }), { code: 'file-not-found' });
  await t.throwsAsync(openClient(t, { clientKey: key }), { code: 'usage' });
  await writeFile(empty, ca);
  await t.throwsAsync(openClient(t, { clientCert: empty, clientKey: key }), { code: 'key-refused', message: /is not the key of/ });
});

test('a server that is silent in the handshake is given up', async (t) => {
  const { serveRaw } = await import('./http-server.js');
  const server = await serveRaw(t, () => undefined);
  await t.throwsAsync(fetchText(t, `https://127.0.0.1:${server.port}`, { connectTimeout: 300 }), { code: 'network-timeout' });
});

test('a socket ends with the alert that came, not with what is said of the end behind it', async (t) => {
  const socket = new Socket();
  keepAlert(socket);
  const heard: unknown[] = [];
  socket.on('error', (error: NodeJS.ErrnoException) => void heard.push(error.code));
  const closed = new Promise((resolve) => { socket.once('close', resolve); });
  socket.emit('error', Object.assign(new Error('alert number 42'), { code: 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE' }));
  socket.destroy(Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }));
  await closed;
  t.deepEqual(heard, ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE']);
});
