import type { ByteRange, ByteSource } from '../content/byte-source.js';
import { endsEarly } from '../content/handle-source.js';
import { throwIfInterrupted } from '../content/interrupted.js';
import type { LentChunk } from '../content/lent-chunk.js';
import type { Transport } from './transport.js';

const SMALLEST = 64 * 1024;
const LARGEST = 1024 * 1024;
const WINDOWS = 8;

interface Window {
  readonly start: number;
  readonly end: number;
  readonly bytes: Promise<Uint8Array>;
}

export interface RemoteSourceOptions {
  /** For people. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
  readonly version?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A remote file as a {@link ByteSource}, by ranges: small reads come out of windows of 64 KiB, which grow to 1 MiB while reads follow each
 * other and are kept, eight of them; large ones and streams go to the host as they are. Every request insists on `version`, so bytes of
 * two versions never mix. Nothing here is in a local file (`locate` is undefined). Closing it closes the transport.
 */
export function remoteSource(transport: Transport, options: RemoteSourceOptions): ByteSource {
  return new RemoteSource(transport, options);
}

class RemoteSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #transport: Transport;
  readonly #options: RemoteSourceOptions;
  /** The one used last comes last. */
  #windows: readonly Window[] = [];
  #span = SMALLEST;
  #last = -1;

  constructor(transport: Transport, options: RemoteSourceOptions) {
    this.name = options.name;
    this.size = options.size;
    this.#transport = transport;
    this.#options = options;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    this.#check({ offset, length });
    if (length === 0) return new Uint8Array();
    if (length > LARGEST) return this.#fetch(offset, length);
    const window = this.#windows.find(({ start, end }) => start <= offset && offset + length <= end) ?? this.#open(offset, length);
    this.#windows = [...this.#windows.filter((other) => other !== window), window].slice(-WINDOWS);
    const bytes = await window.bytes;
    // A copy: receivers may change theirs, and a view would keep the whole window.
    return bytes.slice(offset - window.start, offset - window.start + length);
  }

  async *stream(range: ByteRange = { offset: 0, length: this.size }, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    this.#check(range);
    if (range.length <= SMALLEST) {
      yield await this.read(range.offset, range.length);
      return;
    }
    yield* this.#limited(this.#transport.read(this.#options.path, this.#ask(range, signal)), signal);
  }

  async *lend(range: ByteRange = { offset: 0, length: this.size }, signal?: AbortSignal): AsyncGenerator<LentChunk> {
    this.#check(range);
    if (range.length <= SMALLEST) yield await this.read(range.offset, range.length);
    else yield* this.#limited(this.#transport.read(this.#options.path, { ...this.#ask(range, signal), lent: true }), signal);
  }

  locate(): undefined {
    return undefined;
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  #open(offset: number, length: number): Window {
    const gap = offset - this.#last;
    this.#span = this.#last >= 0 && gap >= 0 && gap < SMALLEST ? Math.min(this.#span * 2, LARGEST) : SMALLEST;
    const end = Math.min(offset + Math.max(this.#span, length), this.size);
    this.#last = end;
    const window = { start: offset, end, bytes: this.#fetch(offset, end - offset) };
    // A failed window answers those who wait for it; the next reader asks again.
    window.bytes.catch(() => {
      this.#windows = this.#windows.filter((other) => other !== window);
    });
    return window;
  }

  #ask(range: ByteRange, signal: AbortSignal | undefined): ByteRange & Pick<RemoteSourceOptions, 'version' | 'signal'> {
    const { version } = this.#options;
    return { ...range, version, signal: signal ?? this.#options.signal };
  }

  async *#limited<Chunk extends LentChunk>(chunks: AsyncIterable<Chunk>, signal: AbortSignal | undefined): AsyncGenerator<Chunk> {
    for await (const chunk of chunks) {
      throwIfInterrupted(signal, `reading ${this.name}`);
      for (let at = 0; at < chunk.length; at += LARGEST) yield chunk.subarray(at, at + LARGEST) as Chunk;
    }
  }

  async #fetch(offset: number, length: number): Promise<Uint8Array> {
    const { path, version, signal } = this.#options;
    const bytes = Buffer.allocUnsafeSlow(length);
    let filled = 0;
    for await (const chunk of this.#transport.read(path, { offset, length, version, signal })) {
      if (filled + chunk.length > length) break;
      bytes.set(chunk, filled);
      filled += chunk.length;
    }
    if (filled !== length) throw endsEarly(this.name, offset + filled, offset + length);
    return bytes;
  }

  #check({ offset, length }: ByteRange): void {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) throw new RangeError(`${this.name}: ${length} bytes at ${offset} is not a range.`);
    if (offset + length > this.size) throw endsEarly(this.name, this.size, offset + length);
  }
}
