import { crc32 } from 'node:zlib';
import { jobInput, jobOutput, PART_BYTES, setBefore } from '../deflate/deflate-job.js';
import { borrowMemory, deflateHere, deflateInThread, giveMemory, MOST_THREADS } from '../deflate/deflate-threads.js';
import { DEFAULT_LEVEL, FAST_LEVEL } from '../deflate/levels.js';
import { throwIfInterrupted } from './interrupted.js';
import { own, type Given, type LentChunk, type MayLend } from './lent-chunk.js';
import { rechunk } from './rechunk.js';

/** Deflate, no name, no time, no flags, operating system unknown: nothing of the machine or the moment. */
const HEADER = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255] as const;

export interface GzipOptions {
  /** 1 to 9 as in gzip, or `fast` for 1. Default: 4, as small as what skopeo writes. */
  readonly level?: number | 'fast' | undefined;
  /** How many streams are compressed at the same time, this one among them: they share the processors. Default: 1. */
  readonly streams?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A part, its bytes of output, and where both lie. */
interface InFlight {
  readonly memory: SharedArrayBuffer;
  readonly packed: Promise<number>;
}

/**
 * `chunks` as one gzip member (RFC 1952), compressed by several threads. Only the input and the level decide the bytes: not the number of
 * threads, how the input is cut, the version of Node or the processor. Holds a few parts of 1 MiB more than there are threads, and
 * uses their memory again. What fits in one part is compressed at once, without a thread. Throws `interrupted`, and whatever `chunks` throws.
 */
export function gzipParallel(chunks: AsyncIterable<LentChunk>, options?: GzipOptions & Given): AsyncGenerator<Uint8Array, void, undefined>;
export function gzipParallel(chunks: AsyncIterable<LentChunk>, options?: GzipOptions & MayLend): AsyncGenerator<LentChunk, void, undefined>;
export async function* gzipParallel(chunks: AsyncIterable<LentChunk>, options: GzipOptions & MayLend = {}): AsyncGenerator<Uint8Array, void, undefined> {
  const { streams = 1, lent = false, signal } = options;
  const level = options.level === 'fast' ? FAST_LEVEL : (options.level ?? DEFAULT_LEVEL);
  const inFlight = Math.max(2, Math.ceil((MOST_THREADS + 3) / streams));
  /** Compressed parts in order; the oldest is yielded once there are enough. */
  const queue: InFlight[] = [];
  /** Borrowed for the part that is read now. */
  const taken: SharedArrayBuffer[] = [];
  let crc = 0;
  let size = 0;
  let previous: Buffer | undefined;
  const oldest = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    const { memory, packed } = queue[0] as InFlight;
    const output = jobOutput(memory, await packed);
    yield lent ? output : own(output);
    queue.shift();
    giveMemory(memory);
  };
  const take = (): Buffer => {
    const memory = borrowMemory();
    taken.push(memory);
    return jobInput(memory);
  };
  try {
    yield Uint8Array.from(HEADER);
    for await (const { block, last } of rechunk(chunks, PART_BYTES, take)) {
      throwIfInterrupted(signal, 'compressing');
      const memory = taken.shift() as SharedArrayBuffer;
      const before = previous === undefined ? 0 : setBefore(memory, previous);
      const job = { memory, length: block.length, before, last, level };
      queue.push({ memory, packed: last && previous === undefined ? Promise.resolve(deflateHere(job)) : deflateInThread(job) });
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
    for (const memory of [...taken, ...queue.map((part) => part.memory)]) giveMemory(memory);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(size % 2 ** 32, 4);
  yield trailer;
}
