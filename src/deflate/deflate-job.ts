/** Deflate looks back this far (RFC 1951, 2). */
export const WINDOW_BYTES = 32 * 1024;
/** Input bytes of one part; assembly/memory.ts has room for no more. */
export const PART_BYTES = 1024 * 1024;
/** What does not get smaller is stored, with 5 bytes for each 48 KiB at most. */
const ROOM = 4096;

/** One part of a stream, to be compressed. Fit for `postMessage`. */
export interface DeflateJob {
  readonly memory: SharedArrayBuffer;
  /** Bytes of input. */
  readonly length: number;
  /** How many bytes ahead of the input are what came before it. */
  readonly before: number;
  /** Ends the stream. Without it the output ends with a whole byte, and another part follows. */
  readonly last: boolean;
  readonly level: number;
}

/** For one part at a time. */
export function createJobMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(WINDOW_BYTES + 2 * PART_BYTES + ROOM);
}

/** Where the input goes; what came before it stands right ahead of it. */
export function jobInput(memory: SharedArrayBuffer): Buffer {
  return Buffer.from(memory, WINDOW_BYTES, PART_BYTES);
}

/** The last bytes of `previous`, put ahead of the input; returns how many. */
export function setBefore(memory: SharedArrayBuffer, previous: Uint8Array): number {
  const tail = previous.subarray(-WINDOW_BYTES);
  new Uint8Array(memory, WINDOW_BYTES - tail.length, tail.length).set(tail);
  return tail.length;
}

/** Input with what came before it. */
export function jobWindow({ memory, before, length }: DeflateJob): Uint8Array {
  return new Uint8Array(memory, WINDOW_BYTES - before, before + length);
}

/** Where the output goes, which does not touch the input: the next part may still need that. */
export function jobOutput(memory: SharedArrayBuffer, length?: number): Buffer {
  return Buffer.from(memory, WINDOW_BYTES + PART_BYTES, length ?? PART_BYTES + ROOM);
}
