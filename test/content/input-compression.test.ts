import { createHash } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { decompressInput, sniffInput, type InputCompression } from '../../src/content/input-compression.js';
import { isImgkitError, type Limits } from '../../src/index.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';

/** What `printf 'hello hello hello\n' | xz` and `| bzip2 -1` write. */
const XZ = Buffer.from('/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AARAAxdADQZSe6N6U9+ISGwAAAfAdnIh8FDyAABKBLJamKOH7bzfQEAAAAABFla', 'base64');
const BZIP2 = Buffer.from('QlpoMTFBWSZTWeW18wkAAARRAAAQQAACRKAAIbUYDAKQacKjC7kinChIctr5hIA=', 'base64');
const TEXT = 'hello hello hello\n';
/** `head -c 5000000 /dev/zero | bzip2 -1`: a bomb. */
const BZIP2_BOMB = Buffer.from('QlpoMTFBWSZTWabi8/QAJkvAAsAACAAACCAAMMwFKaapEUbAoijxdyRThQkKbi8/QA==', 'base64');
/** `head -c 200000 /dev/zero | xz -9` */
const XZ_BOMB = Buffer.from('/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4w0/AGFdAABv/f//o7f/Rz5IFXI5YVG4kijmo4YH+e7kHoLTL8U6PAFLsX7JiopNL6MN2X+m44wjEVPgWRjFdYrid/i2lH8MasDedElk4ulcU7IE2PdEDKtfDW1G6eXDdoi3fz/n8wAAAAAADY68/QHGh3cAAX3AmgwAAL3aG0axxGf7AgAAAAAEWVo=', 'base64');

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield Uint8Array.from(bytes.subarray(at, at + size));
}

async function decode(bytes: Uint8Array, compression: InputCompression, { size = bytes.length, limits = {} }: { readonly size?: number; readonly limits?: Partial<Limits> } = {}): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of decompressInput(pieces(bytes, Math.max(1, size)), compression, { name: 'x', limits: { ...DEFAULT_LIMITS, ...limits } })) parts.push(chunk);
  return Buffer.concat(parts).toString('latin1');
}

test('kinds are told by their first bytes', (t) => {
  t.deepEqual([XZ, BZIP2, Buffer.from([0x1f, 0x8b, 8, 0]), Buffer.alloc(4)].map((head) => sniffInput(head)), ['xz', 'bzip2', 'gzip', 'none']);
});

for (const [kind, bytes] of [['xz', XZ], ['bzip2', BZIP2]] as const) {
  test(`${kind}: whole, byte by byte, and several streams in a row`, async (t) => {
    t.is(await decode(bytes, kind), TEXT);
    t.is(await decode(bytes, kind, { size: 1 }), TEXT);
    t.is(await decode(Buffer.concat([bytes, bytes, bytes]), kind, { size: 7 }), TEXT.repeat(3));
  });

  test(`${kind}: cut at every byte, it fails`, async (t) => {
    for (let end = 0; end < bytes.length; end++) await t.throwsAsync(decode(bytes.subarray(0, end), kind), { code: 'compression-malformed' }, `at ${end}`);
  });

  test(`${kind}: nothing may follow`, async (t) => {
    for (const tail of ['x', 'BZ', '\0', '\0\0\0', '\0\0\0\0x', bytes.subarray(0, 10)]) {
      await t.throwsAsync(decode(Buffer.concat([bytes, Buffer.from(tail)]), kind), { code: 'compression-malformed' }, JSON.stringify(tail));
    }
  });

  test(`${kind}: with one byte changed it never gives other content, and always ends`, async (t) => {
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [1, 0x80]) {
        const changed = Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ flip : byte));
        const text = await decode(changed, kind).catch((error: unknown) => isImgkitError(error, 'compression-malformed', 'compression-unsupported', 'limit-exceeded') ? TEXT : String(error));
        t.is(text, TEXT, `byte ${at} ^ ${flip}`);
      }
    }
  });

  test(`${kind}: what is none at all is refused`, async (t) => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (noise) => {
      const error = await decode(Buffer.concat([bytes.subarray(0, 12), noise]), kind).catch((caught: unknown) => caught);
      return isImgkitError(error, 'compression-malformed', 'compression-unsupported', 'limit-exceeded');
    }), { numRuns: 50 });
    t.pass();
  });
}

test('xz: padding of whole blocks of four zeros is legal', async (t) => {
  t.is(await decode(Buffer.concat([XZ, Buffer.alloc(8), XZ, Buffer.alloc(4)]), 'xz', { size: 3 }), TEXT.repeat(2));
});

test('bombs meet the limits', async (t) => {
  const limits = { compressionRatio: 100, ratioFloor: 1024 * 1024 };
  await t.throwsAsync(decode(BZIP2_BOMB, 'bzip2', { limits }), { code: 'limit-exceeded' });
  await t.throwsAsync(decode(XZ_BOMB, 'xz', { limits: { compressionRatio: 100, ratioFloor: 64 * 1024 } }), { code: 'limit-exceeded' });
  t.is(createHash('sha256').update(await decode(XZ_BOMB, 'xz')).digest('hex'), createHash('sha256').update(Buffer.alloc(200_000)).digest('hex'));
  t.is(createHash('sha256').update(await decode(BZIP2_BOMB, 'bzip2')).digest('hex'), createHash('sha256').update(Buffer.alloc(5_000_000)).digest('hex'));
});

test('padding and empty streams without an end meet a limit too', async (t) => {
  // What `bzip2 < /dev/null` writes.
  const nothing = Buffer.from('425a683917724538509000000000', 'hex');
  t.is(await decode(Buffer.concat([nothing, nothing]), 'bzip2'), '');
  await t.throwsAsync(decode(Buffer.concat(Array<Buffer>(150_000).fill(nothing)), 'bzip2', { size: 100_000 }), { code: 'limit-exceeded' });
  await t.throwsAsync(decode(Buffer.concat([XZ, Buffer.alloc(2 << 20)]), 'xz', { size: 100_000 }), { code: 'limit-exceeded' });
});

test('bzip2: a run that never ends does not run for ever', async (t) => {
  // A block whose symbols are all RUNA: after 20 of them no block is large enough.
  const bits = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 0, 0, 0, 0].map((byte) => byte.toString(2).padStart(8, '0')).join('')
    + `${'0'.repeat(25)}1${'0'.repeat(15)}1${'0'.repeat(15)}0100000000000000010${'0000101000'.repeat(2)}${'0'.repeat(400)}`;
  const body = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  await t.throwsAsync(decode(Buffer.concat([Buffer.from('BZh9'), body]), 'bzip2'), { code: 'compression-malformed', message: /run that is longer|code of impossible|means nothing|without end/ });
});
