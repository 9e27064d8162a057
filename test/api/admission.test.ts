import { randomBytes } from 'node:crypto';
import { closeSync, openSync, utimesSync, writeSync } from 'node:fs';
import { appendFile, readdir, rename, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { makeImage } from '../../samples/make-image.js';
import { copy, keygen, load, sign, trustAdd, verify, isImgkitError, type ErrorCode, type MoveResult, type ProgressEvent } from '../../src/index.js';
import { tempFolder } from '../content/temp.js';
import { named, ociParts } from '../helpers/archive-parts.js';
import { image, layer, layerTar, pack } from '../helpers/image-builder.js';
import { storeEntries, storeLeftovers } from '../helpers/scratch.js';

interface Place {
  readonly folder: string;
  readonly archive: string;
  readonly trust: string;
  load(options?: Partial<Parameters<typeof load>[0]>): Promise<MoveResult>;
}

/** An archive that the key of release@acme.example signed, and a trust that knows it. */
async function place(t: ExecutionContext, { policy }: { readonly policy?: unknown } = {}): Promise<Place> {
  const folder = await tempFolder(t);
  const [archive, keys, trust] = [join(folder, 'hello.tar'), join(folder, 'keys'), join(folder, 'trust')];
  await makeImage({ output: archive });
  await keygen({ type: 'ssh', folder: keys });
  await sign({ files: [archive], key: join(keys, 'ssh') });
  await trustAdd({ folder: trust, files: [join(keys, 'ssh.pub')], identity: 'release@acme.example' });
  if (policy !== undefined) {
    await writeFile(join(folder, 'policy.json'), JSON.stringify(policy));
    await trustAdd({ folder: trust, files: [join(folder, 'policy.json')] });
  }
  return { folder, archive, trust, load: (options) => load({ from: archive, storeFolder: join(folder, 'store'), admission: { trust }, ...options }) };
}

async function refuses(t: ExecutionContext, { folder, load: run }: Place, code: ErrorCode, says: RegExp, options: Partial<Parameters<typeof load>[0]> = {}): Promise<void> {
  const error = await t.throwsAsync(run(options));
  t.true(isImgkitError(error, code), String(error));
  t.regex(error?.message ?? '', says);
  t.deepEqual(await storeEntries(join(folder, 'store')), [], 'nothing is in the store');
  t.false((await readdir(folder)).includes('store'), 'the store was not even made');
}

test('what a trusted key signed is loaded, and the result says who', async (t) => {
  const { load: run } = await place(t);
  const { notes, images } = await run();
  t.deepEqual(images[0]?.names, ['docker.io/library/hello:1.2.0']);
  t.regex(notes.map(({ message }) => message).join('\n'), /signed by release@acme\.example \(ssh, SHA256:/);
});

test('unsigned, changed, wrongly signed and untrusted input is refused before anything is written', async (t) => {
  const at = await place(t);
  await refuses(t, at, 'signature-untrusted', /signed|allowed signer|principal|release/i, { admission: { trust: at.trust, signedBy: 'other@acme.example' } });
  await rename(`${at.archive}.sha256.sig`, join(at.folder, 'away'));
  await refuses(t, at, 'signature-missing', /Needed for docker\.io\/library\/hello:1\.2\.0: a signature by anyone who is trusted/);
  await rename(join(at.folder, 'away'), `${at.archive}.sha256.sig`);
  await appendFile(at.archive, Buffer.alloc(512));
  await refuses(t, at, 'signature-invalid', /has \d+ bytes, but the signed statement says/);
  await refuses(t, at, 'signature-invalid', /./, { admission: { trust: at.trust, acceptUnsigned: true } });
});

test('every byte of the archive is bound, whatever it means', async (t) => {
  const at = await place(t);
  const bytes = await readFile(at.archive);
  for (const offset of [0, 136, bytes.length >> 1, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[offset] = (changed[offset] as number) ^ 1;
    await writeFile(at.archive, changed);
    await refuses(t, at, 'signature-invalid', /is not the file that was signed/);
  }
});

test('the signature is over the file as it is, also when it is compressed', async (t) => {
  const at = await place(t);
  const packed = join(at.folder, 'packed.tar.gz');
  await writeFile(packed, gzipSync(await readFile(at.archive)));
  await refuses(t, at, 'signature-missing', /there is no .*packed\.tar\.gz\.sha256/, { from: packed });
  await refuses(t, at, 'signature-invalid', /is about other files/, { from: packed, admission: { trust: at.trust, statement: `${at.archive}.sha256` } });
  await sign({ files: [packed], key: join(at.folder, 'keys/ssh') });
  t.is((await at.load({ from: packed })).images.length, 1);
});

test('the policy of the trust folder decides, also about the name at the target', async (t) => {
  const at = await place(t, { policy: { version: 1, default: 'reject', repositories: { 'docker.io/library/hello': { signedBy: ['release@acme.example'] }, 'docker.io/library/other': { signedBy: ['safety@acme.example'] } } } });
  await refuses(t, at, 'policy-refused', /hello:1\.2\.0 is not allowed|found release@acme\.example \(ssh\), needed a signature by safety@acme\.example/, { into: 'store:other:1' });
  await refuses(t, at, 'policy-refused', /rejected/, { into: 'store:elsewhere:1' });
  t.is((await at.load()).images.length, 1);
  t.like(await verify({ target: at.archive, signed: { trust: at.trust } }), { ok: true, signatures: [{ identity: 'release@acme.example' }] });
});

test('verify asks the policy, too: what it lets pass is not refused by load', async (t) => {
  const at = await place(t, { policy: { version: 1, default: { signedBy: ['release@acme.example'] }, repositories: { 'docker.io/library/hello': { signedBy: ['safety@acme.example'] } } } });
  await refuses(t, at, 'policy-refused', /needed a signature by safety@acme\.example/);
  const { ok, refused, findings } = await verify({ target: at.archive, signed: { trust: at.trust } });
  t.deepEqual([ok, refused], [false, true]);
  t.like(findings.at(-1), { check: 'signature', status: 'failed', expected: 'a signature by safety@acme.example' });
});

test('unsigned input is taken only when that is asked for, and the result tells', async (t) => {
  const at = await place(t);
  await rename(`${at.archive}.sha256`, join(at.folder, 'away'));
  await refuses(t, at, 'signature-missing', /has no signed statement/);
  const { notes } = await at.load({ admission: { trust: at.trust, acceptUnsigned: true } });
  t.regex(notes.map(({ message }) => message).join('\n'), /hello:1\.2\.0 was accepted without the signatures that the policy asks for \(--insecure-accept-unsigned\)/);
});

test('what is no file has no signature', async (t) => {
  const at = await place(t);
  const stdin = (async function* bytes() { yield await readFile(at.archive); })();
  await refuses(t, at, 'signature-missing', /standard input has nothing beside it that is signed/, { from: '-', stdin });
});

test('what somebody writes to the archive between its check and its reading does not get in', async (t) => {
  const folder = await tempFolder(t);
  const [keys, store] = [join(folder, 'keys'), join(folder, 'store')];
  const archiveOf = (text: string): Buffer => pack(ociParts([named(image('app', { layers: [layer(text)] }), 'app:1')]));
  const [signed, other] = [archiveOf('one'), archiveOf('two')];
  await keygen({ type: 'ssh', folder: keys });
  for (const [name, good, bad] of [['app.tar', signed, other], ['app.tgz', gzipSync(signed, { level: 0 }), gzipSync(other, { level: 0 })]] as const) {
    const archive = join(folder, name);
    t.is(good.length, bad.length);
    await writeFile(archive, good);
    await sign({ files: [archive], key: join(keys, 'ssh') });
    const swap = (bytes: Buffer): void => {
      const fd = openSync(archive, 'r+');
      writeSync(fd, bytes);
      closeSync(fd);
      // As if nothing had happened.
      utimesSync(archive, 1, 1);
    };
    const admission = { keys: [join(keys, 'ssh.pub')] };
    utimesSync(archive, 1, 1);
    const onProgress = ({ phase, done, total }: ProgressEvent): void => {
      if (phase === 'digest' && done === total) swap(bad);
    };
    const error = await t.throwsAsync(load({ from: archive, storeFolder: store, admission, onProgress }));
    t.true(isImgkitError(error, 'io-failed'), String(error));
    t.regex(error?.message ?? '', /somebody wrote to it while it was read/);
    t.deepEqual(await storeEntries(store), []);
    t.deepEqual(await storeLeftovers(store), []);
  }
});

test('a large archive is hashed while it is read: what was changed shows nowhere, whatever else it breaks', async (t) => {
  const folder = await tempFolder(t);
  const [archive, keys, store] = [join(folder, 'large.tar'), join(folder, 'keys'), join(folder, 'store')];
  const app = image('app', { layers: [layer(layerTar('large', randomBytes(9 << 20))), layer('app')] });
  const bytes = Buffer.concat([pack(ociParts([named(app, 'app:1')])), Buffer.alloc(10_240)]);
  await writeFile(archive, bytes);
  await keygen({ type: 'ssh', folder: keys });
  await sign({ files: [archive], key: join(keys, 'ssh') });
  const admission = { keys: [join(keys, 'ssh.pub')] };
  let sent = 0;
  const stdout = new Writable({ write(chunk: Uint8Array, _encoding, done) { sent += chunk.length; done(); } });
  const ways: readonly (() => Promise<unknown>)[] = [
    () => load({ from: archive, storeFolder: store, admission }),
    () => copy({ from: archive, to: `oci:${join(folder, 'layout')}`, admission }),
    () => copy({ from: archive, to: join(folder, 'copy.tar'), admission }),
    () => copy({ from: archive, to: '-', stdout, admission }),
  ];
  // A layer, an index, and zeros behind the end that nothing but the signature is about.
  for (const offset of [bytes.length >> 1, bytes.indexOf('manifests') + 1, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[offset] = (changed[offset] as number) ^ 1;
    await writeFile(archive, changed);
    for (const way of ways) {
      const error = await t.throwsAsync(way());
      t.true(isImgkitError(error, 'signature-invalid'), `${offset}: ${String(error)}`);
    }
    t.deepEqual(await storeEntries(store), []);
    t.deepEqual(await storeLeftovers(store), []);
    t.deepEqual((await readdir(join(store, 'blobs'), { recursive: true, withFileTypes: true }).catch(() => [])).filter((entry) => entry.isFile()), []);
    t.deepEqual((await readdir(folder)).filter((name) => /copy|layout/.test(name)), []);
    t.is(sent, 0);
  }
  await writeFile(archive, bytes);
  for (const way of ways) await t.notThrowsAsync(way());
  t.is((await storeEntries(store)).length, 1);
  t.true(sent > 9 << 20);
});
