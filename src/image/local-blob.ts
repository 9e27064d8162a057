import type { FileRange } from '../content/byte-source.js';
import { spool } from '../content/spool.js';
import { openLentBlob } from '../content/verified-read.js';
import type { TransferBlob } from './image-sink.js';

/**
 * Runs `work` with the place of a blob in a local file. One that lies elsewhere (a registry, a host) is brought into a private temporary
 * file first, its size and digest checked on the way, and gone afterwards: workers read files only.
 */
export async function withLocalBlob<T>(from: TransferBlob['from'], signal: AbortSignal | undefined, work: (input: FileRange) => Promise<T>): Promise<T> {
  const input = await from.blobs.locate(from.digest);
  if (input !== undefined) return work(input);
  const descriptor = { mediaType: 'application/octet-stream', digest: from.digest, size: from.size };
  const name = from.name ?? from.digest;
  const spooled = await spool(name, openLentBlob(from.blobs, descriptor, name, signal), { signal });
  try {
    return await work(spooled.locate({ offset: 0, length: spooled.size }) as FileRange);
  } finally {
    await spooled.close();
  }
}
