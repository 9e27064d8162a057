import type { OnReadOpts, Socket } from 'node:net';
import { ImgkitError } from '../../errors.js';

/** Memory is taken in blocks of this size, and given to the consumer without a copy. The first is small: most of what is sent is too. */
const BLOCK = 512 * 1024;
const FIRST_BLOCK = 64 * 1024;
/** With less than this left in a block, another one is begun: a record of TLS holds 16 KiB. */
const LEAST_ROOM = 16 * 1024;
/** Kept back while the consumer works, at most; then the window closes and the server waits. */
const HELD = 1024 * 1024;
/** What does not fill a block is given on when nothing more came for so long, milliseconds: a consumer's step costs more than a record. */
const LULL = 5;

/** How the bytes are to be given out. */
export interface InboxOptions {
  /** Milliseconds. */
  readonly idle: number;
  /** The server, for errors. */
  readonly origin: string;
  /** Chunks are lent. */
  readonly lent: boolean;
}

/** Memory, and what is left of it behind 0, 16, 32 ... KiB: such a view costs as much as the record, and full records end at the same places. */
interface Block {
  readonly bytes: Buffer;
  readonly rooms: Buffer[];
}

/** A part of a block that was not given on yet. */
interface Piece {
  readonly bytes: Buffer;
  /** The block, when nothing of it is behind this part. */
  readonly done?: Block;
}

/**
 * What arrives at a socket, read by the system into memory that becomes the consumer's. Made before its socket, which is opened with
 * `onread: inbox.onread`; used once the socket is there. Nothing is read while too much is held back.
 */
export class SocketInbox {
  readonly onread: OnReadOpts;
  #block: Block = newBlock(0);
  /** Where in the block begins what was not given on, and where it ends. */
  #start = 0;
  #end = 0;
  #full: Piece[] = [];
  /** Blocks that nobody holds any more. */
  readonly #spare: Block[] = [];
  /** Bytes held, and all that came. */
  #size = 0;
  #received = 0;
  #lull: NodeJS.Timeout | undefined;
  #quiet = false;
  #discarding = false;
  #wake = (): void => undefined;
  #fail = (_error: Error): void => undefined;

  constructor() {
    this.onread = { buffer: () => this.#room(), callback: (count) => this.#took(count) };
  }

  /** Reads and forgets everything, for who only sends. */
  discard(socket: Socket): void {
    this.#discarding = true;
    socket.resume();
  }

  /**
   * Chunks of up to 512 KiB until the server ends the connection; with `lent`, the memory of one is used again when the next is asked for.
   * Throws the socket's error, or `network-timeout` after `idle` milliseconds without a byte; the time that the consumer takes does not
   * count. Does not close the socket.
   */
  async *chunks(socket: Socket, { idle, origin, lent }: InboxOptions): AsyncGenerator<Uint8Array, void, undefined> {
    const onEnd = (): void => this.#wake();
    socket.on('end', onEnd).on('close', onEnd);
    const patience = setTimeout(() => this.#fail(silent(origin, idle)), idle);
    try {
      for (;;) {
        const over = socket.readableEnded || socket.destroyed;
        const piece = this.#full.shift() ?? (this.#quiet || over ? this.#begun() : undefined);
        if (piece !== undefined) {
          this.#size -= piece.bytes.length;
          if (piece.bytes.length > 0) yield piece.bytes;
          if (lent && piece.done?.bytes.length === BLOCK) this.#spare.push(piece.done);
        } else if (socket.errored !== null) {
          throw socket.errored;
        } else if (over) {
          return;
        } else {
          socket.resume();
          patience.refresh();
          await new Promise<void>((resolve, reject) => {
            this.#wake = resolve;
            this.#fail = reject;
          });
        }
      }
    } finally {
      clearTimeout(patience);
      clearTimeout(this.#lull);
      socket.removeListener('end', onEnd).removeListener('close', onEnd);
    }
  }

  /** Where the next bytes go. */
  #room(): Uint8Array {
    if (this.#isFull()) {
      this.#full.push({ bytes: this.#block.bytes.subarray(this.#start, this.#end), done: this.#block });
      this.#block = this.#block.bytes.length === 0 ? newBlock(FIRST_BLOCK) : this.#spare.pop() ?? newBlock(BLOCK);
      this.#start = this.#end = 0;
    }
    const { bytes, rooms } = this.#block;
    return this.#end % LEAST_ROOM === 0 ? rooms[this.#end / LEAST_ROOM] ??= bytes.subarray(this.#end) : bytes.subarray(this.#end);
  }

  #isFull(): boolean {
    return this.#block.bytes.length - this.#end < LEAST_ROOM;
  }

  /** Counts what came; false stops reading. */
  #took(count: number): boolean {
    if (this.#discarding) return true;
    this.#end += count;
    this.#size += count;
    this.#received += count;
    this.#quiet = false;
    if (this.#isFull()) this.#wake();
    this.#lull ??= this.#awaitLull();
    return this.#size < HELD;
  }

  /** Until nothing more came for a while. One timer for many arrivals: to set one for each costs more than the records. */
  #awaitLull(): NodeJS.Timeout {
    let seen = this.#received;
    const timer = setTimeout(() => {
      if (this.#received > seen) {
        seen = this.#received;
        timer.refresh();
        return;
      }
      this.#lull = undefined;
      this.#quiet = true;
      this.#wake();
    }, LULL);
    return timer;
  }

  /** What came into the block that is not full yet. */
  #begun(): Piece | undefined {
    if (this.#end === this.#start) return undefined;
    const piece = { bytes: this.#block.bytes.subarray(this.#start, this.#end) };
    this.#start = this.#end;
    return piece;
  }
}

function newBlock(size: number): Block {
  return { bytes: Buffer.allocUnsafeSlow(size), rooms: [] };
}

/** `network-timeout` of a server that neither sends nor takes anything. */
export function silent(origin: string, idle: number): ImgkitError {
  return new ImgkitError('network-timeout', `${origin} was silent for ${idle / 1000} s; run it again, or raise the idle time-out.`, { file: origin });
}
