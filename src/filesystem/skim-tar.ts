import { setImmediate } from 'node:timers/promises';
import type { FileRange } from '../content/byte-source.js';
import { endsEarly } from '../content/handle-source.js';
import { throwIfInterrupted } from '../content/interrupted.js';
import { readAtSync } from '../content/read-at-sync.js';
import type { TarScanner } from '../tar/tar-scanner.js';

/** A page: the disk gives no less. */
const SMALLEST = 4 * 1024;
const LARGEST = 1024 * 1024;
/** Reads between two looks at what else there is to do. */
const AT_ONCE = 1024;

export interface SkimOptions {
  /** As the user named it; for errors. */
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
  /** How far it is, in bytes of the tar. */
  readonly onBytes?: ((done: number) => void) | undefined;
}

/**
 * Pushes the tar at `input` in a local file through `scanner`, from header to header: bodies that nobody receives are passed over.
 * Resolves with the bytes that were read; the caller ends the scanner. Throws `tar-malformed`, `tar-truncated`, `limit-exceeded`,
 * `io-failed`, `interrupted`.
 */
export async function skimTar(input: FileRange, scanner: TarScanner, { name, signal, onBytes }: SkimOptions): Promise<number> {
  const window = Buffer.allocUnsafeSlow(LARGEST);
  const { length: size } = input;
  let [bytes, reads, span] = [0, 0, SMALLEST];
  for (let at = 0; at < size; reads++) {
    if (reads % AT_ONCE === 0) {
      await setImmediate();
      onBytes?.(at);
    }
    throwIfInterrupted(signal, `reading ${name}`);
    const count = readAtSync(input.fd, window, Math.min(span, size - at), input.offset + at, name);
    if (count === 0) throw endsEarly(name, at, size);
    scanner.push(window.subarray(0, count));
    const skipped = scanner.skip(size - at - count);
    at += count + skipped;
    bytes += count;
    // Small bodies, one after the other, are read through faster than they are passed over.
    span = skipped > 0 ? SMALLEST : Math.min(span * 2, LARGEST);
  }
  onBytes?.(size);
  return bytes;
}
