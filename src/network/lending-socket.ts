import type { OnReadOpts, Socket } from 'node:net';
import { keepAlert } from './keep-alert.js';
import { awaitAnswer } from './late-answer.js';
import { spareParser } from './spare-parser.js';

/** Memory is taken in blocks of this size: about as much as a system hands over at once from a busy connection. */
const BLOCK = 512 * 1024;
/** With less than this left in a block, another one is begun: a record of TLS holds 16 KiB. */
const LEAST_ROOM = 16 * 1024;

/** Bytes that wait in the socket. */
interface Piece {
  readonly bytes: Buffer;
  /** Where they are. */
  readonly block: Buffer;
}

/**
 * The memory that one socket reads into. Left to itself Node takes 64 KiB anew for each read, and `read()` joins what waits in new memory
 * again: of a large body, that takes longer than all the rest.
 *
 * Instead, the socket's `read()` gives what came piece by piece, and lends it: the bytes stay until it is called again, and then until
 * another block is full. So of a head that comes in parts a parser may keep the parts, which are 16 KiB at most.
 */
export class LendingSocket {
  readonly onread: OnReadOpts = { buffer: () => this.#room(), callback: (count) => this.#took(count) };
  #socket: Socket | undefined;
  #block: Buffer = Buffer.alloc(0);
  /** Where in the block the next bytes go. */
  #end = 0;
  readonly #spare: Buffer[] = [];
  readonly #waiting: Piece[] = [];
  /** What the last `read()` gave. */
  #given: Piece | undefined;

  /** Changes how `socket`, which was opened with {@link onread}, is read. */
  attach(socket: Socket): void {
    const { read, unshift } = socket;
    socket.read = (size?: number): unknown => {
      // So Node asks itself, for nothing.
      if (size !== undefined) return read.call(socket, size) as unknown;
      this.#takeBack();
      this.#given = this.#waiting.shift();
      return read.call(socket, this.#given?.bytes.length) as unknown;
    };
    socket.unshift = (rest: Buffer): void => {
      if (rest.length === 0) return;
      this.#waiting.unshift({ bytes: rest, block: this.#given?.block ?? rest });
      this.#given = undefined;
      unshift.call(socket, rest);
    };
    keepAlert(socket);
    awaitAnswer(socket);
    spareParser(socket, () => this.#given !== undefined || this.#waiting.length > 0);
    this.#socket = socket;
    // What came along with the end of the handshake.
    for (const { bytes } of this.#waiting) socket.push(bytes);
  }

  #room(): Uint8Array {
    if (this.#block.length - this.#end < LEAST_ROOM) {
      this.#block = this.#spare.shift() ?? Buffer.allocUnsafeSlow(BLOCK);
      this.#end = 0;
    }
    return this.#block.subarray(this.#end);
  }

  /** Takes in what came; false stops it until there is room again. */
  #took(length: number): boolean {
    const bytes = this.#block.subarray(this.#end, this.#end + length);
    this.#end += length;
    this.#waiting.push({ bytes, block: this.#block });
    return this.#socket?.push(bytes) ?? false;
  }

  /** Uses the block of what was given again, when nothing else of it waits or is to come. */
  #takeBack(): void {
    const block = this.#given?.block;
    if (block?.length === BLOCK && block !== this.#block && block !== this.#waiting[0]?.block) this.#spare.push(block);
  }
}
