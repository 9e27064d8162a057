import { createHash } from 'node:crypto';
import test from 'ava';
import type { BlobSource } from '../../src/content/byte-source.js';
import type { Descriptor } from '../../src/content/descriptor.js';
import type { Digest } from '../../src/content/digest.js';
import { openBlob, openLentBlob, readBlob } from '../../src/content/verified-read.js';
import { collect, inPieces, rejectsWith, sameBytes, sampleBytes, sha256 } from './bytes.js';
import { tempFile } from './temp.js';

const BYTES = sampleBytes(10_000);

function holding(bytes: Uint8Array, piece: number): BlobSource {
  return { stat: async () => bytes.length, openUnverified: () => inPieces(bytes, piece), locate: async () => undefined };
}

function named(bytes: Uint8Array, digest: Digest = sha256(bytes)): Descriptor {
  return { mediaType: 'x', digest, size: bytes.length };
}

for (const piece of [1, 999, 10_000]) {
  test(`in pieces of ${piece}: right bytes pass, wrong ones never end`, async (t) => {
    const sha512: Digest = `sha512:${createHash('sha512').update(BYTES).digest('hex')}`;
    sameBytes(t, await collect(openBlob(holding(BYTES, piece), named(BYTES))), BYTES);
    sameBytes(t, await readBlob(holding(BYTES, piece), named(BYTES, sha512), 10_000), BYTES);
    const changed = Buffer.from(BYTES);
    changed[9999] = 1 ^ (changed[9999] ?? 0);
    const error = await rejectsWith(t, 'digest-mismatch', collect(openBlob(holding(changed, piece), named(BYTES))));
    t.is(error.details.found, sha256(changed));
    await rejectsWith(t, 'digest-mismatch', readBlob(holding(changed, piece), named(BYTES, sha512), 10_000));
    await rejectsWith(t, 'size-mismatch', collect(openBlob(holding(BYTES.subarray(1), piece), named(BYTES))));
  });

  test(`in pieces of ${piece}: never more than the descriptor says`, async (t) => {
    let seen = 0;
    const reading = (async () => {
      for await (const chunk of openBlob(holding(BYTES, piece), named(BYTES.subarray(0, 5000)))) seen += chunk.length;
    })();
    await rejectsWith(t, 'size-mismatch', reading);
    t.true(seen <= 5000);
  });
}

test('empty, too large, interrupted', async (t) => {
  t.is((await readBlob(holding(new Uint8Array(), 1), named(new Uint8Array()), 0)).length, 0);
  await rejectsWith(t, 'limit-exceeded', readBlob(holding(BYTES, 10), named(BYTES), 9999));
  await rejectsWith(t, 'interrupted', collect(openBlob(holding(BYTES, 10), named(BYTES), AbortSignal.abort())));
});

test('lent: from the file where it lies, proven alike', async (t) => {
  const handle = await tempFile(t, Buffer.concat([Buffer.alloc(9), BYTES]));
  const elsewhere = holding(BYTES, 999);
  const local: BlobSource = { ...elsewhere, openUnverified: () => t.fail() as never, locate: async () => ({ fd: handle.fd, offset: 9, length: BYTES.length }) };
  for (const blobs of [elsewhere, local]) {
    sameBytes(t, await collect(openLentBlob(blobs, named(BYTES), 'in')), BYTES);
    await rejectsWith(t, 'digest-mismatch', collect(openLentBlob(blobs, named(BYTES, sha256(Buffer.alloc(1))), 'in')));
    await rejectsWith(t, 'size-mismatch', collect(openLentBlob(blobs, named(BYTES.subarray(1)), 'in')));
    await rejectsWith(t, 'interrupted', collect(openLentBlob(blobs, named(BYTES), 'in', AbortSignal.abort())));
  }
});
