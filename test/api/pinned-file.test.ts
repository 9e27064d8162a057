import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { readdir, readlink, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { keygen, report, sign, verify, isImgkitError, type ProgressEvent } from '../../src/index.js';
import { tempFolder } from '../content/temp.js';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, layer, layerTar, pack, sha256 } from '../helpers/image-builder.js';

/** What is hashed in one look and read in another must be one file, whoever may give its name to another in between. */
const [good, evil] = ['good', 'evil'].map((name) => image(name, { layers: [layer(name)] })) as [ReturnType<typeof image>, ReturnType<typeof image>];
const archiveOf = (app: typeof good): Buffer => pack(hybridParts([named(app, 'app:1')]));

interface Swap {
  readonly archive: string;
  readonly key: string;
  /** Gives the name to the other file at the first such event. */
  readonly onProgress: (event: ProgressEvent) => void;
}

async function swapped(t: ExecutionContext, first: Uint8Array, second: Uint8Array, when: (event: ProgressEvent) => boolean, name = 'app.tar'): Promise<Swap> {
  const folder = await tempFolder(t);
  const [archive, other] = [join(folder, name), join(folder, 'other')];
  await keygen({ type: 'ssh', folder });
  await writeFile(archive, first);
  await sign({ files: [archive], key: join(folder, 'ssh') });
  await writeFile(other, second);
  let done = false;
  return { archive, key: join(folder, 'ssh.pub'), onProgress(event) {
    if (done || !when(event)) return;
    done = true;
    renameSync(other, archive);
  } };
}

async function refuses(t: ExecutionContext, run: () => Promise<unknown>): Promise<void> {
  const error = await t.throwsAsync(run);
  t.true(isImgkitError(error, 'io-failed'), String(error));
  t.regex(error?.message ?? '', /another file took its name while it was checked/);
}

const hashed = ({ phase, done, total }: ProgressEvent): boolean => phase === 'digest' && done === total;

for (const [name, pick] of [['app.tar', (bytes: Buffer) => bytes], ['app.tgz', (bytes: Buffer) => gzipSync(bytes)]] as const) {
  test(`verify and report tell nothing of a file that took the name of the signed one, ${name}`, async (t) => {
    for (const run of [
      ({ archive: target, key, onProgress }: Swap) => verify({ target, signed: { keys: [key] }, onProgress }),
      ({ archive: location, key, onProgress }: Swap) => report({ location, output: `${location}.html`, signed: { keys: [key] }, onProgress }),
    ]) {
      const swap = await swapped(t, pick(archiveOf(good)), pick(archiveOf(evil)), hashed, name);
      await refuses(t, () => run(swap));
    }
  });
}

for (const [name, pick] of [['app.tar', (bytes: Buffer) => bytes], ['app.tgz', (bytes: Buffer) => gzipSync(bytes, { level: 0 })]] as const) {
  test(`a large signed file is hashed while it is looked into, and of one that is not what was signed nothing is told, ${name}`, async (t) => {
    const folder = await tempFolder(t);
    await keygen({ type: 'ssh', folder });
    const signed = { keys: [join(folder, 'ssh.pub')] };
    const content = pick(pack(hybridParts([named(image('large', { layers: [layer(layerTar('large', 'large'.repeat(2 * 1024 * 1024)))] }), 'app:1')])));
    const target = join(folder, name);
    await writeFile(target, content);
    await sign({ files: [target], key: join(folder, 'ssh') });
    const whole = await verify({ target, signed });
    t.true(whole.ok, JSON.stringify(whole.findings));
    t.deepEqual([...new Set(whole.findings.map(({ check }) => check))].slice(0, 3), ['signature', 'signed-file', 'archive-structure']);
    t.is(whole.signatures?.length, 1);
    // In a body, and in the first header.
    for (const at of [content.length >> 1, 20]) {
      const changed = Buffer.from(content);
      changed[at] = (changed[at] as number) ^ 1;
      await writeFile(target, changed);
      const refused = await verify({ target, signed });
      t.deepEqual(refused.findings.map(({ check, status }) => `${check} ${status}`).filter((each) => !each.endsWith('note')), ['signature ok', 'signed-file failed']);
      t.like(refused, { ok: false, refused: true, images: [], format: undefined, signatures: undefined });
      t.true(isImgkitError(await t.throwsAsync(report({ location: target, output: `${target}.html`, signed })), 'signature-invalid'));
    }
  });
}

test('a large file that nobody trusted signed is given up: no word of its hashing, and nothing stays open', async (t) => {
  const { archive: target } = await swapped(t, Buffer.alloc(9 * 1024 * 1024, 'x'), Buffer.alloc(0), () => false);
  const stranger = await tempFolder(t);
  await keygen({ type: 'ssh', folder: stranger });
  const seen: string[] = [];
  const refused = await verify({ target, signed: { keys: [join(stranger, 'ssh.pub')] }, onProgress: ({ phase }) => void seen.push(phase) });
  t.like(refused, { ok: false, refused: true });
  t.deepEqual(seen, []);
  const open = (await readdir('/proc/self/fd')).map((fd) => readlink(join('/proc/self/fd', fd)).catch(() => ''));
  t.false((await Promise.all(open)).includes(target));
});

test('verify finds out who writes to a large signed file when it was looked into, and before the last of it is hashed', async (t) => {
  // No archive, which is seen at once.
  const large = Buffer.alloc(9 * 1024 * 1024, 'x');
  const { archive: target, key } = await swapped(t, large, Buffer.alloc(0), () => false);
  const signed = { keys: [key] };
  t.false((await verify({ target, signed })).ok);
  const onProgress = ({ phase, done, total }: ProgressEvent): void => {
    // The same bytes, at the last moment: as who takes back a change.
    if (phase === 'digest' && done === total) writeFileSync(target, 'x', { flag: 'r+' });
  };
  const error = await t.throwsAsync(verify({ target, signed, onProgress }));
  t.true(isImgkitError(error, 'io-failed'), String(error));
  t.regex(error?.message ?? '', /somebody wrote to it while it was read/);
});

test('verify compares the digest of the file that it read', async (t) => {
  const { archive: target, onProgress } = await swapped(t, archiveOf(evil), archiveOf(good), ({ phase }) => phase === 'verify');
  await refuses(t, () => verify({ target, expect: sha256(archiveOf(good)), onProgress }));
});

test('a host that gives one file for its digest and another for what is in it is not believed', async (t) => {
  const [whole, parts] = [archiveOf(good), archiveOf(evil)];
  t.is(whole.length, parts.length);
  const server = createServer(({ method, headers: { range } }, response) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)?$/.exec(range ?? '') ?? [];
    const bytes = from === undefined ? whole : parts.subarray(Number(from), to === undefined ? undefined : Number(to) + 1);
    const head = { 'accept-ranges': 'bytes', etag: '"1"', 'content-length': bytes.length, 'content-type': 'application/octet-stream' };
    response.writeHead(from === undefined ? 200 : 206, from === undefined ? head : { ...head, 'content-range': `bytes ${from}-${Number(from) + bytes.length - 1}/${whole.length}` });
    response.end(method === 'HEAD' ? undefined : bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve()).closeAllConnections()));
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}/app.tar`;
  const { matched, images } = await verify({ target, expect: sha256(whole) });
  t.is(matched, 'file');
  t.deepEqual(images.map(({ digest }) => digest as string), [good.descriptor.digest]);
});
