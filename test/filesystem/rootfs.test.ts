import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { memorySource } from '../tar/memory-source.js';
import { own } from '../../src/content/lent-chunk.js';
import { treeItems, writeLayer } from '../../src/filesystem/layer-writer.js';
import { pathMatcher } from '../../src/filesystem/path-pattern.js';
import { adjustRootfs, type Rootfs } from '../../src/filesystem/rootfs.js';
import { readFolder } from '../../src/filesystem/rootfs-folder.js';
import { readRootfsTar } from '../../src/filesystem/rootfs-tar.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import type { TarHeaderFields } from '../../src/tar/encode-header.js';
import { TarScanner } from '../../src/tar/tar-scanner.js';
import type { TarEntry } from '../../src/tar/tar-entry.js';
import { tarOf } from '../helpers/tar-entries.js';

const limits = DEFAULT_LIMITS;
const isRoot = process.getuid?.() === 0;

async function bytesOf(rootfs: Rootfs): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeLayer(treeItems(rootfs.tree, rootfs.root), rootfs.open)) chunks.push(own(chunk));
  return Buffer.concat(chunks);
}

interface Listed extends TarEntry {
  readonly body: string;
}

function entriesOf(layer: Uint8Array): readonly Listed[] {
  const found: { entry: TarEntry; body: string }[] = [];
  const scanner = new TarScanner({ file: 'layer', mode: 'layer', limits, onEntry: (entry) => found.push({ entry, body: '' }), onBody: (_entry, chunk) => { (found.at(-1) as { body: string }).body += Buffer.from(chunk).toString('latin1'); } });
  scanner.push(layer);
  refuseNotes(scanner.end().notes);
  return found.map(({ entry, body }) => ({ ...entry, body }));
}

function refuseNotes(notes: readonly string[]): void {
  if (notes.length > 0) throw new Error(notes.join(' '));
}

const fromTar = (tar: Uint8Array): Promise<Rootfs> => readRootfsTar(memorySource(tar, 'rootfs.tar'), { limits });

function folder(t: { teardown(work: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'imgkit-rootfs-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('a folder that is named by a link is that folder; links in it stay links', async (t) => {
  const at = folder(t);
  mkdirSync(join(at, 'v2'));
  writeFileSync(join(at, 'v2', 'file'), 'content');
  symlinkSync('.', join(at, 'v2', 'inside'));
  symlinkSync('v2', join(at, 'current'));
  const [linked, named] = await Promise.all(['current', 'v2'].map(async (name) => bytesOf(readFolder(join(at, name), { limits }))));
  t.deepEqual(linked, named);
  t.deepEqual(entriesOf(linked as Buffer).map(({ path, type }) => [path, type]), [['file', 'file'], ['inside', 'symlink']]);
});

test('a folder that is too deep, or holds too many files, is refused', (t) => {
  const root = folder(t);
  mkdirSync(join(root, 'a/b/c'), { recursive: true });
  t.is([...readFolder(root, { limits: { ...limits, pathDepth: 3, layerEntries: 3 } }).tree.walk()].length, 3);
  t.throws(() => readFolder(root, { limits: { ...limits, pathDepth: 2 } }), { code: 'limit-exceeded', message: /nested deeper than 2/ });
  t.throws(() => readFolder(root, { limits: { ...limits, layerEntries: 2 } }), { code: 'limit-exceeded', message: /more than 2 files/ });
});

test('a folder: names byte for byte, links, modes, times with nanoseconds, sorted', async (t) => {
  const root = folder(t);
  mkdirSync(join(root, 'b'));
  writeFileSync(join(root, 'b/file'), 'content');
  writeFileSync(join(root, 'b/large'), Buffer.alloc(700_001, 'x'));
  linkSync(join(root, 'b/file'), join(root, 'a-link'));
  symlinkSync('../nowhere', join(root, 'b/sym'));
  writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x62, 0xff])]), 'odd');
  chmodSync(join(root, 'b/file'), 0o4751);
  execFileSync('touch', ['-d', '2001-02-03 04:05:06.123456789Z', join(root, 'b/file')]);
  if (isRoot) execFileSync('mknod', [join(root, 'dev'), 'b', '259', '70000']);
  execFileSync('mkfifo', [join(root, 'fifo')]);
  const entries = entriesOf(await bytesOf(readFolder(root, { limits })));
  t.deepEqual(entries.map(({ path }) => path), ['a-link', 'b', 'b/file', 'b/large', 'b/sym', ...(isRoot ? ['dev'] : []), 'fifo', 'b\udcff'].sort((a, b) => (a.split('/')[0] as string) < (b.split('/')[0] as string) ? -1 : a.split('/')[0] === b.split('/')[0] ? a.localeCompare(b) : 1));
  const at = (path: string): Listed => entries.find((entry) => entry.path === path) as Listed;
  t.like(at('a-link'), { type: 'file', body: 'content', mode: 0o4751, mtime: { seconds: 981_173_106, nanoseconds: 123_456_789 } });
  t.like(at('b/file'), { type: 'hardlink', linkPath: 'a-link' });
  t.is(at('b/large').body.length, 700_001);
  t.like(at('b/sym'), { type: 'symlink', linkPath: '../nowhere' });
  t.is(at('fifo').type, 'fifo');
  if (isRoot) t.like(at('dev'), { type: 'block-device', devMajor: 259, devMinor: 70_000 });
  t.is(at('b\udcff').body, 'odd');
});

test('sockets and extended attributes stay behind, and that is said', async (t) => {
  const root = folder(t);
  const server = createServer().listen(join(root, 's'));
  await new Promise((resolve) => server.once('listening', resolve));
  const rootfs = readFolder(root, { limits });
  server.close();
  t.deepEqual(entriesOf(await bytesOf(rootfs)), []);
  t.regex(rootfs.notes.join('\n'), /1 socket.*\nextended attributes/);
});

test('a name that would delete in a layer is refused, unless it is meant to', (t) => {
  const root = folder(t);
  writeFileSync(join(root, '.wh.x'), '');
  t.throws(() => readFolder(root, { limits }), { code: 'usage', message: /\.wh\.x/ });
  t.is([...readFolder(root, { limits, whiteouts: 'keep' }).tree.walk()].length, 1);
  t.is([...readFolder(root, { limits, excludes: pathMatcher(['.wh.*']) }).tree.walk()].length, 0);
});

test('a file that changes while it is read is an error, not a broken layer', async (t) => {
  const root = folder(t);
  for (const size of [10, 600_000]) {
    writeFileSync(join(root, 'f'), Buffer.alloc(size));
    const rootfs = readFolder(root, { limits });
    writeFileSync(join(root, 'f'), Buffer.alloc(size - 1));
    await t.throwsAsync(bytesOf(rootfs), { code: 'io-failed', message: /changed while it was read/ });
    rmSync(join(root, 'f'));
    symlinkSync('/etc/passwd', join(root, 'f'));
    await t.throwsAsync(bytesOf(rootfs), { code: 'io-failed' });
    rmSync(join(root, 'f'));
  }
});

test('a tar: order and spelling do not count, later entries replace earlier ones', async (t) => {
  const a = await bytesOf(await fromTar(tarOf({ path: './b/', type: 'directory' }, { path: './b/x', body: 'old' }, { path: 'a', body: '1' }, { path: '/b/x', body: 'new' })));
  const b = await bytesOf(await fromTar(tarOf({ path: 'a', body: '1' }, { path: 'b', type: 'directory' }, { path: 'b/x', body: 'new' })));
  t.deepEqual(a, b);
  t.deepEqual(entriesOf(a).map(({ path, body }) => [path, body]), [['a', '1'], ['b', ''], ['b/x', 'new']]);
});

test('a tar: owners above 2^21, attributes, long and odd names, pax records survive', async (t) => {
  const xattrs = new Map([['security.capability', Uint8Array.of(1, 0, 0, 2, 0xff)], ['user.a', Buffer.from('ü')]]);
  const fields: TarHeaderFields = { path: `${'long/'.repeat(60)}x\udcff`, mode: 0o7777, uid: 4_000_000_000, gid: 3_000_000, uname: 'me', gname: 'us', mtime: { seconds: -5, nanoseconds: 7 }, xattrs, pax: new Map([['comment', 'hi']]) };
  const [entry] = entriesOf(await bytesOf(await fromTar(tarOf({ ...fields, body: 'x' })))).filter(({ type }) => type === 'file');
  t.like(entry, { path: fields.path, mode: 0o7777, uid: 4_000_000_000, gid: 3_000_000, uname: 'me', gname: 'us', mtime: { seconds: -5, nanoseconds: 7 }, body: 'x' });
  t.deepEqual(new Map([...(entry as Listed).xattrs].map(([key, value]) => [key, Buffer.from(value)])), new Map([...xattrs].map(([key, value]) => [key, Buffer.from(value)])));
  t.is((entry as Listed).pax.get('comment'), 'hi');
});

test('a hard link tells the capabilities of its file again', async (t) => {
  const xattrs = new Map([['security.capability', Uint8Array.of(1, 0, 0, 2)], ['user.a', Buffer.from('x')]]);
  const [file, link] = entriesOf(await bytesOf(await fromTar(tarOf({ path: 'ping', body: 'x', xattrs }, { path: 'ping6', type: 'hardlink', linkPath: 'ping' }))));
  t.deepEqual([...(file as Listed).xattrs.keys()], ['security.capability', 'user.a']);
  t.deepEqual([...(link as Listed).xattrs].map(([key, value]) => [key, ...value]), [['security.capability', 1, 0, 0, 2]]);
});

test('a tar with whiteouts is a layer, not a filesystem', async (t) => {
  await t.throwsAsync(fromTar(tarOf({ path: 'a/.wh.b' })), { code: 'usage', message: /whiteout for "a\/b".*imgkit append/ });
  await t.throwsAsync(fromTar(Buffer.alloc(0)), { code: 'tar-truncated' });
  await t.throwsAsync(fromTar(tarOf({ path: 'l', type: 'hardlink', linkPath: 'gone' })), { code: 'tar-malformed' });
});

test('adjustments: owner, latest time, excluded paths', async (t) => {
  const rootfs = await fromTar(tarOf({ path: 'keep', uid: 5, uname: 'x', mtime: { seconds: 100, nanoseconds: 5 }, body: '1' }, { path: 'later', mtime: { seconds: 2000, nanoseconds: 5 }, body: '2' }, { path: 'd/x.log', body: '3' }, { path: 'also', type: 'hardlink', linkPath: 'later' }));
  adjustRootfs(rootfs, { owner: { uid: 1, gid: 2 }, latest: 1000, excludes: pathMatcher(['*.log']) });
  const entries = entriesOf(await bytesOf(rootfs));
  t.deepEqual(entries.map(({ path, type, uid, gid, uname }) => [path, type, uid, gid, uname]), [['also', 'file', 1, 2, ''], ['d', 'directory', 1, 2, ''], ['keep', 'file', 1, 2, ''], ['later', 'hardlink', 1, 2, '']]);
  t.deepEqual(entries.map(({ mtime }) => mtime.seconds), [1000, 0, 100, 1000]);
});

const name = fc.string({ unit: fc.constantFrom('a', 'b', '.', 'ü', '\udcff', ' ', '-'), minLength: 1, maxLength: 4 }).filter((text) => text !== '.' && text !== '..');
const entry = fc.record({
  path: fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
  body: fc.string({ maxLength: 600 }).map((text) => Buffer.from(text).toString('latin1').replaceAll(/[^\0-\x7f]/g, '?')),
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.integer({ min: 0, max: 2 ** 32 - 2 }),
  mtime: fc.record({ seconds: fc.integer({ min: -10, max: 2 ** 33 }), nanoseconds: fc.integer({ min: 0, max: 999_999_999 }) }),
});

test('property: what a tar says is what the layer says, whatever the order of the entries', async (t) => {
  await fc.assert(fc.asyncProperty(fc.uniqueArray(entry, { selector: ({ path }) => path, maxLength: 12 }), fc.integer(), async (made, seed) => {
    const files = made.filter(({ path }) => !made.some((other) => other.path.startsWith(`${path}/`)));
    const shuffled = files.map((file, i) => ({ file, key: Math.imul(i + 1, seed | 1) })).sort((a, b) => a.key - b.key).map(({ file }) => file);
    if (files.length === 0) return;
    const a = await bytesOf(await fromTar(tarOf(...files)));
    t.deepEqual(a, await bytesOf(await fromTar(tarOf(...shuffled))));
    const written = entriesOf(a).filter(({ type }) => type === 'file').map(({ path, body, mode, uid, mtime }) => ({ path, body, mode, uid, mtime }));
    const byPath = (list: readonly { readonly path: string }[]): readonly unknown[] => list.toSorted((one, other) => (one.path < other.path ? -1 : 1));
    t.deepEqual(byPath(written), byPath(files.map((file) => ({ ...file }))));
  }), { numRuns: 200 });
});

test('property: a folder and GNU tar of it make the same layer', async (t) => {
  const root = folder(t);
  mkdirSync(join(root, 'r/d/e'), { recursive: true });
  for (const [i, file] of ['r/one', 'r/d/two', 'r/d/e/three', 'r/ünïcode', `r/${'long'.repeat(40)}`].entries()) writeFileSync(join(root, file), 'x'.repeat(i * 300));
  linkSync(join(root, 'r/d/two'), join(root, 'r/d/e/two-again'));
  for (const path of ['r/d/e', 'r/d', 'r/one']) utimesSync(join(root, path), 1_700_000_000, 1_700_000_000);
  execFileSync('tar', ['-C', join(root, 'r'), '--format=posix', '--numeric-owner', '-cf', join(root, 'r.tar'), 'one', 'd', 'ünïcode', 'long'.repeat(40)]);
  const fromFolder = entriesOf(await bytesOf(readFolder(join(root, 'r'), { limits })));
  const fromGnu = entriesOf(await bytesOf(await fromTar(readFileSync(join(root, 'r.tar')))));
  const shown = ({ path, type, mode, uid, gid, mtime, linkPath, body }: Listed): object => ({ path, type, mode, uid, gid, mtime, linkPath, body });
  t.deepEqual(fromGnu.map(shown), fromFolder.map(shown));
});
