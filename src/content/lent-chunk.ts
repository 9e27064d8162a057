/**
 * Bytes that are lent until the next are asked for: then their memory is used again, or given back. Every `Uint8Array` may be lent, and no
 * lent one is a `Uint8Array`: so nobody keeps it, asks for another meanwhile, or hands it to one who does, unless by {@link lentBytes}.
 */
export interface LentChunk {
  readonly [Symbol.toStringTag]: 'Uint8Array';
  readonly length: number;
  subarray(start?: number, end?: number): LentChunk;
}

/** Option of a call that lends chunks, or is lent them, where it is wanted. Else they belong to the receiver for good. */
export interface MayLend {
  readonly lent?: boolean | undefined;
}

/** The option for certain. */
export interface Lent extends MayLend {
  readonly lent: true;
}

/** Certainly not. */
export interface Given extends MayLend {
  readonly lent?: false | undefined;
}

/** The bytes of `chunk`, for one who hashes, copies or writes them now: who asks for the next chunk is done with them. */
export function lentBytes(chunk: LentChunk): Uint8Array {
  return chunk as Uint8Array;
}

/** A copy of `chunk` that stays. */
export function own(chunk: LentChunk): Buffer {
  return Buffer.from(lentBytes(chunk));
}
