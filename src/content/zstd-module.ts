import { ZSTDDecoder } from 'zstddec/stream';
import type { ZstdWasm } from './zstd-wasm.js';

/** The package's own streaming loop ignores error codes (and then never ends), so only its module is taken. */
class ModuleLoader extends ZSTDDecoder {
  /** Called without `this`. */
  override _init(result: Parameters<ZSTDDecoder['_init']>[0]): void {
    // The module calls back into the package when its memory grows.
    super._init(result);
    // Node's types have no WebAssembly namespace.
    compiled = (result as { readonly instance: { readonly exports: ZstdWasm } }).instance.exports;
  }
}

let compiled: ZstdWasm | undefined;

/** Compiles zstd (about 40 ms). A module of its own: it is large, and most images hold no zstd. */
export async function compileZstd(): Promise<ZstdWasm> {
  await new ModuleLoader().init();
  return compiled as ZstdWasm;
}
