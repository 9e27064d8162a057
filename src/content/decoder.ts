import type { Limits } from '../limits.js';
import type { Compression } from './compression.js';
import { GunzipDecoder } from './gunzip-decoder.js';
import { prepareGunzip } from './gunzip-engine.js';
import { prepareZstd, ZstdDecoder } from './zstd-decoder.js';

/** Receives decoded bytes. A chunk is only valid during the call: copy what must be kept. */
export type Emit = (chunk: Uint8Array) => void;

/** A synchronous push decompressor for one stream: push every byte, then `end`. After an error it is spent. */
export interface Decoder {
  push(chunk: Uint8Array, emit: Emit): void;
  /** Proves that the stream is complete. Throws `compression-malformed` when it is cut short. */
  end(emit: Emit): void;
  /** Frees native memory; needed after errors too. Safe to call twice. */
  close(): void;
}

/** What a decoder must know of its stream. */
export interface DecoderOptions {
  /** As the user named it; used in errors. */
  readonly name: string;
  readonly limits: Limits;
  /**
   * Memory for the next decoded bytes, one or more, asked for again and again: a decoder that can writes there, and emits what it
   * wrote; others emit memory of their own. Default: one buffer that is used again and again.
   */
  readonly space?: (() => Buffer) | undefined;
}

/** Loads what {@link createDecoder} needs. Cheap when done before. */
export async function prepareDecoder(compression: Compression): Promise<void> {
  if (compression === 'zstd') await prepareZstd();
  if (compression === 'gzip') await prepareGunzip();
}

/**
 * A decoder for `compression`; needs {@link prepareDecoder} first. It throws `compression-malformed` on damage,
 * truncation and trailing garbage (zero bytes after gzip are padding), `limit-exceeded` on bombs. The caller closes it.
 */
export function createDecoder(compression: Exclude<Compression, 'none'>, options: DecoderOptions): Decoder {
  return compression === 'gzip' ? new GunzipDecoder(options) : new ZstdDecoder(options);
}
