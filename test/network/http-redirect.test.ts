import test from 'ava';
import { headersAfterRedirect, redirectTarget } from '../../src/network/http-redirect.js';
import { serve } from './http-server.js';
import { cleanEnvironment, openClient } from './open-client.js';

cleanEnvironment();

const SECRETS = { authorization: 'Basic c2VjcmV0', cookie: 'a=b', 'x-auth-token': 'secret', 'X-Api-Key': 'secret', 'proxy-authorization': 'secret' };

test('credentials stay within their origin, conditions go along', async (t) => {
  const other = await serve(t, (request, response) => response.end(JSON.stringify(request.headers)));
  const own = await serve(t, (request, response) => {
    response.writeHead(302, { location: request.url === '/first' ? '/second' : `${other.origin}/elsewhere?signature=1` }).end();
  });
  const client = await openClient(t);
  const response = await client.request({ method: 'GET', url: `${own.origin}/first`, headers: { ...SECRETS, range: 'bytes=0-9', 'if-range': '"tag"' } });
  t.is(own.requests[1]?.headers.authorization, SECRETS.authorization);
  t.is(own.requests[1]?.headers['x-auth-token'], 'secret');
  const seen = JSON.parse(await response.text()) as Record<string, string>;
  t.is(seen['range'], 'bytes=0-9');
  t.is(seen['if-range'], '"tag"');
  t.deepEqual(Object.keys(SECRETS).filter((name) => name.toLowerCase() in seen), []);
  t.is(response.url, `${other.origin}/elsewhere?signature=1`);
});

test('five redirects are followed, a sixth is not', async (t) => {
  const server = await serve(t, (request, response) => {
    const left = Number(request.url?.slice(1));
    if (left === 0) response.end('there');
    else response.writeHead(307, { location: `/${left - 1}` }).end();
  });
  const client = await openClient(t);
  t.is(await (await client.request({ method: 'GET', url: `${server.origin}/5` })).text(), 'there');
  await t.throwsAsync(client.request({ method: 'GET', url: `${server.origin}/6` }), { code: 'network-failed', message: /more than 5 times/ });
  t.is((await client.request({ method: 'GET', url: `${server.origin}/6`, redirects: 0 })).status, 307);
});

test('what changes something is not redirected', async (t) => {
  const server = await serve(t, (_, response) => response.writeHead(308, { location: '/other' }).end());
  const client = await openClient(t);
  for (const method of ['PUT', 'POST', 'DELETE', 'MOVE', 'PROPFIND']) {
    const response = await client.request({ method, url: `${server.origin}/` });
    await response.discard();
    t.is(response.status, 308);
  }
  t.is(server.requests.length, 5);
});

test('targets that are refused', (t) => {
  const from = new URL('https://user@drop.example/a?secret=1');
  t.throws(() => redirectTarget(302, 'http://drop.example/a', from), { code: 'host-untrusted', message: /not encrypted/ });
  for (const location of ['ftp://drop.example/', 'file:///etc/passwd', 'javascript:alert(1)', 'http://[broken']) {
    const error = t.throws(() => redirectTarget(302, location, from), { code: 'network-failed' });
    t.false(error?.message.includes('secret'));
  }
  t.is(redirectTarget(200, '/x', from), undefined);
  t.is(redirectTarget(302, undefined, from), undefined);
  t.is(redirectTarget(302, '//other.example/b', from)?.href, 'https://other.example/b');
  t.is(redirectTarget(302, 'https://u:p@other.example/b', from)?.href, 'https://other.example/b');
});

test('another port or scheme is another origin', (t) => {
  const from = new URL('https://drop.example/');
  for (const to of ['https://drop.example:8443/', 'http://drop.example/', 'https://sub.drop.example/']) t.deepEqual(headersAfterRedirect(SECRETS, from, new URL(to)), {});
  t.is(headersAfterRedirect(SECRETS, from, new URL('https://drop.example:443/b')), SECRETS);
});
