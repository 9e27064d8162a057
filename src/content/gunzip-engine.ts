import { constants, createGunzip, gzipSync } from 'node:zlib';
import type { Emit } from './decoder.js';

/** zlib's gunzip, synchronously: what `write` cannot use (zero bytes after a member) it leaves. Throws zlib's errors. */
export interface GunzipEngine {
  /** Returns the bytes of `slice` that were used. */
  write(slice: Uint8Array, emit: Emit): number;
  /** Throws when the stream is not complete. */
  end(emit: Emit): void;
  close(): void;
}

/** The default chunk of 16 KiB makes zlib three times slower. */
export const OUTPUT = 512 * 1024;

/** What Node keeps below its zlib streams; not documented, so it is tried out before it is used. */
interface Internals {
  readonly _handle: { onerror: (message: string) => void; writeSync(flush: number, input: Uint8Array, at: number, length: number, output: Uint8Array, to: number, room: number): void; close(): void };
  /** Room left in the output, then bytes left in the input. */
  readonly _writeState: Uint32Array;
}

/** Writes into one buffer again and again: the packages allocate one for each piece, and the garbage doubles the memory. */
class HandleEngine implements GunzipEngine {
  readonly #internals = createGunzip() as unknown as Internals;
  readonly #space: () => Buffer;
  #failure: string | undefined;

  constructor(space: () => Buffer = ownSpace(OUTPUT)) {
    this.#space = space;
    this.#internals._handle.onerror = (message) => {
      this.#failure ??= message;
    };
  }

  write(slice: Uint8Array, emit: Emit): number {
    return this.#run(constants.Z_NO_FLUSH, slice, emit);
  }

  end(emit: Emit): void {
    this.#run(constants.Z_FINISH, new Uint8Array(0), emit);
  }

  close(): void {
    this.#internals._handle.close();
  }

  #run(flush: number, slice: Uint8Array, emit: Emit): number {
    const { _handle: handle, _writeState: state } = this.#internals;
    let used = 0;
    for (;;) {
      const output = this.#space();
      handle.writeSync(flush, slice, used, slice.length - used, output, 0, output.length);
      if (this.#failure !== undefined) throw new Error(this.#failure);
      const [room = 0, left = 0] = state;
      if (room < output.length) emit(output.subarray(0, output.length - room));
      used = slice.length - left;
      if (room > 0) return used;
    }
  }
}

function ownSpace(room: number): () => Buffer {
  const output = Buffer.allocUnsafeSlow(room);
  return () => output;
}

let Engine: (new (space?: () => Buffer) => GunzipEngine) | undefined;

/** Chooses the engine, once per thread: Node's own handle where a trial shows that it does what it should, else a package, which is loaded. */
export async function prepareGunzip(): Promise<void> {
  Engine ??= tryHandle() ? HandleEngine : (await import('./gunzip-package.js')).PackageEngine;
}

/** A new engine; {@link prepareGunzip} must have resolved. `space` as in `DecoderOptions`. */
export function createGunzipEngine(space: (() => Buffer) | undefined): GunzipEngine {
  if (Engine === undefined) throw new Error('gunzip was used before prepareGunzip() had resolved.');
  return new Engine(space);
}

/** Of the trial, which every thread makes before its first gzip: with the room of {@link OUTPUT} it would take 8 ms. */
const TRIAL_ROOM = 256;

/** Two members, zero padding and a cut stream, against the documented interface. */
function tryHandle(): boolean {
  const text = Buffer.alloc(TRIAL_ROOM + 100, 'imgkit ');
  const packed = gzipSync(text);
  const cut = new HandleEngine(ownSpace(TRIAL_ROOM));
  try {
    const whole = new HandleEngine(ownSpace(TRIAL_ROOM));
    const found: Buffer[] = [];
    const keep = (chunk: Uint8Array): void => void found.push(Buffer.from(chunk));
    const input = Buffer.concat([packed, packed, new Uint8Array(5)]);
    const used = whole.write(input, keep);
    whole.end(keep);
    whole.close();
    if (used !== 2 * packed.length || !Buffer.concat(found).equals(Buffer.concat([text, text]))) return false;
    cut.write(packed.subarray(0, -1), keep);
  } catch {
    return false;
  }
  try {
    cut.end(() => undefined);
    return false;
  } catch {
    return true;
  } finally {
    cut.close();
  }
}
