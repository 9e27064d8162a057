import type { FileRange } from './byte-source.js';
import type { Compression } from './compression.js';
import type { Digest, DigestAlgorithm } from './digest.js';
import type { Limits } from '../limits.js';
import type { SentError } from './blob-pass-message.js';

/** Slots of the ring between a thread and the other side, and their bytes. */
export const SLOTS = 6;
export const SLOT_BYTES = 512 * 1024;
/** Slots, as large, that a reading thread lends what it reads in before it decompresses it. */
export const STORED_SLOTS = 2;

/** Where `free` counts the one kind and the other. */
export const SLOT = 0;
export const STORED_SLOT = 1;

/** What a reading thread is asked for. */
export interface ThreadRead {
  /** For errors. */
  readonly name: string;
  readonly input: FileRange;
  readonly compression: Compression;
  /** Compute this digest of the stored bytes. */
  readonly hashStored: DigestAlgorithm | undefined;
  /** Hand out the stored bytes of a compressed blob, too. */
  readonly lendStored?: boolean | undefined;
  /** Also compute the SHA-256 of the decompressed bytes. */
  readonly hashPlain: boolean;
  readonly limits: Limits;
}

/** What it says: a slot is full, or one of stored bytes, or all is read, or it failed. */
export type ThreadReply =
  | { readonly slot: number; readonly length: number; readonly done: number }
  | { readonly stored: number; readonly length: number }
  | { readonly digest: Digest | undefined; readonly plainDigest: Digest | undefined }
  | { readonly error: SentError };

/** Of one file, to a hashing thread: hash the next bytes of those that the file holds already, this slot next, or that was all. */
export type HashRequest = { readonly hash: number } | { readonly slot: number; readonly length: number } | 'end';

/** A file that joins a hashing thread. */
export interface HashedFile {
  readonly memory: SharedArrayBuffer;
  /** The thread may be asked to read from it. */
  readonly fd: number;
  /** For errors. */
  readonly name: string;
  readonly algorithm: DigestAlgorithm;
}

/** To a hashing thread: this file joins, has work for it, or leaves. */
export interface HashMessage {
  readonly file: number;
  readonly request: HashedFile | HashRequest | 'leave';
}

/** What it says of one file: those are hashed, or the slot is; the digest of everything; or it could not read. */
export type HashReply = { readonly hashed: number } | { readonly freed: number } | { readonly digest: Digest } | { readonly error: SentError };

/** From a hashing thread; the last of a file is that it is left alone. */
export interface HashReplyMessage {
  readonly file: number;
  readonly reply: HashReply | { readonly left: boolean };
}

const CONTROL_BYTES = 64;

/** The views of the memory that both sides share. */
export interface ThreadRing {
  /** Slots that a reading thread may fill, by their kind; it waits while there are none. */
  readonly free: Int32Array;
  slot(number: number): Buffer;
  stored(number: number): Buffer;
}

export function createRingMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(CONTROL_BYTES + (SLOTS + STORED_SLOTS) * SLOT_BYTES);
}

export function viewRing(memory: SharedArrayBuffer): ThreadRing {
  const slot = (number: number): Buffer => Buffer.from(memory, CONTROL_BYTES + number * SLOT_BYTES, SLOT_BYTES);
  return { free: new Int32Array(memory, 0, 2), slot, stored: (number) => slot(SLOTS + number) };
}
