import { availableParallelism } from 'node:os';
import { constants, crc32, createDeflateRaw, type ZlibOptions } from 'node:zlib';
import { blockLevel } from './block-level.js';
import { throwIfInterrupted } from './interrupted.js';
import { own, type Given, type LentChunk, type MayLend } from './lent-chunk.js';
import { rechunk } from './rechunk.js';
import { releaseMemory } from './release-memory.js';

/** Input bytes of one block. Larger is a little smaller and slower to start; changing it changes every digest. */
const BLOCK = 1024 * 1024;
/** Deflate looks back this far; each block gets the end of the one before, so that little is lost at the seams. */
const DICTIONARY = 32 * 1024;
/** What deflate may add to a block that does not get smaller, and far more. */
const ROOM = 64 * 1024;
/** Deflate, no name, no time, no flags, operating system unknown: nothing of the machine or the moment. */
const HEADER = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255] as const;

export interface GzipOptions {
  /** 1 to 9 as in gzip, or `fast` for 1. Default: 4 or 5, block by block (see {@link blockLevel}): as small as what skopeo writes. */
  readonly level?: number | 'fast' | undefined;
  /** How many streams are compressed at the same time, this one among them: they share the processors. Default: 1. */
  readonly streams?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface InFlight {
  readonly block: Buffer;
  readonly packed: Promise<Buffer>;
}

/**
 * `chunks` as one gzip member, compressed on all processors. Only the input and the level decide the bytes: neither the
 * number of threads nor how the input is cut does. Node 20, 22 and 24 gave equal bytes on x86-64; nothing
 * promises it (zlib's matching may differ by version and processor), so pin the digest of the uncompressed bytes, never of
 * these. Holds a few blocks of 1 MiB more than there are processors, and uses them again. Throws `interrupted`, and whatever `chunks` throws.
 */
export function gzipParallel(chunks: AsyncIterable<LentChunk>, options?: GzipOptions & Given): AsyncGenerator<Uint8Array, void, undefined>;
export function gzipParallel(chunks: AsyncIterable<LentChunk>, options?: GzipOptions & MayLend): AsyncGenerator<LentChunk, void, undefined>;
export async function* gzipParallel(chunks: AsyncIterable<LentChunk>, options: GzipOptions & MayLend = {}): AsyncGenerator<Uint8Array, void, undefined> {
  const { level, streams = 1, lent = false, signal } = options;
  const inFlight = Math.max(2, Math.ceil((availableParallelism() + 3) / streams));
  /** Compressed blocks in order; the oldest is yielded once there are enough. */
  const queue: InFlight[] = [];
  const blocks: Buffer[] = [];
  const spare: Buffer[] = [];
  /** Its end is the dictionary of the oldest in the queue. */
  let done: Buffer | undefined;
  let crc = 0;
  let size = 0;
  let previous: Buffer | undefined;
  const oldest = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    const { block, packed } = queue.shift() as InFlight;
    const bytes = await packed;
    if (done !== undefined) spare.push(done);
    done = block;
    // Left to be collected, with its room for what did not get smaller, it piles up by tens of megabytes.
    const release = (): void => {
      if (bytes.buffer.byteLength === block.length + ROOM) releaseMemory(new Uint8Array(bytes.buffer));
    };
    if (lent) {
      yield bytes;
      release();
    } else {
      const kept = own(bytes);
      release();
      yield kept;
    }
  };
  const take = (): Buffer => {
    const free = spare.pop();
    if (free !== undefined) return free;
    const made = Buffer.allocUnsafeSlow(BLOCK);
    blocks.push(made);
    return made;
  };
  try {
    yield Uint8Array.from(HEADER);
    for await (const { block, last } of rechunk(chunks, BLOCK, take)) {
      throwIfInterrupted(signal, 'compressing');
      queue.push({ block, packed: deflateBlock(block, blockLevel(block, level === 'fast' ? 1 : level), previous?.subarray(-DICTIONARY), last) });
      crc = crc32(block, crc);
      size += block.length;
      previous = block;
      if (queue.length >= inFlight) yield* oldest();
    }
    while (queue.length > 0) yield* oldest();
    throwIfInterrupted(signal, 'compressing');
  } finally {
    // No thread may be left at work, nor a failure unheard, once the receiver has gone.
    await Promise.allSettled(queue.map(({ packed }) => packed));
    for (const block of blocks) releaseMemory(block);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(size % 2 ** 32, 4);
  yield trailer;
}

/** One block that ends on a byte border, so that blocks can be strung together; only the last ends the stream. */
function deflateBlock(block: Buffer, level: number, dictionary: Buffer | undefined, last: boolean): Promise<Buffer> {
  const options: ZlibOptions = {
    level,
    memLevel: 8,
    // Room for all the output at once, and all of it asked for at once: one trip to the thread pool a block.
    chunkSize: block.length + ROOM,
    flush: last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
    ...(dictionary === undefined ? {} : { dictionary }),
  };
  const engine = createDeflateRaw(options);
  const parts: Buffer[] = [];
  return new Promise((resolve, reject) => {
    engine.on('error', reject).on('data', (part: Buffer) => parts.push(part));
    engine.write(block, () => {
      // What waits in the stream.
      while (engine.read() !== null);
      engine.destroy();
      if (engine.bytesWritten !== block.length) return reject(new Error(`zlib took ${engine.bytesWritten} of ${block.length} bytes`));
      resolve(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts));
    });
  });
}
