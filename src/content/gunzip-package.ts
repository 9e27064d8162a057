import { Gunzip, type ZlibOptions } from 'minizlib';
import type { Emit } from './decoder.js';
import { OUTPUT, type GunzipEngine } from './gunzip-engine.js';

/** zlib through a package that keeps up with Node, for a Node whose own handle is not what it was. */
export class PackageEngine implements GunzipEngine {
  readonly #gunzip = new Gunzip({ chunkSize: OUTPUT } as ZlibOptions);
  #emit: Emit = () => undefined;
  #failure: Error | undefined;

  constructor() {
    this.#gunzip.on('error', (error) => {
      this.#failure ??= error as Error;
    });
    this.#gunzip.on('data', (chunk: Buffer) => this.#emit(chunk));
  }

  write(slice: Uint8Array, emit: Emit): number {
    const before = this.#used();
    this.#emit = emit;
    this.#gunzip.write(Buffer.from(slice.buffer, slice.byteOffset, slice.length));
    this.#check();
    return this.#used() - before;
  }

  end(emit: Emit): void {
    this.#emit = emit;
    this.#gunzip.end();
    this.#check();
  }

  close(): void {
    this.#gunzip.close();
  }

  #used(): number {
    return this.#gunzip.handle?.bytesWritten ?? 0;
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}
