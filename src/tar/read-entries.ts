import type { TarEntry } from './tar-entry.js';
import { TarScanner, type TarScannerOptions, type TarScanResult } from './tar-scanner.js';

/** One entry and its body. What is not read of the body before the next entry is asked for is skipped. */
export interface EntryWithBody {
  readonly entry: TarEntry;
  /** The body's bytes as views of the source's chunks; iterate it once. */
  readonly body: AsyncIterable<Uint8Array>;
}

type Piece = { readonly entry: TarEntry } | { readonly chunk: Uint8Array };

/**
 * The entries of a tar that arrives as a stream, checked as {@link TarScanner} does; returns the scan's result.
 * Everything before a fault is delivered, then its error is thrown. Stopping early closes `source`.
 */
export async function* readEntries(source: AsyncIterable<Uint8Array>, options: Omit<TarScannerOptions, 'onEntry' | 'onBody'>): AsyncGenerator<EntryWithBody, TarScanResult> {
  const pieces = new PieceReader(source, options);
  try {
    for (;;) {
      const piece = await pieces.next();
      if (piece === undefined) return pieces.result as TarScanResult;
      if ('entry' in piece) yield { entry: piece.entry, body: bodyOf(pieces, piece.entry) };
    }
  } finally {
    await pieces.close();
  }
}

async function* bodyOf(pieces: PieceReader, entry: TarEntry): AsyncGenerator<Uint8Array> {
  for (let left = entry.size; left > 0; ) {
    const piece = await pieces.nextChunk(entry);
    if (piece === undefined) return;
    left -= piece.length;
    yield piece;
  }
}

/** Turns the scanner's calls into pieces that are taken one at a time. */
class PieceReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #scanner: TarScanner;
  #pieces: Piece[] = [];
  #taken = 0;
  #current: TarEntry | undefined;
  #failure: { readonly error: unknown } | undefined;
  result: TarScanResult | undefined;

  constructor(source: AsyncIterable<Uint8Array>, options: Omit<TarScannerOptions, 'onEntry' | 'onBody'>) {
    this.#chunks = source[Symbol.asyncIterator]();
    this.#scanner = new TarScanner({
      ...options,
      onEntry: (entry) => { this.#pieces.push({ entry }); },
      onBody: (_entry, chunk) => { this.#pieces.push({ chunk }); },
    });
  }

  async next(): Promise<Piece | undefined> {
    while (this.#taken === this.#pieces.length) {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.result !== undefined) return undefined;
      this.#pieces = [];
      this.#taken = 0;
      const { done, value } = await this.#chunks.next();
      try {
        if (done === true) this.result = this.#scanner.end();
        else this.#scanner.push(value);
      } catch (error) {
        // Pieces before the fault come first, however the bytes were cut into chunks.
        this.#failure = { error };
      }
    }
    const piece = this.#pieces[this.#taken++] as Piece;
    if ('entry' in piece) this.#current = piece.entry;
    return piece;
  }

  /** The next piece of the body of `entry`, undefined when a later entry was taken meanwhile. */
  async nextChunk(entry: TarEntry): Promise<Uint8Array | undefined> {
    if (this.#current !== entry) return undefined;
    const piece = await this.next();
    return piece !== undefined && 'chunk' in piece ? piece.chunk : undefined;
  }

  async close(): Promise<void> {
    if (this.result === undefined) await this.#chunks.return?.();
  }
}
