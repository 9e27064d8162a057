import { jobOutput, jobWindow, type DeflateJob } from './deflate-job.js';
import { isIncompressible } from './incompressible.js';
import { searchOf } from './levels.js';
import { DEFLATE_WASM } from './wasm-base64.js';

/** What ./assembly/index.ts exports. */
interface Compressor {
  readonly memory: { readonly buffer: ArrayBuffer };
  inputAt(): number;
  outputAt(): number;
  storePart(before: number, length: number, last: boolean): number;
  deflatePart(before: number, length: number, last: boolean, depth: number, nice: number, lazy: boolean): number;
}

/** Of the language, but in no types that this project has. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** Up to this level what cannot get smaller is stored, at a tenth of the time; above it nothing is left untried. */
const HIGHEST_HURRIED = 5;

/** Deflate (RFC 1951) with 3 MB of memory of its own. The output depends on the job alone, not on the machine, nor on earlier jobs. */
export class Deflater {
  readonly #compressor: Compressor;
  readonly #memory: Uint8Array;

  constructor() {
    const wasm = new WebAssembly.Module(Buffer.from(DEFLATE_WASM, 'base64'));
    this.#compressor = new WebAssembly.Instance(wasm).exports as Compressor;
    this.#memory = new Uint8Array(this.#compressor.memory.buffer);
  }

  /** Compresses one part in this thread; returns the bytes of output, which stand in the memory of the job. Throws `RangeError` for a level that there is none of. */
  run(job: DeflateJob): number {
    const { memory, before, length, last, level } = job;
    const window = jobWindow(job);
    this.#memory.set(window, this.#compressor.inputAt());
    const { depth, nice, lazy } = searchOf(level);
    const stored = level <= HIGHEST_HURRIED && isIncompressible(window.subarray(before));
    const written = stored ? this.#compressor.storePart(before, length, last) : this.#compressor.deflatePart(before, length, last, depth, nice, lazy);
    const at = this.#compressor.outputAt();
    jobOutput(memory).set(this.#memory.subarray(at, at + written));
    return written;
  }
}
