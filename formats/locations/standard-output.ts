import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fromSystemError } from '../../src/errors.js';

/** Sends `chunks` to `stream`, which stays open, at the receiver's pace. Throws what `chunks` throws, `disk-full` or `io-failed`. */
export async function standardOutput(chunks: AsyncIterable<Uint8Array>, stream: NodeJS.WritableStream): Promise<void> {
  try {
    await pipeline(Readable.from(chunks, { objectMode: false, highWaterMark: 1 << 20 }), stream, { end: false });
  } catch (error) {
    throw fromSystemError(error, 'stdout', 'writing to it');
  }
}
