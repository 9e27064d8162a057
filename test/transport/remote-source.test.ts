import { randomBytes } from 'node:crypto';
import { truncate, writeFile, open } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { lentBytes, type LentChunk } from '../../src/content/lent-chunk.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { encodeHeader } from '../../src/tar/encode-header.js';
import { readTarIndex } from '../../src/tar/tar-index.js';
import { remoteSource } from '../../src/transport/remote-source.js';
import type { ReadOptions, Transport } from '../../src/transport/transport.js';
import { collect, inPieces, lentPieces } from '../content/bytes.js';
import { tempFolder } from '../content/temp.js';
import { faultyTransport } from '../operations/ship/faulty-transport.js';

const MIB = 1024 * 1024;

test('reads and streams give the bytes of the file, however they overlap', async (t) => {
  const path = join(await tempFolder(t), 'file');
  const bytes = randomBytes(3 * MIB + 7);
  await writeFile(path, bytes);
  const source = remoteSource(faultyTransport(), { name: 'test', path, size: bytes.length });
  t.is(source.locate({ offset: 0, length: 1 }), undefined);
  const ranges = [[0, 4], [0, 512], [512, 512], [65_000, 2000], [bytes.length - 5, 5], [100, 2 * MIB], [MIB, MIB], [0, 0]] as const;
  const parts = await Promise.all(ranges.map(([offset, length]) => source.read(offset, length)));
  for (const [i, [offset, length]] of ranges.entries()) t.true(Buffer.from(parts[i] as Uint8Array).equals(bytes.subarray(offset, offset + length)), `${offset} ${length}`);
  t.true((await collect(source.stream())).equals(bytes));
  t.true((await collect(source.stream({ offset: 70_000, length: 2 * MIB }))).equals(bytes.subarray(70_000, 70_000 + 2 * MIB)));
  await t.throwsAsync(source.read(bytes.length - 1, 2), { code: 'tar-truncated' });
  await source.close();
});

test('it lends what its host lends', async (t) => {
  const path = join(await tempFolder(t), 'file');
  const bytes = randomBytes(2 * MIB + 7);
  await writeFile(path, bytes);
  const transport = faultyTransport();
  const read = (_: string, { offset = 0, length = 0, lent }: ReadOptions = {}): AsyncIterable<LentChunk> => (lent === true ? lentPieces(bytes.subarray(offset, offset + length), MIB + 5) : inPieces(bytes.subarray(offset, offset + length)));
  const source = remoteSource({ ...transport, read: read as Transport['read'] }, { name: 'test', path, size: bytes.length });
  let at = 70_000;
  const memories = new Set<ArrayBufferLike>();
  for await (const chunk of source.lend?.({ offset: at, length: bytes.length - at }) ?? []) {
    t.true(chunk.length <= MIB);
    t.true(bytes.subarray(at, (at += chunk.length)).equals(lentBytes(chunk)));
    memories.add(lentBytes(chunk).buffer);
  }
  t.is(at, bytes.length);
  t.is(memories.size, 1);
});

test('the index of an archive of 1 GiB takes less than 1 % of it', async (t) => {
  const path = join(await tempFolder(t), 'large.tar');
  const handle = await open(path, 'w');
  let at = 0;
  // Sparse: only the headers take space here.
  for (let i = 0; i < 40; i++) {
    const size = i % 4 === 0 ? 100 * MIB : 2000;
    const header = encodeHeader({ path: `entry-${i}`, size });
    await handle.write(header, 0, header.length, at);
    at += header.length + Math.ceil(size / 512) * 512;
  }
  await handle.close();
  await truncate(path, at + 1024);
  t.true(at > 900 * MIB);
  const transport = faultyTransport();
  const source = remoteSource(transport, { name: 'test', path, size: at + 1024 });
  t.is((await readTarIndex(source, DEFAULT_LIMITS)).entries.length, 40);
  t.true(transport.traffic.received < at / 100, `${transport.traffic.received} bytes`);
  await source.close();
});

test('small reads that follow each other come in few requests', async (t) => {
  const path = join(await tempFolder(t), 'file');
  await writeFile(path, randomBytes(8 * MIB));
  let requests = 0;
  const transport = faultyTransport();
  const counting = { ...transport, read: (file: string, options?: ReadOptions) => (requests++, transport.read(file, { ...options, lent: false })) };
  const source = remoteSource(counting, { name: 'test', path, size: 8 * MIB });
  for (let at = 0; at < 8 * MIB; at += 2048) await source.read(at, 2048);
  t.true(requests <= 16, `${requests} requests`);
});

test('bytes of two versions never mix, and a failed window is asked for again', async (t) => {
  const path = join(await tempFolder(t), 'file');
  await writeFile(path, randomBytes(MIB));
  const faults = { cutReadAfter: undefined as number | undefined };
  const transport = faultyTransport(faults);
  const version = (await transport.stat(path))?.version;
  const source = remoteSource(transport, { name: 'test', path, size: MIB, version });
  faults.cutReadAfter = 10;
  await t.throwsAsync(source.read(0, 100), { code: 'network-failed' });
  faults.cutReadAfter = undefined;
  t.is((await source.read(0, 100)).length, 100);
  await writeFile(path, randomBytes(MIB));
  await t.throwsAsync(source.read(MIB / 2, 100), { code: 'network-failed' });
  await t.throwsAsync(collect(source.stream()), { code: 'network-failed' });
});
