/** The compressor of ./assembly as WebAssembly, in base64. Made when the project is built (build-deflate.mjs). */
export declare const DEFLATE_WASM: string;
