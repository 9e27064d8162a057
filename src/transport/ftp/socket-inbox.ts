import type { OnReadOpts, Socket } from 'node:net';
import { ImgkitError } from '../../errors.js';

/** Memory is taken in blocks of this size, and given to the consumer without a copy. The first is small: most of what is sent is too. */
const BLOCK = 256 * 1024;
const FIRST_BLOCK = 64 * 1024;
/** With less than this left in a block, another one is begun: a record of TLS holds 16 KiB. */
const LEAST_ROOM = 16 * 1024;
/** Kept back while the consumer works, at most; then the window closes and the server waits. */
const HELD = 1024 * 1024;
/** Enough to be given on at once. */
const BATCH = 192 * 1024;

/** How the bytes are to be given out. */
export interface InboxOptions {
  /** Milliseconds. */
  readonly idle: number;
  /** The server, for errors. */
  readonly origin: string;
  /** A chunk is the consumer's only until it asks for the next. */
  readonly passing: boolean;
}

/** A part of a block that was not given on yet. */
interface Piece {
  readonly bytes: Buffer;
  /** The block, when nothing of it is behind this part. */
  readonly done?: Buffer;
}

/**
 * What arrives at a socket, read by the system into memory that becomes the consumer's. Made before its socket, which is opened with
 * `onread: inbox.onread`; used once the socket is there. Nothing is read while too much is held back.
 */
export class SocketInbox {
  readonly onread: OnReadOpts;
  #block: Buffer = Buffer.alloc(0);
  /** Where in the block begins what was not given on, and where it ends. */
  #start = 0;
  #end = 0;
  #full: Piece[] = [];
  /** Blocks that nobody holds any more. */
  readonly #spare: Buffer[] = [];
  #size = 0;
  #soon = false;
  #discarding = false;
  #wake = (): void => undefined;

  constructor() {
    this.onread = { buffer: () => this.#room(), callback: (count) => this.#took(count) };
  }

  /** Reads and forgets everything, for who only sends. */
  discard(socket: Socket): void {
    this.#discarding = true;
    socket.resume();
  }

  /**
   * Chunks of up to 256 KiB until the server ends the connection; with `passing`, the memory of one is used again when the next is asked for.
   * Throws the socket's error, or `network-timeout` after `idle` milliseconds without a byte; the time that the consumer takes does not
   * count. Does not close the socket.
   */
  async *chunks(socket: Socket, { idle, origin, passing }: InboxOptions): AsyncGenerator<Uint8Array, void, undefined> {
    const onEnd = (): void => this.#wake();
    socket.on('end', onEnd).on('close', onEnd);
    try {
      for (;;) {
        const piece = this.#take();
        if (piece !== undefined) {
          if (piece.bytes.length > 0) yield piece.bytes;
          if (passing && piece.done?.length === BLOCK) this.#spare.push(piece.done);
        } else if (socket.errored !== null) {
          throw socket.errored;
        } else if (socket.readableEnded || socket.destroyed) {
          return;
        } else {
          socket.resume();
          await new Promise<void>((resolve, reject) => {
            const timer = setTimeout(() => reject(silent(origin, idle)), idle);
            this.#wake = () => {
              clearTimeout(timer);
              resolve();
            };
          });
        }
      }
    } finally {
      socket.removeListener('end', onEnd).removeListener('close', onEnd);
    }
  }

  /** Where the next bytes go. */
  #room(): Uint8Array {
    if (this.#block.length - this.#end < LEAST_ROOM) {
      this.#full.push({ bytes: this.#block.subarray(this.#start, this.#end), done: this.#block });
      this.#block = this.#block.length === 0 ? Buffer.allocUnsafeSlow(FIRST_BLOCK) : this.#spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK);
      this.#start = this.#end = 0;
    }
    return this.#block.subarray(this.#end);
  }

  /** Counts what came; false stops reading. */
  #took(count: number): boolean {
    if (this.#discarding) return true;
    this.#end += count;
    this.#size += count;
    if (this.#size >= BATCH) this.#wake();
    else if (!this.#soon) this.#wakeSoon();
    return this.#size < HELD;
  }

  /** When nothing else comes at the moment: records of TLS hold 16 KiB, and a consumer's step costs more than those. */
  #wakeSoon(): void {
    this.#soon = true;
    const seen = this.#size;
    setImmediate(() => {
      this.#soon = false;
      if (this.#size > seen && this.#size < BATCH) this.#wakeSoon();
      else this.#wake();
    });
  }

  #take(): Piece | undefined {
    let piece = this.#full.shift();
    if (piece === undefined && this.#end > this.#start) {
      piece = { bytes: this.#block.subarray(this.#start, this.#end) };
      this.#start = this.#end;
    }
    this.#size -= piece?.bytes.length ?? 0;
    return piece;
  }
}

/** `network-timeout` of a server that neither sends nor takes anything. */
export function silent(origin: string, idle: number): ImgkitError {
  return new ImgkitError('network-timeout', `${origin} was silent for ${idle / 1000} s; run it again, or raise the idle time-out.`, { file: origin });
}
