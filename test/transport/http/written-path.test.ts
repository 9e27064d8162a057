import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { sameBytes } from '../../content/bytes.js';
import { fetch, send, type SendResult } from '../../../src/index.js';
import { sha256 } from '../../helpers/image-builder.js';
import { tempFolder } from '../../content/temp.js';
import { serve } from '../../network/http-server.js';
import { cleanEnvironment } from '../../network/open-client.js';
import { openFor } from './open-transport.js';
import { writeFile } from 'node:fs/promises';

cleanEnvironment();
process.env['HOME'] = '/nonexistent/home';

const BYTES = randomBytes(5000);

test('a path is asked for as it was written: to some servers %2F is no slash, and + no %2B', async (t) => {
  const server = await serve(t, (request, response) => {
    const there = request.url === '/projects/team%2Fapp/packages/1.0/app+1@x.tar';
    response.writeHead(there ? 200 : 404, there ? { 'content-length': BYTES.length, etag: '"1"' } : {}).end(there && request.method === 'GET' ? BYTES : undefined);
  });
  const folder = await tempFolder(t);
  const url = `${server.origin}/projects/team%2Fapp/packages/1.0/app+1@x.tar`;
  const fetched = await fetch({ url, output: `${folder}/`, expect: sha256(BYTES), retries: 0 });
  sameBytes(t, await readFile(fetched.path), BYTES);
  t.deepEqual(await readdir(folder), ['app+1@x.tar']);
  const paths = new Set(server.requests.map(({ url: path }) => path));
  t.true(paths.has('/projects/team%2Fapp/packages/1.0/app+1@x.tar.sha256'), [...paths].join(' '));
  t.true([...paths].every((path) => path?.startsWith('/projects/team%2Fapp/packages/1.0/')), [...paths].join(' '));
  const transport = await openFor(t, url);
  await transport.stat('/projects/team/app/packages/1.0/a b');
  t.is(server.requests.at(-1)?.url, '/projects/team%2Fapp/packages/1.0/a%20b');
  await transport.stat('/elsewhere/a+b');
  t.is(server.requests.at(-1)?.url, '/elsewhere/a%2Bb');
  await t.throwsAsync(openFor(t, `${server.origin}/a%2F..%2Fb`).then((each) => each.stat('/a/../b')), { code: 'location-invalid' });
});

test('what browsers let be in a path, and RFC 3986 does not, is encoded', async (t) => {
  const server = await serve(t, (_, response) => response.writeHead(404).end());
  await (await openFor(t, `${server.origin}/a|b[1]^/c'd`)).stat("/a|b[1]^/c'd");
  t.is(server.requests[0]?.url, "/a%7Cb%5B1%5D%5E/c'd");
});

test('object storage that says 403 of a checksum that is not there: expected from elsewhere it is fetched, else refused', async (t) => {
  const server = await serve(t, (request, response) => {
    const there = request.url === '/bucket/app.tar';
    response.writeHead(there ? 200 : 403, there ? { 'content-length': BYTES.length, etag: '"1"' } : {}).end(there && request.method === 'GET' ? BYTES : undefined);
  });
  const output = `${await tempFolder(t)}/`;
  const url = `${server.origin}/bucket/app.tar`;
  await t.throwsAsync(fetch({ url, output, retries: 0 }), { code: 'policy-refused' });
  t.is((await fetch({ url, output, expect: sha256(BYTES), retries: 0 })).checkedBy, 'expect');
});

for (const [how, drop] of [['stores half of it', false], ['stores half of it and breaks the connection', true]] as const) {
  test(`a server without MOVE that ${how}: nothing stays under the name, and the next run is not told that it is taken`, async (t) => {
    const files = new Map<string, Buffer>();
    let whole = false;
    const server = await serve(t, (request, response) => {
      const path = request.url ?? '';
      const there = files.get(path);
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        if (request.method === 'PUT') {
          const body = Buffer.concat(chunks);
          const partly = !whole && path.endsWith('.tar');
          files.set(path, partly ? body.subarray(0, body.length / 2) : body);
          if (partly && drop) request.socket.destroy();
          else response.writeHead(201).end();
        } else if (request.method === 'DELETE') response.writeHead(files.delete(path) ? 204 : 404).end();
        else if (request.method === 'GET' || request.method === 'HEAD') response.writeHead(there === undefined ? 404 : 200, there === undefined ? {} : { 'content-length': there.length, etag: '"1"' }).end(request.method === 'GET' ? there : undefined);
        else response.writeHead(405).end();
      });
    });
    const folder = await tempFolder(t);
    await writeFile(join(folder, 'app.tar'), BYTES);
    const deliver = (retries: number): Promise<SendResult> => send({ files: [join(folder, 'app.tar')], to: [`${server.origin}/drop/`], retries, retryDelay: 1 });
    t.is((await deliver(1)).deliveries[0]?.error?.code, 'network-failed');
    t.deepEqual([...files.keys()], []);
    whole = true;
    t.is((await deliver(0)).deliveries[0]?.status, 'sent');
    t.deepEqual([...files.keys()], ['/drop/app.tar', '/drop/app.tar.sha256']);
  });
}
