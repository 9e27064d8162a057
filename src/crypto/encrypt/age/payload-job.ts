import type { SentError } from '../../../content/blob-pass-message.js';
import type { FileRange } from '../../../content/byte-source.js';
import { CHUNK, SEALED } from './payload.js';

/** Chunks that a thread takes at a time. */
const CHUNKS = 16;

/** What each thread that encrypts or decrypts a payload is started with. */
export interface PayloadJob {
  readonly way: 'seal' | 'open';
  /** For errors: what is read, and what is written. */
  readonly name: string;
  readonly outputName: string;
  readonly input: FileRange;
  readonly output: { readonly fd: number; readonly offset: number };
  readonly key: Uint8Array;
  readonly memory: SharedArrayBuffer;
}

/** What it says in the end: nothing is left, or what is wrong with a block. */
export type PayloadReply = { readonly done: true } | { readonly block: number; readonly error: SentError };

/** What the threads of a payload share. */
export interface PayloadMemory {
  /** The next block to take. */
  readonly next: Int32Array;
  /** Not 0: take no more. */
  readonly stopped: Int32Array;
  /** Bytes of the input done. */
  readonly done: BigInt64Array;
}

export function createPayloadMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(16);
}

export function viewPayloadMemory(buffer: SharedArrayBuffer): PayloadMemory {
  return { done: new BigInt64Array(buffer, 0, 1), next: new Int32Array(buffer, 8, 1), stopped: new Int32Array(buffer, 12, 1) };
}

/** How an input of `length` bytes falls into blocks of whole chunks; there is always one, empty for an empty input. */
export interface PayloadBlocks {
  readonly chunks: number;
  readonly count: number;
  /** Bytes of a whole block in the input and in the output. */
  readonly inputBytes: number;
  readonly outputBytes: number;
}

export function payloadBlocks({ way, input }: Pick<PayloadJob, 'way' | 'input'>): PayloadBlocks {
  const [from, to] = way === 'seal' ? [CHUNK, SEALED] : [SEALED, CHUNK];
  return { chunks: CHUNKS, count: Math.max(1, Math.ceil(input.length / (CHUNKS * from))), inputBytes: CHUNKS * from, outputBytes: CHUNKS * to };
}
