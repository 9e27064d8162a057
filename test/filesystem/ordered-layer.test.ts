import test from 'ava';
import fc from 'fast-check';
import { lentBytes, own } from '../../src/content/lent-chunk.js';
import { treeItems, writeLayer } from '../../src/filesystem/layer-writer.js';
import { NotInOrder, orderedLayer } from '../../src/filesystem/ordered-layer.js';
import { OrderedTree } from '../../src/filesystem/ordered-tree.js';
import { adjustRootfs, newestTime, type Rootfs } from '../../src/filesystem/rootfs.js';
import { readRootfsTar } from '../../src/filesystem/rootfs-tar.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { collect, inPieces, lentPieces, sameBytes } from '../content/bytes.js';
import { tarOf, type TarPart } from '../helpers/tar-entries.js';
import { GNU, item, longName, pax, raw, tar } from '../hostile/tar-builder.js';
import { memorySource } from '../tar/memory-source.js';

const limits = DEFAULT_LIMITS;
const name = 'rootfs.tar';
const fromTar = (tar: Uint8Array): Promise<Rootfs> => readRootfsTar(memorySource(tar, name), { limits });

/** The layer that the whole tree gives. */
async function wholeLayer(rootfs: Rootfs): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeLayer(treeItems(rootfs.tree, rootfs.root), rootfs.open)) chunks.push(own(chunk));
  return Buffer.concat(chunks);
}

interface Passed {
  readonly layer: Buffer;
  readonly ordered: OrderedTree;
  readonly notes: readonly string[];
}

async function pass(tar: Uint8Array, piece = tar.length, latest?: number): Promise<Passed> {
  const ordered = new OrderedTree(limits, latest);
  const notes: string[] = [];
  const layer = await collect(orderedLayer(lentPieces(tar, Math.max(1, piece)), ordered, { name, limits, onNote: (note) => notes.push(note) }));
  return { layer, ordered, notes };
}

const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', 'ü', '\udcff', ' ', '-', '~'), minLength: 1, maxLength: 4 }).filter((made) => made !== '.' && made !== '..');
const part = fc.record({
  path: fc.array(text, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
  type: fc.constantFrom('file', 'file', 'file', 'symlink', 'fifo', 'hardlink'),
  body: fc.integer({ min: 0, max: 3000 }).map((size) => 'x'.repeat(size)),
  mode: fc.integer({ min: 0, max: 0o777 }),
  uid: fc.integer({ min: 0, max: 2 ** 32 - 2 }),
  mtime: fc.record({ seconds: fc.integer({ min: 0, max: 2 ** 33 }), nanoseconds: fc.constantFrom(0, 0, 5) }),
  spelling: fc.constantFrom('', './', '/'),
});
const parts = fc.uniqueArray(part, { selector: ({ path }) => path, maxLength: 14 });

/** Files in their folders, which are told before, and links to the file that came first; as a layer has them. */
function inOrder(made: typeof parts extends fc.Arbitrary<infer Made> ? Made : never, root: boolean): readonly TarPart[] {
  const files = made.filter(({ path }) => !made.some((other) => other.path.startsWith(`${path}/`)));
  const folders = new Set(files.flatMap(({ path }) => path.split('/').slice(0, -1).map((_, i, all) => all.slice(0, i + 1).join('/'))));
  const all = [...[...folders].map((path) => ({ path, type: 'directory' as const, mode: 0o755, spelling: '' })), ...files];
  const key = (path: string): readonly string[] => path.split('/');
  const before = (a: readonly string[], b: readonly string[]): number => {
    const i = a.findIndex((each, at) => each !== b[at]);
    return i === -1 ? a.length - b.length : b[i] === undefined ? 1 : (a[i] as string) < (b[i] as string) ? -1 : 1;
  };
  const sorted = all.toSorted((a, b) => before(key(a.path), key(b.path)));
  const first = sorted.find(({ type }) => type === 'file');
  return [...(root ? [{ path: './', type: 'directory' as const }] : []), ...sorted.flatMap((each): TarPart[] => {
    const path = `${each.spelling}${each.path}`;
    if (!('body' in each)) return [{ ...each, path }];
    const { spelling: _, body, type, ...fields } = each;
    if (type === 'file') return [{ ...fields, path, body }];
    if (type === 'symlink') return [{ ...fields, path, type, linkPath: '../somewhere' }];
    if (type === 'fifo') return [{ ...fields, path, type }];
    return first === undefined || sorted.indexOf(first) > sorted.indexOf(each) ? [] : [{ path, type: 'hardlink', linkPath: first.path, mode: fields.mode }];
  })];
}

test('property: a tar in order gives the layer that its whole tree gives, however it is cut and whatever lies between', async (t) => {
  await fc.assert(fc.asyncProperty(parts, fc.boolean(), fc.integer({ min: 1, max: 2500 }), fc.constantFrom(0, 512, 10240), fc.option(fc.integer({ min: 0, max: 2 ** 33 }), { nil: undefined }), async (made, root, piece, tail, latest) => {
    const bytes = Buffer.concat([tarOf(...inOrder(made, root)), Buffer.alloc(tail)]);
    // What fills up the last block of a body may be anything.
    for (let at = 0; at + 512 <= bytes.length; at += 512) if (bytes[at] === 0x78) for (let i = at; i < at + 512; i++) if (bytes[i] === 0 && made.length % 2 === 0) bytes[i] = 0x79;
    const rootfs = await fromTar(bytes);
    adjustRootfs(rootfs, { latest });
    const { layer, ordered } = await pass(bytes, piece, latest);
    sameBytes(t, layer, await wholeLayer(rootfs));
    t.is(ordered.root, rootfs.root);
    t.deepEqual(newestTime(ordered.tree)?.seconds, newestTime(rootfs.tree)?.seconds);
    t.deepEqual([...ordered.tree.walk()].map(({ path }) => path), [...rootfs.tree.walk()].map(({ path }) => path));
    // A layer of ours is passed on as it is.
    sameBytes(t, (await pass(layer, piece, latest)).layer, layer);
  }), { numRuns: 300 });
});

const change = fc.record({ block: fc.nat(), at: fc.oneof(fc.nat(511), fc.constantFrom(100, 107, 124, 156, 257, 263, 345)), value: fc.oneof(fc.nat(255), fc.constantFrom(0, 0x2f, 0x31, 0x35)), summed: fc.boolean() });

/** Writes the sum of the header at `at` as it should be. */
function sum(bytes: Buffer, at: number): void {
  bytes.fill(' ', at + 148, at + 156);
  let total = 0;
  for (const byte of bytes.subarray(at, at + 512)) total += byte;
  bytes.write(`${total.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
}

test('property: what is wrong with a tar is told in the same words as of its whole tree, and nothing gets through', async (t) => {
  await fc.assert(fc.asyncProperty(parts, fc.array(change, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 2500 }), async (made, changes, piece) => {
    const bytes = tarOf(...inOrder(made, true));
    for (const { block, at, value, summed } of changes) {
      const start = 512 * (block % Math.floor(bytes.length / 512));
      bytes[start + at] = value;
      if (summed) sum(bytes, start);
    }
    const answer = async (work: Promise<Buffer>): Promise<unknown> => work.catch((error: Error) => (error instanceof NotInOrder ? error : error.message));
    const found = await answer(pass(bytes, piece).then(({ layer }) => layer));
    if (!(found instanceof NotInOrder)) t.deepEqual(found, await answer(fromTar(bytes).then(wholeLayer)));
  }), { numRuns: 500 });
});

test('headers of other dialects become ours; what a header says of all that follow is said by each', async (t) => {
  const dialects = tar(
    raw({ name: './', type: '5', magic: GNU }), raw({ name: './d/', type: '5', magic: GNU }), item({ name: './d/old', magic: GNU, uname: 'me' }, 'x'.repeat(700)),
    longName(`./e${'n'.repeat(118)}/`), raw({ name: 'e', type: '5', magic: GNU }), pax({ uname: 'everybody' }, 'g'), item({ name: 'f', uname: 'me' }, 'y'),
    pax({ atime: '5', ctime: '6', mtime: '7.5', comment: 'hi' }), item({ name: 'g' }, 'z'),
  );
  for (const piece of [dialects.length, 1000, 512, 7]) {
    const { layer, ordered } = await pass(dialects, piece);
    sameBytes(t, layer, await wholeLayer(await fromTar(dialects)));
    t.is(ordered.tree.get('f')?.inode.uname, 'everybody');
  }
});

test('a hard link leads to the first name, whichever it tells', async (t) => {
  const bytes = tarOf({ path: 'a', body: 'x' }, { path: 'b', type: 'hardlink', linkPath: 'a' }, { path: 'c', type: 'hardlink', linkPath: 'b' }, { path: 'd', type: 'hardlink', linkPath: 'c' });
  const { layer, ordered: { tree } } = await pass(bytes);
  sameBytes(t, layer, await wholeLayer(await fromTar(bytes)));
  t.is(tree.get('a')?.inode, tree.get('d')?.inode);
  t.true(tree.get('a')?.inode.linked);
});

test('a layer of ours is passed on in the memory that it came in', async (t) => {
  const body = 'x'.repeat(1_500_000);
  const layer = tarOf({ path: 'a', body }, { path: 'b', body: 'y' });
  const lent: (readonly [same: boolean, length: number])[] = [];
  for await (const chunk of orderedLayer(inPieces(layer, 1_000_000), new OrderedTree(limits, undefined), { name, limits, onNote: () => undefined })) lent.push([lentBytes(chunk).buffer === layer.buffer, chunk.length]);
  t.deepEqual(lent, [[true, 1_000_000], [false, layer.length - 1_000_000]]);
});

test('oddities that are legal are told, and do not get into the layer', async (t) => {
  const whole = tarOf({ path: 'a', body: 'x' });
  const { layer, notes } = await pass(whole.subarray(0, 1024));
  sameBytes(t, layer, whole);
  t.deepEqual(notes, ['At offset 1024 there is no end-of-archive marker.']);
  const unpadded = await pass(whole.subarray(0, 513));
  sameBytes(t, unpadded.layer, whole);
  t.is(unpadded.notes[0], 'At offset 513 the padding after the last entry is missing.');
});

test('what is wrong with the tar itself is told at once', async (t) => {
  const whole = tarOf({ path: 'a', body: 'x'.repeat(3000) }, { path: 'b' });
  await t.throwsAsync(pass(whole.subarray(0, 2000)), { code: 'tar-truncated' });
  await t.throwsAsync(pass(whole.subarray(0, 100)), { code: 'tar-truncated' });
  whole[3584 + 5] = 1;
  await t.throwsAsync(pass(whole), { code: 'tar-malformed' });
});

const d = { path: 'd', type: 'directory' } as const;
const capability = new Map([['security.capability', Uint8Array.of(1, 0, 0, 2)]]);
const elsewhere: Readonly<Record<string, readonly TarPart[]>> = {
  'a name that belongs before': [{ path: 'b' }, { path: 'a' }],
  'a folder after what it holds': [{ path: 'd/x' }, d],
  'a folder that is not given': [{ path: 'a' }, { path: 'd/x' }],
  'a folder that is not given, after one with a name as long': [d, { path: 'e/x' }],
  'a folder that was left': [d, { path: 'd/a' }, { path: 'e' }, { path: 'd/b' }],
  'a name twice': [{ path: 'a' }, { path: 'a' }],
  'a folder twice': [d, d],
  'the root twice': [{ path: './', type: 'directory' }, { path: './', type: 'directory' }],
  'the root after others': [{ path: 'a' }, { path: './', type: 'directory' }],
  'a name below a link': [d, { path: 'l', type: 'symlink', linkPath: 'd' }, { path: 'l/x' }],
  'a name below a file': [{ path: 'a' }, { path: 'a/x' }],
  'a whiteout': [{ path: '.wh.a' }],
  'an opaque folder': [d, { path: 'd/.wh..wh..opq' }],
  'a note of AUFS': [{ path: '.wh..wh.aufs' }],
  'a hard link to what comes later': [{ path: 'a', type: 'hardlink', linkPath: 'b' }, { path: 'b' }],
  'a hard link to nothing': [{ path: 'a', type: 'hardlink', linkPath: 'b' }],
  'a hard link to a folder': [d, { path: 'e', type: 'hardlink', linkPath: 'd' }],
  'a hard link through a link': [d, { path: 'd/x' }, { path: 'l', type: 'symlink', linkPath: 'd' }, { path: 'm', type: 'hardlink', linkPath: 'l/x' }],
  'a hard link that gives rights': [{ path: 'a', mode: 0o755 }, { path: 'b', type: 'hardlink', linkPath: 'a', mode: 0o4755 }],
  'a hard link that gives capabilities': [{ path: 'a' }, { path: 'b', type: 'hardlink', linkPath: 'a', xattrs: capability }],
  'a user whom no system has': [{ path: 'a', uid: 2 ** 32 - 1 }],
  'a sparse file': [{ path: 'a', body: '1\n0\n1\n'.padEnd(512, '\0') + 'x', pax: new Map([['GNU.sparse.major', '1'], ['GNU.sparse.minor', '0'], ['GNU.sparse.name', 'a'], ['GNU.sparse.realsize', '5']]) }],
};
for (const [what, made] of Object.entries(elsewhere)) {
  test(`only the whole tree can tell the meaning of ${what}`, async (t) => {
    const bytes = tarOf(...made);
    await t.throwsAsync(pass(bytes), { instanceOf: NotInOrder });
    await t.throwsAsync(pass(bytes, 100), { instanceOf: NotInOrder });
  });
}

test('and of nothing at all', async (t) => {
  await t.throwsAsync(pass(Buffer.alloc(0)), { instanceOf: NotInOrder });
});
