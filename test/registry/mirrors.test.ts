import { createServer, type AddressInfo } from 'node:net';
import test from 'ava';
import { collect, sameBytes } from '../content/bytes.js';
import { createHttpClient } from '../../src/network/create-http-client.js';
import { Connection } from '../../src/registry/connection.js';
import { registryAddress } from '../../src/registry/registry-address.js';
import { openBlob } from '../../src/content/verified-read.js';
import { findSignatureTags } from '../../src/registry/find-signature-tags.js';
import { findAttached } from '../../src/registry/open-pull.js';
import { signatureTag } from '../../src/image/signature-tag.js';
import { plain } from '../contract/read-blob.js';
import { artifact, image, layer } from '../helpers/image-builder.js';
import { startFakeRegistry } from '../helpers/registry.js';
import { digestOf, limits, networkOf, nobody, pull, stock } from './lab.js';

const large = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 256));
const app = image('app', { layers: [layer('base'), layer('large', { stored: large })] });
const [, big] = app.layers as [unknown, (typeof app.layers)[number]];

test('where the registry of the name cannot be reached, its mirror says what is about the image', async (t) => {
  const [origin, mirror] = await Promise.all([startFakeRegistry(), startFakeRegistry()]);
  const sbom = artifact('application/x-sbom', 'parts', app.descriptor);
  const signature = artifact('application/x-signature', 'signed');
  stock(mirror, 'app', app, '1');
  stock(mirror, 'app', sbom);
  stock(mirror, 'app', signature, signatureTag(digestOf(app.descriptor)));
  const warnings: string[] = [];
  await origin.close();
  const network = { ...networkOf(origin, mirror), mirrors: [mirror.host], onWarning: (sentence: string) => warnings.push(sentence) };
  const opened = await pull(origin, 'app:1', { network });
  t.deepEqual((await findAttached(opened, limits)).map(({ digest }) => digest as string), [sbom.descriptor.digest]);
  t.deepEqual((await findSignatureTags(opened, limits)).map(({ descriptor }) => descriptor.digest as string), [signature.descriptor.digest]);
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? '', new RegExp(`^${origin.host} cannot say what is about this image, such as signatures, so only its mirrors are asked: .*nothing listens there`));
  await opened.close();
  await mirror.close();
});

test('where neither can say what is about an image, that is an error', async (t) => {
  const [origin, mirror] = await Promise.all([startFakeRegistry(), startFakeRegistry({ hook: (request, response) => request.url?.includes('/referrers/') === true && (response.socket?.destroy(), true) })]);
  stock(mirror, 'app', app, '1');
  await origin.close();
  const opened = await pull(origin, 'app:1', { network: { ...networkOf(origin, mirror), mirrors: [mirror.host] } });
  await t.throwsAsync(findAttached(opened, limits), { code: 'network-unreachable', message: new RegExp(origin.host) });
  await opened.close();
  await mirror.close();
});

test('a mirror that breaks off every time is left in the middle of a blob', async (t) => {
  const path = `/v2/app/blobs/${big.descriptor.digest}`;
  let cuts = 0;
  const [origin, mirror] = await Promise.all([startFakeRegistry(), startFakeRegistry({ hook(request, response) {
    if (request.url !== path || request.method !== 'GET') return false;
    cuts += 1;
    if (cuts === 1) {
      response.writeHead(200, { 'content-length': large.length });
      response.write(large.subarray(0, 100_000), () => response.socket?.destroy());
      return true;
    }
    response.writeHead(206, { 'content-length': 200_000, 'content-range': `bytes 100000-299999/${large.length}` });
    response.flushHeaders();
    response.socket?.end();
    return true;
  } })]);
  for (const each of [origin, mirror]) stock(each, 'app', app, '1');
  const warnings: string[] = [];
  const { blobs, close } = await pull(origin, 'app:1', { network: { ...networkOf(origin, mirror), mirrors: [mirror.host], onWarning: (sentence) => warnings.push(sentence) } });
  sameBytes(t, await collect(openBlob(blobs, plain(big.descriptor))), large);
  t.is(origin.asked().at(-1), `GET ${path}`);
  t.is(origin.seen.at(-1)?.headers.range, 'bytes=100000-');
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? '', new RegExp(`The mirror ${mirror.host} is left out`));
  await close();
  await Promise.all([origin.close(), mirror.close()]);
});

test('a registry that takes a connection and never says anything is waited for once', async (t) => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    t.teardown(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = registryAddress(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  const connection = new Connection({ address, network: { connectTimeout: 200 }, findCredentials: nobody, createClient: createHttpClient, wait: async () => undefined });
  await t.throwsAsync(connection.request({ method: 'GET', target: '/v2/', scopes: [] }), { code: 'network-timeout' });
  t.is(connections, 1);
  await connection.close();
  server.close();
});
