import type { Limits } from '../limits.js';
import { asBuffer, BLOCK, firstNonZero, paddingOf } from './block.js';
import { EntryAssembler } from './entry-assembler.js';
import { malformed, SHORT, truncated } from './fault.js';
import type { TarEntry, TarMode } from './tar-entry.js';
import { UniqueNames } from './unique-names.js';

export interface TarScannerOptions {
  /** As the user named it; used in errors. */
  readonly file: string;
  readonly mode: TarMode;
  readonly limits: Limits;
  /** Called for each entry once its headers are read, before its body. */
  readonly onEntry?: ((entry: TarEntry) => void) | undefined;
  /** Called with each piece of a body: a view of the pushed chunk. Without it bodies are skipped by counting. */
  readonly onBody?: ((entry: TarEntry, chunk: Uint8Array) => void) | undefined;
}

export interface TarScanResult {
  readonly entries: number;
  /** Bytes pushed. */
  readonly size: number;
  /** Legal oddities, one sentence each (a missing end marker in a layer). */
  readonly notes: readonly string[];
}

/**
 * A strict push parser for tar (POSIX.1-2001 pax, ustar, old GNU, v7): synchronous, without copying bodies.
 * Push every byte, then call {@link end}. After an error it is spent.
 */
export class TarScanner {
  readonly #options: TarScannerOptions;
  readonly #assembler: EntryAssembler;
  readonly #names: UniqueNames | undefined;
  /** File offset of the next byte to take. */
  #offset = 0;
  /** A block or an extension body that a chunk holds only the beginning of. */
  #carry: Buffer | undefined;
  #carried = 0;
  /** Body bytes left to hand out, then bytes left to skip. */
  #body = 0;
  #skip = 0;
  #entry: TarEntry | undefined;
  #zeroBlocks = 0;

  constructor(options: TarScannerOptions) {
    this.#options = options;
    this.#assembler = new EntryAssembler(options.file, options.mode, options.limits);
    this.#names = options.mode === 'archive' ? new UniqueNames(options.file) : undefined;
  }

  /** Takes the next bytes of the tar. Throws `tar-malformed` or `limit-exceeded` at the first wrong header. */
  push(chunk: Uint8Array): void {
    const bytes = asBuffer(chunk);
    const { length } = bytes;
    const start = this.#offset;
    let at = 0;
    while (at < length) {
      if (this.#body > 0) {
        const end = Math.min(at + this.#body, length);
        this.#options.onBody?.(this.#entry as TarEntry, chunk.subarray(at, end));
        this.#body -= end - at;
        at = end;
      } else if (this.#skip > 0) {
        const count = Math.min(this.#skip, length - at);
        this.#skip -= count;
        at += count;
      } else if (this.#zeroBlocks === 2) {
        const wrong = firstNonZero(bytes, at);
        if (wrong !== -1) throw malformed({ file: this.#options.file, offset: start + wrong }, 'there is data after the end-of-archive marker');
        at = length;
      } else {
        const needed = this.#assembler.awaits === 'extension' ? this.#assembler.extensionSize : BLOCK;
        if (this.#carry === undefined && length - at >= needed) {
          this.#unit(bytes, at, needed, start + at);
          at += needed;
        } else at += this.#collect(bytes, at, needed, start + at);
      }
    }
    this.#offset = start + length;
  }

  /**
   * Passes over what need not be looked at next, at most `most` bytes: the rest of a body nobody receives. Returns how many bytes
   * the caller leaves out; the next push is what comes after them.
   */
  skip(most: number): number {
    const count = Math.min(this.#skip, most);
    this.#skip -= count;
    this.#offset += count;
    return count;
  }

  /**
   * Ends the tar. Throws `tar-truncated` inside a header or a body and, in mode `archive`, when the end marker of
   * two zero blocks is missing; in mode `layer` that, and an end right after a body, is a note.
   */
  end(): TarScanResult {
    const { file, mode } = this.#options;
    const offset = this.#offset;
    const open = this.#entry;
    const left = this.#body + this.#skip;
    // umoci insert ends its layers right after the last body: nothing of an entry is missing, and every reader takes them.
    const unpadded = mode === 'layer' && open !== undefined && this.#body === 0 && this.#skip === paddingOf(open.size);
    if (left > 0 && !unpadded) throw truncated({ file, offset, entry: open?.path }, `the file ends ${left} bytes before the end of the entry that starts at offset ${open?.headerOffset ?? 0}`);
    if (this.#carry !== undefined) throw truncated({ file, offset }, offset < BLOCK ? SHORT : 'the file ends inside a header');
    if (this.#assembler.openSince !== -1) throw truncated({ file, offset: this.#assembler.openSince }, 'the file ends before the entry that an extension header announces');
    const notes: string[] = [];
    if (left > 0) notes.push(`At offset ${offset} the padding after the last entry is missing.`);
    if (this.#zeroBlocks < 2) {
      const found = this.#zeroBlocks === 0 ? 'there is no end-of-archive marker' : 'the end-of-archive marker has one zero block instead of two';
      if (mode === 'archive') throw truncated({ file, offset }, found);
      notes.push(`At offset ${offset} ${found}.`);
    }
    this.#names?.finish();
    return { entries: this.#assembler.entries, size: offset, notes };
  }

  #collect(bytes: Buffer, at: number, needed: number, offset: number): number {
    this.#carry ??= Buffer.allocUnsafe(needed);
    const count = Math.min(needed - this.#carried, bytes.length - at);
    bytes.copy(this.#carry, this.#carried, at, at + count);
    this.#carried += count;
    if (this.#carried === needed) {
      const whole = this.#carry;
      this.#carry = undefined;
      this.#carried = 0;
      this.#unit(whole, 0, needed, offset + count - needed);
    }
    return count;
  }

  /** Handles one complete block or extension body. */
  #unit(bytes: Buffer, at: number, size: number, offset: number): void {
    switch (this.#assembler.awaits) {
      case 'extension':
        this.#assembler.extension(bytes.subarray(at, at + size));
        this.#skip = paddingOf(size);
        return;
      case 'sparse-map': this.#begin(this.#assembler.sparseMap(bytes, at, offset)); return;
      case 'header': this.#header(bytes, at, offset);
    }
  }

  #header(bytes: Buffer, at: number, offset: number): void {
    const assembler = this.#assembler;
    // An empty name is rare enough that the whole block is looked at only then.
    if (bytes[at] === 0 && firstNonZero(bytes, at, at + BLOCK) === -1) {
      const { file } = this.#options;
      if (assembler.openSince !== -1) throw malformed({ file, offset: assembler.openSince }, 'an extension header is followed by the end-of-archive marker');
      this.#zeroBlocks++;
      return;
    }
    if (this.#zeroBlocks > 0) throw malformed({ file: this.#options.file, offset }, 'a single zero block stands before an entry');
    this.#begin(assembler.header(bytes, at, offset));
  }

  #begin(entry: TarEntry | undefined): void {
    if (entry === undefined) return;
    this.#names?.add(entry);
    this.#entry = entry;
    const { size } = entry;
    if (this.#options.onBody === undefined) this.#skip = size + paddingOf(size);
    else {
      this.#body = size;
      this.#skip = paddingOf(size);
    }
    this.#options.onEntry?.(entry);
  }
}
