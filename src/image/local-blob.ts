import type { BlobSource, FileRange } from '../content/byte-source.js';
import { spool } from '../content/spool.js';
import { openLentBlob } from '../content/verified-read.js';
import { localChunks } from '../content/local-chunks.js';
import { own } from '../content/lent-chunk.js';
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

/** Runs `work` with `blob` as {@link withLocalBlob} brings it here: for work that reads it more than once. */
export async function withBlobHere<T>(blob: TransferBlob, signal: AbortSignal | undefined, work: (blob: TransferBlob) => Promise<T>): Promise<T> {
  const { from } = blob;
  if ((await from.blobs.locate(from.digest)) !== undefined) return work(blob);
  return withLocalBlob(from, signal, (input) => work({ ...blob, from: { ...from, blobs: blobIn(input, from.name ?? from.digest) } }));
}

/** The one blob that lies in a local file. */
function blobIn(input: FileRange, name: string): BlobSource {
  return {
    stat: async () => input.length,
    locate: async () => input,
    async *openUnverified() {
      for await (const chunk of localChunks(input, name)) yield own(chunk);
    },
  };
}
