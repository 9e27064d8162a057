import { readdir, readFile, stat, statfs, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { randomInt } from 'node:crypto';
import test from 'ava';
import { isImgkitError } from '../../src/errors.js';
import { openHttpTransport } from '../../src/transport/http/http-transport.js';
import { collect } from '../content/bytes.js';
import { chunked, noise } from '../contract/transport-harness.js';
import { startFaultProxy, type Fault } from '../faults/tcp-proxy.js';
import { startNginx, type Nginx } from '../helpers/nginx.js';
import { run, runOrThrow } from '../helpers/run.js';
import { makeScratch } from '../helpers/scratch.js';
import { makeAuthority } from '../network/certificates.js';

const SIZE = 1_500_000;
const bytes = noise(SIZE);
const scratch = makeScratch();
let nginx: Nginx;
test.before(async () => {
  nginx = await startNginx({
    extra: `
    location /json/ { alias ${scratch.folder}/listed/; autoindex on; autoindex_format json; }
    location /html/ { alias ${scratch.folder}/listed/; autoindex on; }
    location /put-only/ { dav_methods PUT; dav_ext_methods off; }
    location /read-only/ { limit_except GET PROPFIND OPTIONS { deny all; } }
    location /small/ { client_max_body_size 1k; }`,
  });
  await mkdir(scratch.path('listed/sub'), { recursive: true });
  await writeFile(scratch.path('listed/a & b.tar'), bytes);
});
test.after.always(async () => {
  await nginx?.stop();
  scratch.remove();
});

const HOWS = ['cut', 'reset', 'stall'] as const;
/** Where a connection falls silent. Elsewhere a machine that is busy for a second is no failure. */
const IMPATIENT = { idleTimeout: 1000 };

for (const direction of ['down', 'up'] as const) {
  test.serial(`nginx: cut ${direction} at random places: the rest, or all again, is exact`, async (t) => {
    await writeFile(join(nginx.root, 'source.tar'), bytes);
    const proxy = await startFaultProxy({ target: { port: nginx.port } });
    for (let round = 0; round < 25; round += 1) {
      const after = round === 0 ? 0 : randomInt(SIZE);
      // A stall costs the idle time: a few show as much as many.
      const fault: Fault = { after, how: round % 12 === 11 ? 'stall' : HOWS[round % 2] };
      proxy.setFaults(() => ({ [direction]: fault }));
      const cut = await openHttpTransport(`http://127.0.0.1:${proxy.port}/`, fault.how === 'stall' ? IMPATIENT : {});
      const note = `${String(fault.how)} after ${after}`;
      if (direction === 'down') {
        const received: Uint8Array[] = [];
        const error = await t.throwsAsync(async () => { for await (const chunk of cut.read('/source.tar')) received.push(Buffer.from(chunk)); }, undefined, note);
        t.true(isImgkitError(error, 'network-failed', 'network-timeout'), `${note}: ${String(error)}`);
        const prefix = Buffer.concat(received);
        t.true(prefix.equals(bytes.subarray(0, prefix.length)), note);
        proxy.setFaults(undefined);
        const fresh = await openHttpTransport(`http://127.0.0.1:${proxy.port}/`);
        const version = (await fresh.stat('/source.tar'))?.version;
        const rest = await collect(fresh.read('/source.tar', { offset: prefix.length, version }));
        t.true(Buffer.concat([prefix, rest]).equals(bytes), note);
        await fresh.close();
      } else {
        const error = await t.throwsAsync(cut.write('/target.tar', chunked(bytes), { size: SIZE }), undefined, note);
        t.true(isImgkitError(error, 'network-failed', 'network-timeout'), `${note}: ${String(error)}`);
        t.false((await readdir(nginx.root)).includes('target.tar'), `${note}: a cut upload leaves nothing`);
      }
      await cut.close();
    }
    if (direction === 'up') {
      proxy.setFaults(undefined);
      const fresh = await openHttpTransport(`http://127.0.0.1:${proxy.port}/`);
      await fresh.write('/target.tar', chunked(bytes), { size: SIZE });
      t.true((await readFile(join(nginx.root, 'target.tar'))).equals(bytes));
      await fresh.close();
    }
    await proxy.close();
  });
}

test.serial('nginx: killed in the middle of an upload and a download, then back', async (t) => {
  await writeFile(join(nginx.root, 'big.tar'), noise(8_000_000));
  const transport = await openHttpTransport(`${nginx.origin}/`);
  const slow = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, 100_000);
    await nginx.kill();
    yield* chunked(bytes.subarray(100_000));
  };
  const written = await t.throwsAsync(transport.write('/killed.tar', slow(), { size: SIZE }));
  t.true(isImgkitError(written, 'network-failed', 'network-unreachable'), String(written));
  // Not through the same transport: the end of a connection that it kept may come in along with the question.
  const fresh = await openHttpTransport(`${nginx.origin}/`);
  await t.throwsAsync(fresh.stat('/killed.tar'), { code: 'network-unreachable' });
  await fresh.close();
  await nginx.start();
  t.is(await transport.stat('/killed.tar'), undefined);
  const read = await t.throwsAsync(async () => {
    for await (const chunk of transport.read('/big.tar')) if (chunk.length > 0) await nginx.kill();
  });
  t.true(isImgkitError(read, 'network-failed'), String(read));
  await nginx.start();
  await transport.write('/killed.tar', chunked(bytes), { size: SIZE });
  t.true((await readFile(join(nginx.root, 'killed.tar'))).equals(bytes));
  await transport.close();
});

test.serial('nginx: a file that is replaced during a download never mixes', async (t) => {
  await writeFile(join(nginx.root, 'changing.tar'), bytes);
  const transport = await openHttpTransport(`${nginx.origin}/`);
  const version = (await transport.stat('/changing.tar'))?.version;
  await writeFile(join(nginx.root, 'changing.tar'), noise(SIZE + 1));
  await t.throwsAsync(collect(transport.read('/changing.tar', { offset: 1000, version })), { code: 'network-failed', message: /another one/ });
  await t.throwsAsync(collect(transport.read('/changing.tar', { version })), { code: 'network-failed', message: /another one/ });
  await transport.close();
});

test.serial('nginx: index pages in JSON and HTML', async (t) => {
  const transport = await openHttpTransport(`${nginx.origin}/`);
  const json = await transport.list('/json/');
  t.deepEqual(json.map(({ name, kind, size }) => ({ name, kind, size })).toSorted((a, b) => a.name.localeCompare(b.name)), [{ name: 'a & b.tar', kind: 'file', size: SIZE }, { name: 'sub', kind: 'folder', size: undefined }]);
  t.deepEqual((await transport.list('/html/')).map(({ name, kind }) => `${name} ${kind}`).toSorted(), ['a & b.tar file', 'sub folder']);
  await transport.close();
});

test.serial('nginx: a folder that may not be written to', async (t) => {
  const transport = await openHttpTransport(`${nginx.origin}/`);
  await mkdir(join(nginx.root, 'read-only'), { recursive: true });
  await t.throwsAsync(transport.write('/read-only/a', chunked(noise(10)), { size: 10 }), { code: 'remote-refused', message: /forbids it; check the rights/ });
  t.deepEqual(await readdir(join(nginx.root, 'read-only')), []);
  await transport.close();
});

test.serial('nginx: without MOVE, and with a limit on size', async (t) => {
  await Promise.all(['put-only', 'small'].map((name) => mkdir(join(nginx.root, name), { recursive: true })));
  const transport = await openHttpTransport(`${nginx.origin}/`);
  t.like(await transport.abilities('/put-only/'), { rename: 'none', list: false });
  await transport.write('/put-only/a', chunked(noise(10)), { size: 10 });
  await t.throwsAsync(transport.rename('/put-only/a', '/put-only/b'), { code: 'remote-refused' });
  await t.throwsAsync(transport.write('/small/a', chunked(bytes), { size: SIZE }), { code: 'remote-refused', message: /takes no file of this size/ });
  await transport.close();
});

test.serial('nginx: a full disk leaves nothing, and the next upload works', async (t) => {
  const root = scratch.path('full');
  await mkdir(root);
  await runOrThrow('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'imgkit-full', root]);
  const full = await startNginx({ root, extra: `client_body_temp_path ${root}/temp;` });
  try {
    const transport = await openHttpTransport(`${full.origin}/`);
    const error = await t.throwsAsync(transport.write('/a.tar', chunked(bytes), { size: SIZE }));
    t.true(isImgkitError(error, 'network-failed', 'remote-full'), String(error));
    t.deepEqual(await readdir(root), ['temp']);
    // The server gives up what it spooled when it is done with the connection, which is after its answer.
    for (let tries = 0; tries < 300 && (await statfs(root)).bavail === 0; tries += 1) await delay(100);
    await transport.write('/b.tar', chunked(bytes.subarray(0, 1000)), { size: 1000 });
    t.is((await stat(join(root, 'b.tar'))).size, 1000);
    await transport.close();
  } finally {
    await full.stop();
    await run('umount', ['-l', root]);
  }
});

test.serial('nginx: a client certificate is wanted', async (t) => {
  const authority = await makeAuthority();
  const secured = await startNginx({ tls: { ...(await authority.issue()), clientCa: authority.ca } });
  try {
    const own = await authority.issue({ names: ['sender'] });
    const ca = await scratch.write('ca.pem', authority.ca);
    const clientCert = await scratch.write('client.pem', own.cert);
    await writeFile(scratch.path('client.key'), own.key, { mode: 0o600 });
    const known = await openHttpTransport(secured.origin, { ca, clientCert, clientKey: scratch.path('client.key') });
    await known.write('/a', chunked(bytes), { size: SIZE });
    t.true((await collect(known.read('/a'))).equals(bytes));
    await known.close();
    const unknown = await openHttpTransport(secured.origin, { ca });
    await t.throwsAsync(collect(unknown.read('/a')), { code: 'remote-refused', message: /--client-cert/ });
    await unknown.close();
  } finally {
    await secured.stop();
  }
});
