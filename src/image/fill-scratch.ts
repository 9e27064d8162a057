import type { ByteSource } from '../content/byte-source.js';
import type { Digest } from '../content/digest.js';
import { handleSource } from '../content/handle-source.js';
import { openScratch } from '../content/spool.js';
import type { StagedPlace } from './image-sink.js';

/** A private temporary file of `size` bytes that `fill` wrote; the caller closes it. Throws `disk-full`, `io-failed`, and what `fill` throws. */
export async function fillScratch(name: string, size: number, fill: (place: StagedPlace) => Promise<Digest>): Promise<{ readonly digest: Digest; readonly bytes: ByteSource }> {
  const handle = await openScratch(name);
  try {
    return { digest: await fill({ handle, offset: 0 }), bytes: handleSource(name, handle, size) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
