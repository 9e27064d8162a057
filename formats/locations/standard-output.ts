import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Sends `chunks` to `stream`, which stays open, at the receiver's pace. */
export async function standardOutput(chunks: AsyncIterable<Uint8Array>, stream: NodeJS.WritableStream): Promise<void> {
  await pipeline(Readable.from(chunks, { objectMode: false, highWaterMark: 1 << 20 }), stream, { end: false });
}
