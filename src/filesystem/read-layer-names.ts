import { readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { FileRange } from '../content/byte-source.js';
import { endsEarly } from '../content/handle-source.js';
import { throwIfInterrupted } from '../content/interrupted.js';
import { fromSystemError } from '../errors.js';
import { inFile } from '../image/in-file.js';
import { TarScanner } from '../tar/tar-scanner.js';
import { sizeMismatch } from '../content/verified-read.js';
import type { ImageLayer, ReadLayerOptions } from './image-layer.js';
import { LayerChanges } from './layer-changes.js';

/** A page: the disk gives no less. */
const SMALLEST = 4 * 1024;
const LARGEST = 1024 * 1024;
/** Reads between two looks at what else there is to do. */
const AT_ONCE = 1024;

/** What a layer does, and how much of it was read to learn that. */
export interface LayerNames {
  readonly changes: LayerChanges;
  /** Bytes that were read. */
  readonly bytes: number;
}

/**
 * What the uncompressed `layer`, which lies at `input` in a local file, does, from its headers alone: bodies are passed over, so
 * **nothing is proven** but the form of the headers. For layers of which two images say that they are the same one. Throws
 * `tar-malformed`, `tar-truncated`, `limit-exceeded`, `size-mismatch`, `io-failed`, `interrupted`.
 */
export async function readLayerNames({ name, number, descriptor }: ImageLayer, input: FileRange, { limits, signal }: ReadLayerOptions): Promise<LayerNames> {
  const changes = new LayerChanges(number, name);
  const scanner = new TarScanner({ file: name, mode: 'layer', limits, onEntry: (entry) => { changes.add(entry); } });
  const window = Buffer.allocUnsafeSlow(LARGEST);
  const { size } = descriptor;
  let [bytes, reads, span] = [0, 0, SMALLEST];
  try {
    if (input.length !== size) throw sizeMismatch(descriptor, String(input.length));
    for (let at = 0; at < size; reads++) {
      if (reads % AT_ONCE === 0) await setImmediate();
      throwIfInterrupted(signal, `reading ${name}`);
      const count = readAt(input, window.subarray(0, Math.min(span, size - at)), at, name);
      scanner.push(window.subarray(0, count));
      const skipped = scanner.skip(size - at - count);
      at += count + skipped;
      bytes += count;
      span = skipped > 0 ? SMALLEST : Math.min(span * 2, LARGEST);
    }
    scanner.end();
  } catch (error) {
    throw inFile(error, name.slice(0, -descriptor.digest.length - 2));
  }
  return { changes, bytes };
}

function readAt(input: FileRange, into: Buffer, at: number, name: string): number {
  let count: number;
  try {
    count = readSync(input.fd, into, 0, into.length, input.offset + at);
  } catch (error) {
    throw fromSystemError(error, name, `reading at offset ${at}`);
  }
  if (count === 0) throw endsEarly(name, at, input.length);
  return count;
}
