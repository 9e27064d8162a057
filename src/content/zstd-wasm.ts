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

let loaded: ZstdWasm | undefined;

/** Compiles the module, once per thread. */
export async function loadZstdWasm(): Promise<void> {
  loaded ??= await (await import('./zstd-module.js')).compileZstd();
}

/** The module; {@link loadZstdWasm} must have resolved. */
export function zstdWasm(): ZstdWasm {
  if (loaded === undefined) throw new Error('zstd was used before loadZstdWasm() had resolved.');
  return loaded;
}
