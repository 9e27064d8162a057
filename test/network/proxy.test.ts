import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { proxyFor } from '../../src/network/proxy.js';
import { tempFolder } from '../content/temp.js';
import { makeAuthority } from './certificates.js';
import { serve } from './http-server.js';
import { cleanEnvironment, openClient } from './open-client.js';

cleanEnvironment();

const CASES: readonly (readonly [url: string, environment: Record<string, string>, proxy: string | undefined])[] = [
  ['http://a.example/', {}, undefined],
  ['http://a.example/', { http_proxy: 'http://p:1' }, 'http://p:1'],
  ['http://a.example/', { HTTP_PROXY: 'p:1' }, 'http://p:1'],
  ['http://a.example/', { https_proxy: 'http://p:1' }, undefined],
  ['https://a.example/', { http_proxy: 'http://p:1' }, undefined],
  ['https://a.example/', { HTTPS_PROXY: 'http://p:1' }, 'http://p:1'],
  ['https://a.example/', { all_proxy: 'https://p:1' }, 'https://p:1'],
  ['https://a.example/', { https_proxy: 'http://p:1', no_proxy: 'b.example, a.example' }, undefined],
  ['https://sub.a.example/', { https_proxy: 'http://p:1', NO_PROXY: 'a.example' }, undefined],
  ['https://nota.example/', { https_proxy: 'http://p:1', no_proxy: 'a.example' }, 'http://p:1'],
  ['https://a.example/', { https_proxy: 'http://p:1', no_proxy: '.a.example' }, 'http://p:1'],
  ['https://x.a.example/', { https_proxy: 'http://p:1', no_proxy: '.a.example' }, undefined],
  ['https://x.a.example/', { https_proxy: 'http://p:1', no_proxy: '*.a.example' }, undefined],
  ['https://nota.example/', { https_proxy: 'http://p:1', no_proxy: '*.a.example,.nota.example' }, 'http://p:1'],
  ['https://x.a.example:8443/', { https_proxy: 'http://p:1', no_proxy: '.a.example:8443' }, undefined],
  ['https://x.a.example/', { https_proxy: 'http://p:1', no_proxy: '.a.example:8443' }, 'http://p:1'],
  ['http://a.example/', { http_proxy: 'http://p:1', no_proxy: 'a.example:443' }, 'http://p:1'],
  ['http://a.example/', { http_proxy: 'http://p:1', no_proxy: 'a.example:80' }, undefined],
  ['https://a.example/', { https_proxy: 'http://p:1', no_proxy: '*' }, undefined],
  ['https://a.example:8443/', { https_proxy: 'http://p:1', no_proxy: 'a.example:443' }, 'http://p:1'],
  ['https://a.example/', { https_proxy: 'http://p:1', no_proxy: 'A.EXAMPLE:443' }, undefined],
  ['https://10.1.2.3/', { https_proxy: 'http://p:1', no_proxy: '10.0.0.0/8' }, undefined],
  ['https://11.1.2.3/', { https_proxy: 'http://p:1', no_proxy: '10.0.0.0/8' }, 'http://p:1'],
  ['https://10.1.2.3:8443/', { https_proxy: 'http://p:1', no_proxy: '10.0.0.0/8:443' }, 'http://p:1'],
  ['https://10.1.2.3/', { https_proxy: 'http://p:1', no_proxy: '10.0.0.0/33,10.0.0.0/,/8,10.0.0.0/x,10.0.0.0/-8' }, 'http://p:1'],
  ['https://10.example/', { https_proxy: 'http://p:1', no_proxy: '10.0.0.0/8,0.0.0.0/0' }, 'http://p:1'],
  ['https://10.1.2.3/', { https_proxy: 'http://p:1', no_proxy: '0.2.3,.2.3,2.3' }, 'http://p:1'],
  ['https://[fe00::1]/', { https_proxy: 'http://p:1', no_proxy: 'fd00::/8' }, 'http://p:1'],
  ['https://10.1.2.3/', { https_proxy: 'http://p:1', no_proxy: '::/0' }, 'http://p:1'],
  ['https://[fe00::1]/', { https_proxy: 'http://p:1', no_proxy: '0.0.0.0/0' }, 'http://p:1'],
  ['https://[fd00::1]/', { https_proxy: 'http://p:1', no_proxy: 'fd00::/8' }, undefined],
  ['https://[fd00::1]/', { https_proxy: 'http://p:1', no_proxy: '10.0.0.0/8,[fd00::1]:443' }, undefined],
  ['https://10.1.2.3/', { https_proxy: 'http://p:1', no_proxy: '10.1.2.3' }, undefined],
  ['https://localhost:5000/', { https_proxy: 'http://p:1' }, undefined],
  ['https://127.0.0.1/', { https_proxy: 'http://p:1' }, undefined],
  ['https://[::1]/', { https_proxy: 'http://p:1' }, undefined],
];
for (const [url, environment, proxy] of CASES) {
  test(`${url} with ${JSON.stringify(environment)}`, (t) => t.is(proxyFor(new URL(url), environment), proxy));
}

test('a proxy that is no URL, or of a kind that is not known, is named by its variable only', (t) => {
  t.throws(() => proxyFor(new URL('https://a.example'), { ALL_PROXY: 'socks5://p:1' }), { code: 'usage', message: /\$ALL_PROXY.*SOCKS/ });
  const error = t.throws(() => proxyFor(new URL('http://a.example'), { http_proxy: 'gopher://user:secret@p' }), { code: 'usage', message: /\$http_proxy/ });
  t.false(error?.message.includes('secret'));
});

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly login: string | undefined;
}

/** A proxy that leads every name to `port` of this machine. */
async function startProxy(t: ExecutionContext, port: () => number, status = 200): Promise<{ readonly url: string; readonly seen: readonly Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    seen.push({ method: request.method, url: request.url, login: request.headers['proxy-authorization'] });
    response.writeHead(status).end(`through the proxy to ${request.headers.host ?? ''}`);
  });
  server.on('connect', (request, socket, head) => {
    seen.push({ method: request.method, url: request.url, login: request.headers['proxy-authorization'] });
    socket.on('error', () => undefined);
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(port(), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://user:pass%20word@127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const LOGIN = `Basic ${Buffer.from('user:pass word').toString('base64')}`;

test.serial('http goes through a proxy as a plain request, with its login', async (t) => {
  const proxy = await startProxy(t, () => 1);
  process.env['http_proxy'] = proxy.url;
  t.teardown(cleanEnvironment);
  const response = await (await openClient(t)).request({ method: 'GET', url: 'http://drop.example/pub/app.tar?a=1', headers: { authorization: 'Basic own' } });
  t.is(await response.text(), 'through the proxy to drop.example');
  t.deepEqual(proxy.seen, [{ method: 'GET', url: 'http://drop.example/pub/app.tar?a=1', login: LOGIN }]);
});

test.serial('https goes through a tunnel, verified end to end', async (t) => {
  const authority = await makeAuthority();
  const server = await serve(t, (request, response) => response.end(String(request.headers['proxy-authorization'])), await authority.issue({ names: ['drop.example'] }));
  const proxy = await startProxy(t, () => server.port);
  process.env['HTTPS_PROXY'] = proxy.url;
  t.teardown(cleanEnvironment);
  const ca = join(await tempFolder(t), 'ca.pem');
  await writeFile(ca, authority.ca);
  t.is(await (await (await openClient(t, { ca })).request({ method: 'GET', url: 'https://drop.example/' })).text(), 'undefined');
  t.deepEqual(proxy.seen, [{ method: 'CONNECT', url: 'drop.example:443', login: LOGIN }]);
  await t.throwsAsync((await openClient(t, { ca })).request({ method: 'GET', url: 'https://other.example/' }), { code: 'host-untrusted' });
  await t.throwsAsync((await openClient(t)).request({ method: 'GET', url: 'https://drop.example/' }), { code: 'host-untrusted' });
});

for (const [status, code] of [[407, 'login-failed'], [403, 'network-failed']] as const) {
  test.serial(`a proxy that answers a tunnel with ${status}`, async (t) => {
    const proxy = await startProxy(t, () => 1, status);
    process.env['https_proxy'] = proxy.url;
    t.teardown(cleanEnvironment);
    const error = await t.throwsAsync((await openClient(t)).request({ method: 'GET', url: 'https://drop.example/' }), { code });
    t.regex(error?.message ?? '', /proxy/i);
    t.notRegex(error?.message ?? '', /pass(?: |%20)word|user:/);
  });
}

test.serial('a proxy where nobody listens is named, without its login', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  process.env['http_proxy'] = `http://user:secret@127.0.0.1:${port}`;
  t.teardown(cleanEnvironment);
  const error = await t.throwsAsync((await openClient(t)).request({ method: 'GET', url: 'http://drop.example/pub/' }), { code: 'network-unreachable' });
  t.true(error?.message.startsWith(`drop.example (by the proxy 127.0.0.1:${port}): GET /pub/ failed: nothing listens there`), error?.message);
});
