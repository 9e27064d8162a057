import { readSync } from 'node:fs';
import test from 'ava';
import type { BlobSource } from '../../src/content/byte-source.js';
import { withLocalBlob } from '../../src/image/local-blob.js';
import { lentPieces, rejectsWith, sameBytes, sampleBytes, sha256 } from '../content/bytes.js';

const BYTES = sampleBytes(300_001);
const digest = sha256(BYTES);

/** A blob at a host that lends. */
function lending(bytes: Uint8Array): BlobSource {
  return {
    stat: async () => bytes.length,
    locate: async () => undefined,
    openUnverified: () => { throw new Error('it would have lent them'); },
    lendUnverified: () => lentPieces(bytes, 65_537),
  };
}

test('a blob from a host is lent on its way into a file, and checked', async (t) => {
  const found = Buffer.alloc(BYTES.length);
  await withLocalBlob({ blobs: lending(BYTES), digest, size: BYTES.length }, undefined, async ({ fd, offset, length }) => t.is(readSync(fd, found, 0, length, offset), BYTES.length));
  sameBytes(t, found, BYTES);
  const changed = Buffer.from(BYTES);
  changed[7] = 255 - (changed[7] ?? 0);
  await rejectsWith(t, 'digest-mismatch', withLocalBlob({ blobs: lending(changed), digest, size: BYTES.length }, undefined, async () => t.fail()));
});
