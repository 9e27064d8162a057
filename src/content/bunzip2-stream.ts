import { BitReader, BitsMissing } from './bit-reader.js';
import { Bzip2Blocks, Bzip2Fault } from './bzip2-block.js';
import type { DecoderOptions } from './decoder.js';
import { ExpansionGuard } from './expansion-guard.js';
import { malformedCompression } from './malformed-compression.js';

const BLOCK_MAGIC = [0x314159, 0x265359] as const;
const END_MAGIC = [0x177245, 0x385090] as const;
/** No block is longer: 900,000 symbols of at most 20 bits, and its tables. */
const LONGEST_BLOCK = 2_400_000;

/**
 * bzip2 of any number of streams, in this thread: it is rare, and slow in any case. Throws `compression-malformed` on damage,
 * truncation and whatever follows the last stream, `limit-exceeded` on bombs.
 */
export async function* bunzip2Stream(chunks: AsyncIterable<Uint8Array>, { name, limits }: DecoderOptions): AsyncGenerator<Uint8Array> {
  const guard = new ExpansionGuard(name, limits);
  const bits = new BitReader();
  const stream = new Bzip2Stream(bits);
  try {
    for await (const chunk of chunks) {
      guard.consumed(chunk.length);
      bits.push(chunk);
      while (bits.left >= LONGEST_BLOCK) yield* guarded(stream, guard);
    }
    while (bits.left > 0 || stream.open) yield* guarded(stream, guard);
    if (bits.taken === 0) throw new Bzip2Fault('it is empty');
  } catch (error) {
    if (error instanceof BitsMissing) throw malformedCompression(name, 'the bzip2 stream ends too early', bits.taken, error);
    if (error instanceof Bzip2Fault) throw malformedCompression(name, `not valid bzip2 (${error.message})`, bits.taken, error);
    throw error;
  }
}

function* guarded(stream: Bzip2Stream, guard: ExpansionGuard): Generator<Uint8Array> {
  for (const piece of stream.step()) {
    guard.produced(piece.length);
    yield piece;
  }
}

class Bzip2Stream {
  readonly #bits: BitReader;
  #blocks: Bzip2Blocks | undefined;
  #checksum = 0;

  constructor(bits: BitReader) {
    this.#bits = bits;
  }

  /** Whether a stream has begun and not ended. */
  get open(): boolean {
    return this.#blocks !== undefined;
  }

  /** The header of a stream, one block, or its end; all of it must be there. */
  *step(): Generator<Uint8Array> {
    const bits = this.#bits;
    if (this.#blocks === undefined) {
      const magic = bits.read(24);
      const level = bits.read(8) - 0x30;
      if (magic !== 0x425a68 || level < 1 || level > 9) throw new Bzip2Fault('no stream begins here');
      this.#blocks = new Bzip2Blocks(level);
      this.#checksum = 0;
      return;
    }
    const magic = [bits.read(24), bits.read(24)];
    if (magic[0] === BLOCK_MAGIC[0] && magic[1] === BLOCK_MAGIC[1]) {
      const found = yield* this.#blocks.decode(bits);
      this.#checksum = (found ^ ((this.#checksum << 1) | (this.#checksum >>> 31))) >>> 0;
    } else if (magic[0] === END_MAGIC[0] && magic[1] === END_MAGIC[1]) {
      if (bits.read(16) * 0x10000 + bits.read(16) !== this.#checksum) throw new Bzip2Fault('the checksum of all of it is wrong');
      bits.align();
      this.#blocks = undefined;
    } else throw new Bzip2Fault('neither a block nor the end');
  }
}
