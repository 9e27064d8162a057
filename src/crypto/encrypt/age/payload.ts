import { createCipheriv, createDecipheriv } from 'node:crypto';
import { throwIfInterrupted } from '../../../content/interrupted.js';
import { readAhead } from '../../../content/read-ahead.js';
import { releaseMemory } from '../../../content/release-memory.js';
import { wholeUnits } from '../whole-units.js';
import { malformedAge } from './malformed.js';

// C2SP age.md, "Payload": STREAM with ChaCha20-Poly1305 in chunks of 64 KiB.
export const CHUNK = 64 * 1024;
export const TAG = 16;
export const SEALED = CHUNK + TAG;
const AEAD = 'chacha20-poly1305';

export interface PayloadOptions {
  readonly key: Uint8Array;
  /** For errors. */
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
}

/** Encrypts `chunks`. One chunk is always written, an empty one for empty content. Each yielded buffer belongs to the receiver. */
export async function* sealPayload(chunks: AsyncIterable<Uint8Array>, { key, name, signal }: PayloadOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const nonce = new ChunkNonce();
  for await (const { block, last } of wholeUnits(readAhead(chunks), CHUNK)) {
    throwIfInterrupted(signal, `encrypting ${name}`);
    const out = Buffer.allocUnsafeSlow(block.length + Math.max(1, Math.ceil(block.length / CHUNK)) * TAG);
    sealBlock(block, out, key, nonce, last);
    yield out;
  }
}

/** Encrypts the chunks in `block` into `out`; `last`: the content ends with it. Returns the bytes written. */
export function sealBlock(block: Uint8Array, out: Uint8Array, key: Uint8Array, nonce: ChunkNonce, last: boolean): number {
  const count = Math.max(1, Math.ceil(block.length / CHUNK));
  for (let i = 0; i < count; i += 1) {
    const cipher = createCipheriv(AEAD, key, nonce.next(last && i === count - 1), { authTagLength: TAG });
    const sealed = cipher.update(block.subarray(i * CHUNK, (i + 1) * CHUNK));
    cipher.final();
    out.set(sealed, i * SEALED);
    out.set(cipher.getAuthTag(), i * SEALED + sealed.length);
    releaseMemory(sealed);
  }
  return block.length + count * TAG;
}

/**
 * Decrypts `chunks`, yielding only what its tag proved; the whole is proven only when the stream ends without an error.
 * Throws `ciphertext-malformed` for a wrong tag, a cut at any place, an empty last chunk after others, and anything behind
 * the last chunk.
 */
export async function* openPayload(chunks: AsyncIterable<Uint8Array>, { key, name, signal }: PayloadOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const nonce = new ChunkNonce();
  for await (const { block, last } of wholeUnits(readAhead(chunks), SEALED)) {
    throwIfInterrupted(signal, `decrypting ${name}`);
    const out = Buffer.allocUnsafeSlow(block.length);
    const { length, problem } = openBlock(block, out, key, nonce, last);
    if (length > 0) yield out.subarray(0, length);
    if (problem !== undefined) throw malformedAge(name, problem);
  }
}

/** Decrypts the chunks in `block` into `out`: how many proven bytes that gave, and what is wrong with the next chunk, if anything is. */
export function openBlock(block: Uint8Array, out: Uint8Array, key: Uint8Array, nonce: ChunkNonce, last: boolean): { readonly length: number; readonly problem?: string } {
  const count = Math.max(1, Math.ceil(block.length / SEALED));
  let filled = 0;
  for (let i = 0; i < count; i += 1) {
    const { length, problem } = openChunk(block.subarray(i * SEALED, (i + 1) * SEALED), out.subarray(filled), key, nonce, last && i === count - 1);
    filled += length;
    if (problem !== undefined) return { length: filled, problem };
  }
  return { length: filled };
}

/** Decrypts one chunk into `out`: how many proven bytes that gave, and what is wrong, if anything is. */
function openChunk(sealed: Uint8Array, out: Uint8Array, key: Uint8Array, nonce: ChunkNonce, last: boolean): { readonly length: number; readonly problem?: string } {
  const { index } = nonce;
  const length = sealed.length - TAG;
  if (length < 0) return { length: 0, problem: index === 0 ? 'it ends before its content' : `it is cut short in chunk ${index}` };
  if (length === 0 && index > 0) return { length: 0, problem: 'it ends with an empty chunk that does not belong there' };
  if (open(sealed, out, key, nonce.next(last))) return { length };
  // A whole chunk that opens with the other flag is what the sender wrote: something is missing, or too much.
  if (sealed.length === SEALED && open(sealed, out, key, nonce.same(!last))) return { length, problem: last ? `it is cut short after chunk ${index}` : `bytes follow its last chunk, ${index}` };
  return { length: 0, problem: `chunk ${index} (at byte ${index * CHUNK} of the content) does not match its tag` };
}

function open(sealed: Uint8Array, out: Uint8Array, key: Uint8Array, nonce: Uint8Array): boolean {
  const decipher = createDecipheriv(AEAD, key, nonce, { authTagLength: TAG });
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
  const plain = decipher.update(sealed.subarray(0, sealed.length - TAG));
  try {
    decipher.final();
    out.set(plain);
    return true;
  } catch {
    return false;
  } finally {
    releaseMemory(plain);
  }
}

/** Nonces from chunk `index` on: 11 bytes of counter, one that says whether the chunk is the last. */
export class ChunkNonce {
  /** Position of the next chunk. */
  index: number;
  readonly #bytes = Buffer.alloc(12);

  constructor(index = 0) {
    this.index = index;
  }

  next(last: boolean): Uint8Array {
    const nonce = this.#at(this.index, last);
    this.index += 1;
    return nonce;
  }

  /** The nonce of the chunk that `next` gave, with another flag. */
  same(last: boolean): Uint8Array {
    return this.#at(this.index - 1, last);
  }

  #at(index: number, last: boolean): Uint8Array {
    // Safe integers are below 2^53, so five bytes of the counter always stay zero.
    this.#bytes.writeUIntBE(Math.floor(index / 2 ** 32), 3, 4);
    this.#bytes.writeUInt32BE(index >>> 0, 7);
    this.#bytes[11] = last ? 1 : 0;
    return this.#bytes;
  }
}
