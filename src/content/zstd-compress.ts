import { setImmediate } from 'node:timers/promises';
import { ImgkitError } from '../errors.js';
import { throwIfInterrupted } from './interrupted.js';
import type { LentChunk } from './lent-chunk.js';
import { rechunk } from './rechunk.js';

/** Input bytes of one frame. Changing it changes every digest. */
const FRAME = 4 * 1024 * 1024;

export interface ZstdOptions {
  /** 1 to 22. Default 3. */
  readonly level?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * `chunks` as zstd: independent frames of 4 MiB of input, one after the other (RFC 8878, section 3). The bytes depend on
 * the input, the level and the version of `@cloudpss/zstd` alone: its WebAssembly is used, because its native code, a fourth
 * faster, ends up in Node's own zstd where Node exports one (from 22.15), and that is another version. Throws
 * `compression-unsupported` when that optional package is not installed, `interrupted`, and whatever `chunks` throws.
 */
export async function* zstdCompress(chunks: AsyncIterable<LentChunk>, options: ZstdOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
  const { level = 3, signal } = options;
  const { compress } = await loadZstd();
  for await (const { block } of rechunk(chunks, FRAME)) {
    throwIfInterrupted(signal, 'compressing');
    yield compress(block, level);
    // Compression is synchronous: let timers, signals and sockets have their turn.
    await setImmediate();
  }
  throwIfInterrupted(signal, 'compressing');
}

async function loadZstd(): Promise<typeof import('@cloudpss/zstd/wasm')> {
  try {
    return await import('@cloudpss/zstd/wasm');
  } catch (cause) {
    throw new ImgkitError('compression-unsupported', 'Writing zstd needs the package @cloudpss/zstd, which is not installed here; install it, or choose gzip.', {}, { cause });
  }
}
