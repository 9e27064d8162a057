import { gzipSync } from 'node:zlib';
import { compress } from '@cloudpss/zstd';
import test from 'ava';
import fc from 'fast-check';
import type { Compression } from '../../src/content/compression.js';
import { createDecoder, prepareDecoder } from '../../src/content/decoder.js';
import { decompress } from '../../src/content/decompress.js';
import { DEFAULT_LIMITS, type Limits } from '../../src/limits.js';
import { collect, inPieces, rejectsWith, sameBytes, sampleBytes } from './bytes.js';

const BYTES = sampleBytes(700_000);
const PACKED = { gzip: gzipSync(BYTES), zstd: Buffer.from(compress(BYTES, 3)) } as const;
const EMPTY = { gzip: gzipSync(''), zstd: Buffer.from(compress(Buffer.alloc(0), 3)) } as const;
const KINDS = ['gzip', 'zstd'] as const;

/** The asynchronous and the synchronous way to decode; both must agree on everything. */
const WAYS = {
  async: (packed: Uint8Array, kind: Compression, piece?: number, limits: Limits = DEFAULT_LIMITS) => collect(decompress(inPieces(packed, piece), kind, { name: 'x', limits })),
  sync: async (packed: Uint8Array, kind: 'gzip' | 'zstd', piece = packed.length, limits: Limits = DEFAULT_LIMITS) => {
    await prepareDecoder(kind);
    const decoder = createDecoder(kind, { name: 'x', limits });
    const all: Uint8Array[] = [];
    const keep = (chunk: Uint8Array): unknown => all.push(Buffer.from(chunk));
    try {
      for (let at = 0; at < packed.length; at += Math.max(1, piece)) decoder.push(packed.subarray(at, at + Math.max(1, piece)), keep);
      decoder.end(keep);
      return Buffer.concat(all);
    } finally {
      decoder.close();
    }
  },
} as const;

for (const kind of KINDS) {
  for (const way of ['async', 'sync'] as const) {
    const decode = WAYS[way];
    const label = `${kind} ${way}:`;

    test(`${label} whole, in pieces, several members`, async (t) => {
      sameBytes(t, await decode(PACKED[kind], kind), BYTES);
      for (const piece of [1000, 4096, 65_536]) sameBytes(t, await decode(PACKED[kind], kind, piece), BYTES);
      const members = Buffer.concat([EMPTY[kind], PACKED[kind], EMPTY[kind], PACKED[kind]]);
      sameBytes(t, await decode(members, kind, 777), Buffer.concat([BYTES, BYTES]));
    });

    test(`${label} byte by byte`, async (t) => {
      const plain = sampleBytes(3000);
      const packed = kind === 'gzip' ? gzipSync(plain) : Buffer.from(compress(plain, 3));
      sameBytes(t, await decode(Buffer.concat([packed, EMPTY[kind], packed]), kind, 1), Buffer.concat([plain, plain]));
      sameBytes(t, await decode(EMPTY[kind], kind, 1), Buffer.alloc(0));
    });

    test(`${label} truncated anywhere`, async (t) => {
      const plain = sampleBytes(400);
      const packed = kind === 'gzip' ? gzipSync(plain) : Buffer.from(compress(plain, 3));
      for (let length = 0; length < packed.length; length += 1) {
        await rejectsWith(t, 'compression-malformed', decode(packed.subarray(0, length), kind), `${length} bytes`);
        if (length > 0) await rejectsWith(t, 'compression-malformed', decode(Buffer.concat([packed, packed.subarray(0, length)]), kind), `second at ${length}`);
      }
    });

    test(`${label} garbage behind`, async (t) => {
      for (const tail of ['x', 'garbage', '\u001f', '(', '\0x', '\0\0\0\0\u001f\u008b']) {
        const bytes = Buffer.concat([PACKED[kind], Buffer.from(tail, 'latin1')]);
        for (const piece of [bytes.length, PACKED[kind].length, PACKED[kind].length + 1]) {
          await rejectsWith(t, 'compression-malformed', decode(bytes, kind, piece), JSON.stringify(tail));
        }
      }
    });

    test(`${label} a changed byte never passes unseen`, async (t) => {
      for (let at = 0; at < PACKED[kind].length; at += 20_011) {
        const changed = Buffer.from(PACKED[kind]);
        changed[at] = (changed[at] ?? 0) ^ 0x55;
        const result = await decode(changed, kind).catch(() => undefined);
        // A zstd frame need not carry a checksum; its damage shows in the digest.
        if (kind === 'gzip' && at > 9) t.is(result, undefined);
      }
      t.pass();
    });

    test(`${label} arbitrary bytes never hang`, async (t) => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (junk) => {
          for (const bytes of [Buffer.from(junk), Buffer.concat([PACKED[kind].subarray(0, 12), junk])]) {
            const error = await decode(bytes, kind).then(() => undefined, (e: unknown) => e as { code: string });
            if (error !== undefined) t.regex(error.code, /^(?:compression-malformed|limit-exceeded)$/);
          }
        }),
        { numRuns: 60 },
      );
      t.pass();
    });

    test(`${label} a bomb`, async (t) => {
      const zeros = Buffer.alloc(8 << 20);
      const packed = kind === 'gzip' ? gzipSync(zeros) : Buffer.from(compress(zeros, 3));
      await rejectsWith(t, 'limit-exceeded', decode(packed, kind, 4096, { ...DEFAULT_LIMITS, compressionRatio: 100, ratioFloor: 1 << 20 }));
      t.is((await decode(packed, kind, 4096)).length, zeros.length);
    });

    test(`${label} endless empty members`, async (t) => {
      const endless = Buffer.concat(Array<Buffer>(200_000).fill(EMPTY[kind]));
      await rejectsWith(t, 'limit-exceeded', decode(endless, kind, 100_000));
    });
  }
}

test('gzip: zeros behind the last member are padding, wherever the pieces end', async (t) => {
  const padded = Buffer.concat([PACKED.gzip, Buffer.alloc(200_000)]);
  for (const decode of [WAYS.async, WAYS.sync]) {
    for (const piece of [padded.length, PACKED.gzip.length, PACKED.gzip.length - 1, PACKED.gzip.length + 1, 10_000]) sameBytes(t, await decode(padded, 'gzip', piece), BYTES);
  }
});

test('gzip: a member behind padding is refused, not read by some and ignored by others', async (t) => {
  const hidden = Buffer.concat([PACKED.gzip, Buffer.alloc(3), PACKED.gzip]);
  for (const decode of [WAYS.async, WAYS.sync]) {
    for (const piece of [hidden.length, PACKED.gzip.length, PACKED.gzip.length + 3]) await rejectsWith(t, 'compression-malformed', decode(hidden, 'gzip', piece));
  }
});

test('zstd: a window above 128 MiB is refused', async (t) => {
  // Magic, no content size, window descriptor for log 28, one empty last block.
  const frame = (log: number): Buffer => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3, 1, 0, 0]);
  t.is((await WAYS.async(frame(27), 'zstd')).length, 0);
  await rejectsWith(t, 'limit-exceeded', WAYS.async(frame(28), 'zstd'));
});

test('zstd: skippable frames are skipped', async (t) => {
  const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  sameBytes(t, await WAYS.sync(Buffer.concat([skippable, PACKED.zstd, skippable]), 'zstd', 5), BYTES);
});

test('an abort stops it, and uncompressed bytes pass through', async (t) => {
  const controller = new AbortController();
  const chunks = decompress(inPieces(PACKED.gzip, 1000), 'gzip', { name: 'x', signal: controller.signal });
  await chunks.next();
  controller.abort();
  await rejectsWith(t, 'interrupted', collect(chunks));
  sameBytes(t, await collect(decompress(inPieces(BYTES), 'none', { name: 'x' })), BYTES);
});

test('a failure of the input is passed on', async (t) => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield PACKED.gzip.subarray(0, 1000);
    throw new Error('the line was cut');
  }
  await t.throwsAsync(collect(decompress(failing(), 'gzip', { name: 'x' })), { message: 'the line was cut' });
});
