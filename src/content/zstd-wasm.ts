import { ZSTDDecoder } from 'zstddec/stream';

/** The part of zstd's C interface that decoding needs; pointers are byte offsets into `memory`. */
export interface ZstdWasm {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(size: number): number;
  free(pointer: number): void;
  ZSTD_createDCtx(): number;
  ZSTD_freeDCtx(context: number): number;
  /** `output` and `input` point to {pointer, size, position}. Returns 0 at a frame's end, or an error above 2^32 - 120. */
  ZSTD_decompressStream(context: number, output: number, input: number): number;
}

/** The package's own streaming loop ignores error codes (and then never ends), so only its module is taken. */
class ModuleLoader extends ZSTDDecoder {
  override _init(result: Parameters<ZSTDDecoder['_init']>[0]): void {
    // The module calls back into the package when its memory grows.
    super._init(result);
    // Node's types have no WebAssembly namespace.
    loaded = (result as { readonly instance: { readonly exports: ZstdWasm } }).instance.exports;
  }
}

let loaded: ZstdWasm | undefined;

/** Compiles the module, once per thread (about 40 ms). */
export async function loadZstdWasm(): Promise<void> {
  if (loaded === undefined) await new ModuleLoader().init();
}

/** The module; {@link loadZstdWasm} must have resolved. */
export function zstdWasm(): ZstdWasm {
  if (loaded === undefined) throw new Error('zstd was used before loadZstdWasm() had resolved.');
  return loaded;
}
