import { buffer } from 'node:stream/consumers';
import test from 'ava';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { readEntries } from '../../src/tar/read-entries.js';
import { file, raw, tar } from '../hostile/tar-builder.js';

const options = { file: 'x.tar', mode: 'layer', limits: DEFAULT_LIMITS } as const;
const bytes = tar(file('a', 'x'.repeat(3000)), file('empty', ''), file('b', 'yz'), raw({ name: 'd', type: '5' }), file('c', 'w'.repeat(512)));

async function* pieces(all: Uint8Array, step: number, closed?: () => void): AsyncGenerator<Uint8Array> {
  try {
    for (let at = 0; at < all.length; at += step) yield all.subarray(at, at + step);
  } finally {
    closed?.();
  }
}

const text = async (body: AsyncIterable<Uint8Array>): Promise<string> => (await buffer(body)).toString();

for (const step of [1, 100, 1024, 1 << 20]) {
  test(`entries with bodies, ${step} bytes at a time`, async (t) => {
    const seen: [string, string][] = [];
    for await (const { entry, body } of readEntries(pieces(bytes, step), options)) seen.push([entry.path, await text(body)]);
    t.deepEqual(seen, [['a', 'x'.repeat(3000)], ['empty', ''], ['b', 'yz'], ['d', ''], ['c', 'w'.repeat(512)]]);
  });

  test(`bodies left unread are skipped, ${step} bytes at a time`, async (t) => {
    const seen: string[] = [];
    for await (const { entry, body } of readEntries(pieces(bytes, step), options)) {
      if (entry.path === 'a') for await (const _ of body) break;
      seen.push(entry.path);
    }
    t.deepEqual(seen, ['a', 'empty', 'b', 'd', 'c']);
  });

  test(`entries before a fault are delivered, ${step} bytes at a time`, async (t) => {
    const seen: string[] = [];
    await t.throwsAsync(async () => {
      for await (const { entry, body } of readEntries(pieces(Buffer.concat([file('a'), file('b'), Buffer.alloc(512, 'junk')]), step), options)) seen.push(entry.path + (await text(body)));
    }, { code: 'tar-malformed' } as object);
    t.deepEqual(seen, ['ahello', 'bhello']);
  });

  test(`a body that is cut fails before its end, ${step} bytes at a time`, async (t) => {
    await t.throwsAsync(async () => {
      for await (const { body } of readEntries(pieces(bytes.subarray(0, 2000), step), options)) await text(body);
    }, { code: 'tar-truncated' } as object);
  });
}

test('stopping early closes the source, the end gives the result', async (t) => {
  let closed = false;
  for await (const { entry } of readEntries(pieces(bytes, 512, () => { closed = true; }), options)) if (entry.path === 'b') break;
  t.true(closed);
  const all = readEntries(pieces(bytes, 512), options);
  let step = await all.next();
  while (step.done !== true) step = await all.next();
  t.deepEqual(step.value, { entries: 5, size: bytes.length, notes: [] });
});

test('a body asked for too late is empty', async (t) => {
  const late: AsyncIterable<Uint8Array>[] = [];
  for await (const { body } of readEntries(pieces(bytes, 512), options)) late.push(body);
  t.is(await text(late[0] as AsyncIterable<Uint8Array>), '');
});
