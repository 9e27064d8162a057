import test from 'ava';
import type { AgeEncryption } from '../../src/crypto/encrypt/age/encrypt-age.js';
import { gzipParallel } from '../../src/content/gzip-parallel.js';
import { hashedStream } from '../../src/content/hashed-stream.js';
import { lentBytes, own, type LentChunk } from '../../src/content/lent-chunk.js';
import { openLentBlob } from '../../src/content/verified-read.js';
import { readAhead } from '../../src/content/read-ahead.js';
import { limitRate } from '../../src/network/rate-limit.js';
import type { Transport, WriteOptions } from '../../src/transport/transport.js';

test('a copy stays when the memory of the chunk is used again, and the bytes are the memory itself', (t) => {
  const memory = Buffer.from('first');
  const chunk: LentChunk = memory;
  const copy = own(chunk);
  memory.write('other');
  t.is(copy.toString(), 'first');
  t.is(lentBytes(chunk), memory);
});

/** Never called: each line that is expected to be an error fails the compilation when it is none. */
export function refused(chunks: AsyncIterable<Uint8Array>, lent: AsyncIterable<LentChunk>, age: AgeEncryption, transport: Transport, options: WriteOptions): unknown {
  const packed = gzipParallel(chunks, { lent: true });
  const kept: Uint8Array[] = [];
  const keep = async (): Promise<void> => {
    // @ts-expect-error: it would change in the list.
    for await (const chunk of packed) kept.push(chunk);
    // @ts-expect-error: so would a part of it.
    for await (const chunk of packed) kept.push(chunk.subarray(1));
    // @ts-expect-error: what is read may be lent.
    for await (const chunk of transport.read('/file', options)) kept.push(chunk);
    // @ts-expect-error: so is a blob.
    for await (const chunk of openLentBlob({} as never, {} as never, 'in')) kept.push(chunk);
    for await (const chunk of packed) kept.push(own(chunk));
    for await (const chunk of transport.read('/file', { offset: 1 })) kept.push(chunk);
    for await (const chunk of gzipParallel(lent)) kept.push(chunk);
  };
  return [
    keep,
    // @ts-expect-error: age reads ahead of what it encrypts.
    age.encrypt(packed, { name: 'x', signal: undefined }),
    // @ts-expect-error: two chunks at once.
    readAhead(packed),
    // @ts-expect-error: passed on, it is still lent.
    readAhead(limitRate(hashedStream(packed, 'sha256', () => undefined), 1)),
    // @ts-expect-error: the transport is not told that it is lent.
    transport.write('/file', packed),
    transport.write('/file', packed, { lent: true }),
    transport.write('/file', chunks, { lent: true }),
    readAhead(limitRate(hashedStream(chunks, 'sha256', () => undefined), 1)),
  ];
}
